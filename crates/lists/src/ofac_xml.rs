//! OFAC's XML: the classic layout (`sdnList`) and the enhanced one (`sanctionsData`), SDN and
//! consolidated, in the old and the new namespace.
//!
//! The same party comes out as from the CSV set: one identifier, one list, the same names. Which of
//! the two publications a file is, is known at its end; its parties are called so then.

mod classic;
mod enhanced;

pub(crate) use classic::read as read_classic;
pub(crate) use enhanced::read as read_enhanced;

use std::collections::BTreeMap;

use crate::birth::BirthDate;
use crate::error::{ListError, Place};
use crate::gather::Gather;
use crate::list_id::ListId;
use crate::ofac::{CONSOLIDATED, SDN, Set};
use crate::ofac_remarks::document;
use crate::party::{Kind, Party};
use crate::read::Format;
use crate::xml::Element;

/// Programmes that only the consolidated (non-SDN) list has.
fn only_consolidated(programme: &str) -> bool {
    matches!(
        programme,
        "NS-PLC" | "CMIC-EO13959" | "561-Related" | "561List" | "561LIST"
    ) || programme.starts_with("FSE-")
}

fn kind(file: &str, element: &Element, word: &str) -> Result<Kind, ListError> {
    let kind = Kind::of_us_word(word).filter(|k| *k != Kind::Unknown);
    kind.ok_or_else(|| ListError::Value {
        place: element.place(file),
        field: "type",
        value: word.to_owned(),
        expected: "Individual, Entity, Vessel or Aircraft".to_owned(),
    })
}

/// The list number of a record, checked to be a number that no record before it has.
fn number(
    file: &str,
    place: Place,
    text: &str,
    seen: &mut BTreeMap<u64, u64>,
) -> Result<u64, ListError> {
    let number = text.parse().map_err(|_| ListError::Value {
        place: place.clone(),
        field: "entity number",
        value: text.to_owned(),
        expected: "a whole number".to_owned(),
    })?;
    match seen.insert(number, place.line) {
        None => Ok(number),
        Some(first_line) => Err(ListError::DuplicateId {
            place: Place::line(file, place.line),
            field: "entity number",
            value: text.to_owned(),
            first_line,
        }),
    }
}

fn missing(file: &str, element: &Element, field: &'static str) -> ListError {
    ListError::Value {
        place: element.place(file),
        field,
        value: String::new(),
        expected: format!("an element `{field}` with text"),
    }
}

/// `12/31/2025` or `2025-12-31T…` as `2025-12-31`; nothing for anything else.
pub(crate) fn day(text: &str) -> String {
    let digits = |s: &str, n: usize| s.len() == n && s.bytes().all(|b| b.is_ascii_digit());
    match text.split('/').collect::<Vec<_>>().as_slice() {
        [m, d, y] if digits(m, 2) && digits(d, 2) && digits(y, 4) => return format!("{y}-{m}-{d}"),
        _ => {}
    }
    match text.get(..10) {
        Some(day) if BirthDate::parse(day).span.is_some_and(|(a, b)| a == b) => day.to_owned(),
        _ => String::new(),
    }
}

/// City, region and postal code as OFAC's CSV joins them: `Moscow 117420`, `Hebron, West Bank`.
fn town(city: &str, region: &str, postal: &str) -> String {
    let mut town: Vec<&str> = vec![city, region];
    town.retain(|p| !p.is_empty());
    let mut town = town.join(", ");
    if !postal.is_empty() {
        if !town.is_empty() {
            town.push(' ');
        }
        town.push_str(postal);
    }
    town
}

/// Which of the two publications it is: told by programmes that only one has, else by the file's
/// name.
fn publication(gather: &Gather) -> &'static Set {
    let named = gather.file.to_ascii_lowercase().starts_with("cons");
    let tell = |p: &Party| p.programmes.iter().any(|p| only_consolidated(p));
    if named || gather.parties().iter().any(tell) {
        &CONSOLIDATED
    } else {
        &SDN
    }
}

/// Calls the parties of `gather` what they are called in `set`. `formats`: SDN, consolidated.
fn settle(gather: &mut Gather, set: &'static Set, formats: [Format; 2]) {
    let [sdn, consolidated] = formats;
    let format = match set.format() {
        Format::OfacConsolidatedCsv => consolidated,
        _ => sdn,
    };
    gather.rename(format, |p| set.list(&p.programmes));
}

/// What a party is called until its publication is known.
fn provisional(programmes: &[String]) -> Option<ListId> {
    SDN.list(programmes)
}

fn add_words(party: &mut Party, label: &str, words: &str) {
    if !words.is_empty() {
        party.add_remark(&format!("{label} {words}"));
    }
}

fn add_birth(party: &mut Party, text: &str) {
    party.add_birth(text);
    add_words(party, "DOB", text);
}

/// A document or another fact, as the CSV's remarks have it; documents become identifiers.
fn add_fact(party: &mut Party, word: &str, value: &str) {
    let words = format!("{word} {value}");
    if let Some(id) = document(&words) {
        party.add_identifier(&id.kind, &id.value, id.country);
    }
    party.add_remark(&words);
}
