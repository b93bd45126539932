//! The editions under test, and how an item is written in a test.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use concord_controls::classify::Detail;
use concord_controls::item::{Item, ItemInput, Judgements, QuantityInput, StatedInput};
use concord_controls::regime::RegimeSource;
use concord_controls::vocabulary::Attribute;
use concord_licensing::{
    Alignment, Classified, Facts, LawEdition, LineDecision, PartyStep, Transaction,
};
use jiff::civil::Date;

/// The law of both countries and the alignment of their lists.
pub struct Law {
    pub us: LawEdition,
    pub kr: LawEdition,
    pub alignment: Alignment,
}

fn add(source: &mut RegimeSource, root: &Path, folder: &Path) {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            add(source, root, &path);
        } else {
            let name = path
                .strip_prefix(root)
                .unwrap()
                .to_str()
                .unwrap()
                .replace('\\', "/");
            source.insert(name, std::fs::read(&path).unwrap());
        }
    }
}

/// The files of the repository.
pub fn source() -> RegimeSource {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regimes");
    let mut source = RegimeSource::new();
    add(&mut source, &root, &root);
    source
}

/// Loaded once.
pub fn law() -> &'static Law {
    static LAW: OnceLock<Law> = OnceLock::new();
    LAW.get_or_init(|| {
        let source = source();
        let load = |folder| {
            LawEdition::load(&source, folder).unwrap_or_else(|error| panic!("{folder}:\n{error}"))
        };
        let alignment =
            Alignment::load(&source).unwrap_or_else(|error| panic!("alignment:\n{error}"));
        Law {
            us: load("us"),
            kr: load("kr"),
            alignment,
        }
    })
}

impl Law {
    pub fn of(&self, jurisdiction: &str) -> &LawEdition {
        if jurisdiction == "US" {
            &self.us
        } else {
            &self.kr
        }
    }
}

pub fn date(text: &str) -> Date {
    text.parse().unwrap()
}

/// An item in the words of the vocabulary.
pub fn item(
    attributes: &[(&str, &str)],
    parameters: &[(&str, &str, &str)],
    flags: &[(&str, bool)],
) -> ItemInput {
    ItemInput {
        attributes: attributes
            .iter()
            .map(|(id, word)| (Attribute::from_id(id).unwrap(), (*word).to_owned()))
            .collect(),
        parameters: parameters
            .iter()
            .map(|(id, value, unit)| {
                let quantity = QuantityInput {
                    value: (*value).to_owned(),
                    unit: (*unit).to_owned(),
                };
                ((*id).to_owned(), Some(quantity))
            })
            .collect(),
        flags: flags
            .iter()
            .map(|(id, on)| ((*id).to_owned(), Some(*on)))
            .collect(),
        stated: Vec::new(),
        value: None,
    }
}

/// The same with a stated code.
pub fn stated(mut input: ItemInput, jurisdiction: &str, code: &str) -> ItemInput {
    input.stated.push(StatedInput {
        jurisdiction: jurisdiction.to_owned(),
        code: code.to_owned(),
        source: None,
        reference: None,
    });
    input
}

pub fn route(origin: &str, destination: &str) -> Transaction {
    Transaction {
        origin: Some(origin.to_owned()),
        destination: Some(destination.to_owned()),
        ..Transaction::default()
    }
}

/// Classification under one law, answered by alignment where only the other list's code is stated.
pub fn classified(
    law: &Law,
    jurisdiction: &str,
    input: &ItemInput,
    as_of: Date,
) -> (Item, Classified) {
    let edition = law.of(jurisdiction);
    let item = Item::read(input, edition.regime().vocabulary()).unwrap();
    let full = edition
        .regime()
        .at(as_of)
        .classify(&item, &Judgements::none(), Detail::Basic)
        .unwrap();
    let codes: Vec<_> = input
        .stated
        .iter()
        .map(|s| (s.jurisdiction.clone(), s.code.clone()))
        .collect();
    let answer = law
        .alignment
        .answer(edition, Classified::from(&full), &codes, as_of);
    (item, answer)
}

/// One decision, with parties that were screened and are clean.
pub fn decide(
    law: &Law,
    jurisdiction: &str,
    input: &ItemInput,
    transaction: &Transaction,
    as_of: &str,
) -> LineDecision {
    decide_with(
        law,
        jurisdiction,
        input,
        transaction,
        &PartyStep::clean(),
        as_of,
        false,
    )
}

pub fn decide_with(
    law: &Law,
    jurisdiction: &str,
    input: &ItemInput,
    transaction: &Transaction,
    parties: &PartyStep,
    as_of: &str,
    strict: bool,
) -> LineDecision {
    let as_of = date(as_of);
    let (item, classification) = classified(law, jurisdiction, input, as_of);
    law.of(jurisdiction).decide(&Facts {
        item: &item,
        classification: &classification,
        judgements: &Judgements::none(),
        transaction,
        parties,
        as_of,
        strict,
    })
}

/// What the United States say when persons have answered `answers`.
pub fn answered(
    input: &ItemInput,
    transaction: &Transaction,
    answers: &[(&str, bool)],
    as_of: &str,
) -> LineDecision {
    answered_by("US", input, transaction, answers, as_of)
}

/// The same for a jurisdiction.
pub fn answered_by(
    jurisdiction: &str,
    input: &ItemInput,
    transaction: &Transaction,
    answers: &[(&str, bool)],
    as_of: &str,
) -> LineDecision {
    let as_of = date(as_of);
    let (item, classification) = classified(law(), jurisdiction, input, as_of);
    let vocabulary = law().of(jurisdiction).regime().vocabulary();
    let judgements = Judgements::read(answers.iter().copied(), vocabulary).unwrap();
    law().of(jurisdiction).decide(&Facts {
        item: &item,
        classification: &classification,
        judgements: &judgements,
        transaction,
        parties: &PartyStep::clean(),
        as_of,
        strict: false,
    })
}

/// A machine tool that needs NP 1 in Vietnam and nothing in Korea.
pub fn mill() -> ItemInput {
    stated(
        item(&[("name", "mill"), ("kind", "commodity")], &[], &[]),
        "US",
        "2B201.b.3",
    )
}

/// The chip of many cases.
pub fn chip(tpp: &str, density: &str, datacenter: bool) -> ItemInput {
    item(
        &[
            ("name", "chip"),
            ("kind", "commodity"),
            ("type", "integrated_circuit"),
        ],
        &[
            ("tpp", tpp, "TPP"),
            ("performance_density", density, "TPP/mm2"),
        ],
        &[("designed_or_marketed_for_datacenter", datacenter)],
    )
}

/// Where shared data lies; says plainly when it is absent, and fails in CI.
pub fn shared_data() -> Option<Arc<Path>> {
    match std::env::var_os("CONCORD_TEST_DATA") {
        Some(path) => Some(Path::new(&path).into()),
        None => {
            assert!(
                std::env::var("CI").as_deref() != Ok("true"),
                "CONCORD_TEST_DATA must be set in CI"
            );
            None
        }
    }
}
