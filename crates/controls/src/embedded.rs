//! The regime files built into the program: `regimes/` as it was when the program was built.

use crate::regime::RegimeSource;

// `FILES: &[(&str, &[u8])]`, written by build.rs, which notices new files too.
include!(concat!(env!("OUT_DIR"), "/regimes.rs"));

/// The built-in files.
#[must_use]
pub fn source() -> RegimeSource {
    let mut source = RegimeSource::new();
    for (path, bytes) in FILES {
        source.insert(*path, *bytes);
    }
    source
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::source;
    use crate::regime::RegimeSource;

    fn walk(dir: &Path, prefix: &str, into: &mut RegimeSource) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if path.is_dir() {
                walk(&path, &format!("{prefix}{name}/"), into);
            } else {
                into.insert(format!("{prefix}{name}"), std::fs::read(&path).unwrap());
            }
        }
    }

    #[test]
    fn built_in_and_on_disk_editions_have_the_same_digests() {
        let mut disk = RegimeSource::new();
        walk(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regimes"),
            "",
            &mut disk,
        );
        let built_in = source();
        assert_eq!(built_in.folders(), disk.folders());
        assert!(built_in.folders().len() >= 2);
        for folder in built_in.folders() {
            assert_eq!(built_in.digest(&folder), disk.digest(&folder), "{folder}");
        }
    }
}
