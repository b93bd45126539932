//! Where this program keeps lists, logs and keys.

use std::path::PathBuf;

use crate::cli::Global;
use crate::failure::Failure;

/// The data directory: `--data-dir` or `CONCORD__DATA_DIR`, else a per-user directory, which is named on stderr.
///
/// # Errors
/// `NO_DATA_DIR` when neither is given and there is no home directory.
pub fn resolve(global: &Global) -> Result<PathBuf, Failure> {
    if let Some(dir) = &global.data_dir {
        return Ok(dir.clone());
    }
    let var = |name: &str| {
        std::env::var_os(name)
            .filter(|v| !v.is_empty())
            .map(PathBuf::from)
    };
    let base = var("XDG_DATA_HOME").or_else(|| var("HOME").map(|home| home.join(".local/share")));
    let dir = base.map(|b| b.join("concord")).ok_or_else(|| {
        Failure::usage(
            "NO_DATA_DIR",
            "there is no home directory: give --data-dir DIR or CONCORD__DATA_DIR",
        )
    })?;
    eprintln!(
        "data directory: {} (--data-dir chooses another)",
        dir.display()
    );
    Ok(dir)
}
