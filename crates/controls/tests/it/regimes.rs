//! The repository's own regimes load without a problem and say what their editions promise.

use concord_controls::regime::check;

use crate::folder::regime;

#[test]
fn both_regimes_load() {
    for folder in ["us", "kr"] {
        let regime = regime(folder);
        let counts = check(&regime);
        assert!(counts.entries > 30 && counts.paragraphs > 100, "{counts:?}");
        assert_eq!(
            counts.entries,
            counts.full + counts.partial + counts.stated_only
        );
        assert_eq!(
            counts.without_label, 0,
            "every parameter and flag has both labels"
        );
        assert!(regime.digest().starts_with("sha256:") && regime.digest().len() == 71);
    }
}
