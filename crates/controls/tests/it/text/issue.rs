//! The regulator's own file.

use std::io::Read;

use concord_controls::text::TextTree;

use super::path;
use crate::folder;

fn issue() -> Option<TextTree> {
    let file = folder::shared_data()?.join("regs/us/ecfr-part774-supp1.xml.gz");
    let mut bytes = Vec::new();
    let gz = std::fs::File::open(&file).unwrap();
    flate2::read::GzDecoder::new(gz)
        .read_to_end(&mut bytes)
        .unwrap();
    Some(TextTree::parse("ecfr.xml", &bytes).unwrap_or_else(|error| panic!("{error}")))
}

#[test]
fn every_heading_of_the_real_file_is_read() {
    let Some(tree) = issue() else {
        return;
    };
    assert_eq!(tree.entries.len(), 638);
    // Third-party copies lose these.
    for code in ["0D614", "2B352", "3D006", "3E002", "8D001"] {
        assert!(
            tree.entry(code).is_some_and(|entry| !entry.rows.is_empty()),
            "{code}"
        );
    }
    assert!(tree.paragraph_count() > 5500, "{}", tree.paragraph_count());
    // Printed within the note before them, with headings between, without an items line, in the line itself.
    for (code, at) in [
        ("1C001", "b"),
        ("6A002", "a.3"),
        ("6D003", "h.2.b"),
        ("3A090", "c"),
        ("5A001", "b.6"),
        ("9C610", "a"),
        ("2B226", "a.3"),
        ("3A001", "z.1.a"),
    ] {
        let entry = tree.entry(code).unwrap();
        assert!(
            entry
                .paragraph(&path(at))
                .is_some_and(|p| !p.text.is_empty()),
            "{code}.{at}"
        );
    }
    // Every entry says who requires a licence, or is left to another agency or entry.
    let silent: Vec<&str> = tree
        .entries
        .iter()
        .filter(|entry| entry.rows.is_empty() && !entry.paragraphs.is_empty())
        .map(|entry| &*entry.code)
        .collect();
    assert_eq!(
        silent,
        ["9A010"],
        "left to another agency, paragraph by paragraph"
    );
}
