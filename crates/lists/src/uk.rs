//! The United Kingdom's lists: the UK Sanctions List (CSV, ODS and XML), the former OFSI consolidated
//! list (CSV and ODS, the same columns under other names), and the UK list taken apart into five tables.

mod rows;
mod tables;
mod xml_list;

pub(crate) use rows::{read_csv, read_ods};
pub(crate) use tables::{TABLES, read as read_tables};
pub(crate) use xml_list::read as read_xml;

use crate::birth::BirthDate;
use crate::country::CountryCode;
use crate::party::{Kind, Quality};

/// `28/09/1955`, `00/04/1984` (no day), `00/00/1984` as [`BirthDate`] reads it; anything else as it
/// stands.
fn birth(text: &str) -> BirthDate {
    let parts: Vec<&str> = text.trim().split('/').collect();
    if let [day, month, year] = parts.as_slice()
        && parts.iter().all(|p| p.len() >= 2)
    {
        let unknown = |p: &str| p.bytes().all(|b| !b.is_ascii_digit() || b == b'0');
        let date = match (unknown(day), unknown(month)) {
            (false, false) => format!("{year}-{month}-{day}"),
            (true, false) => format!("{year}-{month}"),
            // `10/00/1983`: a day without its month says no more than the year.
            (_, true) => (*year).to_owned(),
        };
        return BirthDate::parse(&date);
    }
    BirthDate::parse(text)
}

/// `24/03/2007` as `2007-03-24`; anything else as it stands.
pub(crate) fn uk_date(text: &str) -> String {
    match text.split('/').collect::<Vec<_>>().as_slice() {
        [d, m, y] if d.len() == 2 && m.len() == 2 && y.len() == 4 => format!("{y}-{m}-{d}"),
        _ => text.to_owned(),
    }
}

fn kind(word: &str) -> Option<Kind> {
    Some(match word.to_ascii_lowercase().as_str() {
        "individual" => Kind::Person,
        "entity" => Kind::Organisation,
        "ship" | "vessel" => Kind::Vessel,
        "aircraft" => Kind::Aircraft,
        _ => return None,
    })
}

fn country(name: &str) -> Option<CountryCode> {
    CountryCode::new(name)
        .or_else(|| CountryCode::of_name(name))
        // `Pakistan (location as at May 2008)`, `Iran (Islamic Republic of)`
        .or_else(|| CountryCode::of_name(name.split_once(" (")?.0))
}

/// Given names first, the surname (`Name 6`) last.
fn joined<'a>(name: impl Fn(&'static str) -> &'a str) -> String {
    let parts = ["1", "2", "3", "4", "5", "6"].map(name);
    let parts: Vec<&str> = parts.into_iter().filter(|p| !p.is_empty()).collect();
    parts.join(" ")
}

/// Whether a type of name is that of the principal name; a variation of it is an alias.
fn is_primary(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    word.starts_with("prim") && !word.contains("variation")
}

fn quality(strength: &str) -> Quality {
    let strength = strength.to_ascii_lowercase();
    if strength.contains("low") || strength.contains("weak") {
        Quality::Weak
    } else {
        Quality::Strong
    }
}
