//! Reading a folder of files at start.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// Every file below `dir` by its path relative to it, with `/` between folders. Hidden files and folders are left out.
///
/// # Errors
/// The path that could not be read, with the operating system's reason.
pub fn read_tree(dir: &Path) -> Result<BTreeMap<String, Vec<u8>>, (PathBuf, io::Error)> {
    let mut files = BTreeMap::new();
    walk(dir, String::new(), &mut files)?;
    Ok(files)
}

fn walk(
    dir: &Path,
    prefix: String,
    files: &mut BTreeMap<String, Vec<u8>>,
) -> Result<(), (PathBuf, io::Error)> {
    let at = |problem| (dir.to_owned(), problem);
    for entry in std::fs::read_dir(dir).map_err(at)? {
        let path = entry.map_err(at)?.path();
        let Some(name) = path.file_name().and_then(|n| n.to_str()) else {
            continue;
        };
        if name.starts_with('.') {
            continue;
        }
        if path.is_dir() {
            walk(&path, format!("{prefix}{name}/"), files)?;
        } else {
            let bytes = std::fs::read(&path).map_err(|problem| (path.clone(), problem))?;
            files.insert(format!("{prefix}{name}"), bytes);
        }
    }
    Ok(())
}

/// Writes a whole file beside the old one, makes it durable and renames it over: a reader never sees half of it.
///
/// # Errors
/// The operating system's reason.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::io::Write;
    let mut fresh = path.as_os_str().to_owned();
    fresh.push(".new");
    let fresh = PathBuf::from(fresh);
    let mut file = std::fs::File::create(&fresh)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&fresh, path)
}
