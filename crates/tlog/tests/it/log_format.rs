//! The worked example in docs/log-format.md is what the code makes.

use concord_tlog::commitment::{Field, commit};
use concord_tlog::leaf::Leaf;

use crate::bundle::example_bundle;
use crate::leaf::example;

fn document() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/log-format.md");
    std::fs::read_to_string(path).expect("docs/log-format.md")
}

/// The fenced block after the line that names it.
fn block<'d>(document: &'d str, name: &str) -> &'d str {
    let (_, rest) = document
        .split_once(&format!("<!-- {name} -->\n```text\n"))
        .expect(name);
    rest.split_once("```").expect("end of the block").0
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_documented_example_is_the_encoded_one() {
    let document = document();
    let (content, secret) = example();
    let leaf = Leaf::seal(&content, &secret).expect("leaf");
    // Hex in the document is broken into lines, each followed by what it is.
    let shown: String = block(&document, "leaf")
        .lines()
        .filter_map(|line| line.split_once("  "))
        .map(|(hex, _)| hex)
        .collect();
    assert_eq!(shown, hex(&leaf.encode().expect("bytes")), "the leaf");
    assert!(
        document.contains(&format!("`{:x}`", leaf.hash().expect("hash"))),
        "the leaf hash"
    );
    let salt = secret.salt(Field::Agency);
    assert!(
        document.contains(&format!("`{}`", hex(salt.as_bytes()))),
        "the salt"
    );
    let commitment = commit(Field::Agency, &salt, Some(b"bis"));
    assert!(
        document.contains(&format!("`{commitment:x}`")),
        "the commitment"
    );

    let bundle = String::from_utf8(example_bundle().encode().expect("bundle")).expect("text");
    assert_eq!(block(&document, "bundle"), bundle, "the bundle");
}
