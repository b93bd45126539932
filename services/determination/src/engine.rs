//! Which build of the program decides: part of what every record rests on.

use std::fs::File;
use std::io::{self, Read};
use std::sync::OnceLock;

use sha2::{Digest, Sha256};

/// The name under which the build stands among a record's digests.
pub const NAME: &str = "engine/concord";

static BUILD: OnceLock<Option<String>> = OnceLock::new();

/// Begins to read the program's file, so that the first record need not wait for it.
pub fn begin() {
    let named = std::thread::Builder::new().name("engine-digest".to_owned());
    if named.spawn(build).is_err() {
        tracing::warn!("no thread to read the program's file with: the first record waits for it");
    }
}

/// `sha256:` and the digest of the file that runs, as `sha256sum` prints it; none where the system does not show it.
pub fn build() -> Option<&'static str> {
    let read = || match digest() {
        Ok(digest) => Some(digest),
        Err(error) => {
            tracing::warn!(%error, "the program's own file cannot be read: records do not name the build");
            None
        }
    };
    BUILD.get_or_init(read).as_deref()
}

fn digest() -> io::Result<String> {
    let mut file = File::open(std::env::current_exe()?)?;
    let (mut hash, mut part) = (Sha256::new(), vec![0; 1 << 20]);
    loop {
        match file.read(&mut part)? {
            0 => break,
            read => hash.update(part.get(..read).unwrap_or_default()),
        }
    }
    let hex: String = hash.finalize().iter().map(|b| format!("{b:02x}")).collect();
    Ok(format!("sha256:{hex}"))
}
