//! The regulator's text: reading, refusing, comparing. The list read here is invented (`fixture/text`).

mod comparison;
mod fuzz;
mod issue;
mod reading;
mod refusals;

use concord_controls::entry::Path;
use concord_controls::regime::{Regime, RegimeSource};
use concord_controls::text::{TextError, TextTree};

/// The invented list as the eCFR would print it.
pub const LIST: &str = include_str!("fixture/text/list.xml");

fn tree() -> TextTree {
    parse(LIST).unwrap_or_else(|error| panic!("{error}"))
}

fn parse(text: &str) -> Result<TextTree, TextError> {
    TextTree::parse("list.xml", text.as_bytes())
}

/// The list with one text replaced by another.
fn edited(old: &str, new: &str) -> String {
    assert!(LIST.contains(old), "`{old}` is not in the list");
    LIST.replacen(old, new, 1)
}

fn path(text: &str) -> Path {
    Path::parse(text).unwrap()
}

fn source() -> RegimeSource {
    let mut source = crate::fixture::source();
    let entries = include_str!("fixture/text/entries.yaml");
    source.insert("xx/entries/list.yaml", entries.as_bytes());
    source.insert("xx/notices.yaml", "notices: []\n".as_bytes());
    source
}

fn regime() -> Regime {
    Regime::load(&source(), "xx").unwrap_or_else(|error| panic!("{error}"))
}
