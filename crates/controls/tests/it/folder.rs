//! Where tests find the repository's regimes and the shared real data.

use std::path::{Path, PathBuf};

use concord_controls::problem::LoadError;
use concord_controls::regime::{Regime, RegimeSource};

fn add(source: &mut RegimeSource, root: &Path, folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            add(source, root, &path);
        } else {
            let name = path
                .strip_prefix(root)
                .unwrap()
                .to_str()
                .unwrap()
                .replace('\\', "/");
            source.insert(name, std::fs::read(&path).unwrap());
        }
    }
}

/// The files under `regimes/` of this repository.
pub fn source() -> RegimeSource {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regimes");
    let mut source = RegimeSource::new();
    add(&mut source, &root, &root);
    source
}

/// One regime of this repository; every problem is printed when there is one.
pub fn regime(folder: &str) -> Regime {
    Regime::load(&source(), folder).unwrap_or_else(|LoadError { problems }| {
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        panic!("{}", lines.join("\n"));
    })
}

/// The shared data folder. Absent, a test says so and passes; in CI it fails.
#[allow(
    dead_code,
    clippy::print_stderr,
    reason = "not every test needs it; a test that did not run says so"
)]
pub fn shared_data() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("CONCORD_TEST_DATA") {
        return Some(path.into());
    }
    assert!(
        std::env::var("CI").as_deref() != Ok("true"),
        "CI must set CONCORD_TEST_DATA"
    );
    eprintln!("not run: CONCORD_TEST_DATA is not set, so the shared public cases are not there");
    None
}
