//! A fictional list of five entries: every rule of the core has a place in it.

use concord_controls::classify::{Classification, Detail};
use concord_controls::item::{
    InvalidItem, Item, ItemInput, Judgements, QuantityInput, StatedInput,
};
use concord_controls::period::parse_date;
use concord_controls::regime::{Regime, RegimeSource};
use concord_controls::vocabulary::Attribute;
use proptest::prelude::ProptestConfig;

/// How many made-up inputs a test reads: the usual number, or `CONCORD_FUZZ_TIMES` times as many (docs/regimes.md).
pub fn trials(usual: u32) -> ProptestConfig {
    let times = std::env::var("CONCORD_FUZZ_TIMES").map_or(1, |times| {
        times.parse().expect("CONCORD_FUZZ_TIMES is a whole number")
    });
    ProptestConfig::with_cases(usual.saturating_mul(times))
}

/// The files of the fictional regime.
pub fn source() -> RegimeSource {
    let mut source = RegimeSource::new();
    for (path, text) in [
        ("vocabulary.yaml", include_str!("fixture/vocabulary.yaml")),
        (
            "vocabulary-extra.yaml",
            include_str!("fixture/vocabulary-extra.yaml"),
        ),
        ("xx/regime.yaml", include_str!("fixture/xx/regime.yaml")),
        ("xx/notices.yaml", include_str!("fixture/xx/notices.yaml")),
        (
            "xx/entries/list.yaml",
            include_str!("fixture/xx/entries/list.yaml"),
        ),
    ] {
        source.insert(path, text.as_bytes());
    }
    source
}

/// The fictional regime.
pub fn regime() -> Regime {
    Regime::load(&source(), "xx").unwrap_or_else(|error| panic!("{error}"))
}

/// An item from words such as `type=chip`, `speed=400 MHz`, `+toy`, `-toy`, `stated=1A001.a`.
pub fn input(words: &[&str]) -> ItemInput {
    let mut input = ItemInput::default();
    for word in words {
        if let Some(flag) = word.strip_prefix('+') {
            input.flags.push((flag.to_owned(), Some(true)));
        } else if let Some(flag) = word.strip_prefix('-') {
            input.flags.push((flag.to_owned(), Some(false)));
        } else {
            let (key, value) = word.split_once('=').unwrap();
            let quantity = value.split_once(' ').unwrap_or((value, "1"));
            if key == "stated" {
                input.stated.push(StatedInput {
                    jurisdiction: "XX".to_owned(),
                    code: value.to_owned(),
                    ..StatedInput::default()
                });
            } else if let Some(attribute) = Attribute::from_id(key) {
                input.attributes.push((attribute, value.to_owned()));
            } else {
                let quantity = QuantityInput {
                    value: quantity.0.to_owned(),
                    unit: quantity.1.to_owned(),
                };
                input.parameters.push((key.to_owned(), Some(quantity)));
            }
        }
    }
    input
}

/// Reads an item.
pub fn item(regime: &Regime, words: &[&str]) -> Result<Item, InvalidItem> {
    Item::read(&input(words), regime.vocabulary())
}

/// Classifies an item on 2024-06-01 without judgement answers.
pub fn classify(regime: &Regime, words: &[&str]) -> Classification {
    classify_on(regime, words, "2024-06-01")
}

/// Classifies an item without judgement answers.
pub fn classify_on(regime: &Regime, words: &[&str], date: &str) -> Classification {
    let item = item(regime, words).unwrap_or_else(|error| panic!("{error}"));
    let at = regime.at(parse_date(date).unwrap());
    at.classify(&item, &Judgements::none(), Detail::Full)
        .unwrap()
}
