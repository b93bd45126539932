//! Finding the shared test data, which is not part of the repository.

use std::path::{Path, PathBuf};

use serde_json::Value;

/// The folder `CONCORD_TEST_DATA`. Absent: says that `test` was not run; under CI that fails.
pub fn shared(test: &str) -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("CONCORD_TEST_DATA") {
        return Some(PathBuf::from(folder));
    }
    let reason = format!("{test} was not run: CONCORD_TEST_DATA does not name the shared data");
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{reason}");
    eprintln!("{reason}");
    None
}

/// The vectors made by an independent implementation.
pub fn vectors(test: &str) -> Option<Value> {
    Some(json(&shared(test)?.join("../specs/tlog-vectors.json")))
}

pub fn json(path: &Path) -> Value {
    let text = std::fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_slice(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

pub fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key]
        .as_str()
        .unwrap_or_else(|| panic!("no text `{key}` in {value}"))
}

pub fn number(value: &Value, key: &str) -> u64 {
    value[key]
        .as_u64()
        .unwrap_or_else(|| panic!("no number `{key}` in {value}"))
}
