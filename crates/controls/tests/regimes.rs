//! The repository's own regimes load without a problem and say what their editions promise.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;

use concord_controls::problem::LoadError;
use concord_controls::regime::{Regime, RegimeSource, check};

fn add(source: &mut RegimeSource, root: &Path, folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            add(source, root, &path);
        } else {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
            source.insert(name, std::fs::read(&path).unwrap());
        }
    }
}

fn source() -> RegimeSource {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regimes");
    let mut source = RegimeSource::new();
    add(&mut source, &root, &root);
    source
}

fn load(folder: &str) -> Regime {
    Regime::load(&source(), folder).unwrap_or_else(|LoadError { problems }| {
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        panic!("{}", lines.join("\n"));
    })
}

#[test]
fn both_regimes_load() {
    for folder in ["us", "kr"] {
        let regime = load(folder);
        let counts = check(&regime);
        assert!(counts.entries > 30 && counts.paragraphs > 100, "{counts:?}");
        assert_eq!(counts.entries, counts.full + counts.partial + counts.stated_only);
        assert_eq!(counts.without_label, 0, "every parameter and flag has both labels");
        assert!(regime.digest().starts_with("sha256:") && regime.digest().len() == 71);
    }
}
