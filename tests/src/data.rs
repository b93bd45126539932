//! Published lists, cases and texts: too large and not ours, so they are not in the repository.

use std::path::PathBuf;

/// A path below the folder that `CONCORD_TEST_DATA` names, for example `gold/classification_public.yaml`.
///
/// `None` when the variable is not set: the caller returns, and stderr says that the test was not run and why. With
/// `CI=true` that fails instead, since a check that quietly does nothing is worse than none.
///
/// # Panics
/// With `CI=true` and no folder; and when the folder lacks the path.
pub fn shared_data(path: &str) -> Option<PathBuf> {
    let Some(folder) = std::env::var_os("CONCORD_TEST_DATA") else {
        let text =
            format!("CONCORD_TEST_DATA is not set, so the test that reads `{path}` is not run");
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "{text}");
        eprintln!("{text}");
        return None;
    };
    let path = PathBuf::from(folder).join(path);
    assert!(path.exists(), "CONCORD_TEST_DATA has no {}", path.display());
    Some(path)
}
