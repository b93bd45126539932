//! The linkage of customs codes to control numbers (`HSK 연계표`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::keyword::control_number;
use super::problem::{TableError, TableProblem};
use super::sheet::{self, Encoding};
use crate::entry::Code;
use crate::exact::shorten;
use crate::problem::Location;
use crate::regime::Regime;

const HSK: &[&str] = &["품목번호", "HSKCD", "HS코드", "HSK"];
const NUMBER: &[&str] = &["통제번호", "CNTRLNO"];

/// One customs code with the control numbers that its goods may fall under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HskRow {
    /// Six to ten digits.
    pub hsk: Arc<str>,
    /// Candidates in the order of their numbers; only those that the list has.
    pub numbers: Vec<Code>,
}

/// The whole table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HskTable {
    /// `sha256:…` of the file's bytes.
    pub digest: Arc<str>,
    /// How it was written.
    pub encoding: Encoding,
    /// The jurisdiction of the list that its numbers are of.
    pub jurisdiction: Arc<str>,
    /// The customs codes in their order.
    pub rows: Vec<HskRow>,
    /// Numbers that the list does not have, with the first place of each: the table is published for another edition of the
    /// list. They are never candidates.
    pub not_in_list: Vec<(String, Location)>,
}

impl HskTable {
    /// Reads a CSV file or workbook against the list whose numbers it names. `file` is the name used in places.
    ///
    /// # Errors
    /// [`TableError`]: the first thing that is wrong, and what would be right. At least half of the numbers must be in the list.
    pub fn parse(file: &str, bytes: &[u8], list: &Regime) -> Result<Self, TableError> {
        let sheet = sheet::read(file, bytes)?;
        let [hsk, number] = sheet.columns([HSK, NUMBER])?;
        let mut linked: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut unknown: BTreeMap<String, Location> = BTreeMap::new();
        let mut known: BTreeMap<String, Code> = BTreeMap::new();
        for row in &sheet.rows {
            // The header stands there twice, in Korean and as the names of the data base.
            if HSK.contains(&row.cell(hsk)) && NUMBER.contains(&row.cell(number)) {
                continue;
            }
            let digits = customs_code(row.cell(hsk), sheet.encoding).ok_or_else(|| TableError {
                at: sheet.at(row, hsk),
                kind: TableProblem::NotHsk {
                    found: shorten(row.cell(hsk)),
                },
            })?;
            let codes = linked.entry(digits).or_default();
            let cell = row.cell(number);
            let at = sheet.at(row, number);
            let parts = cell.split([',', ';', ' ', '\n']).filter(|p| !p.is_empty());
            let mut any = false;
            for part in parts {
                any = true;
                let code = control_number(part).map_err(|kind| TableError {
                    at: at.clone(),
                    kind,
                })?;
                let text = code.to_string();
                if list.knows(&code) {
                    codes.insert(text.clone());
                    known.entry(text).or_insert(code);
                } else {
                    unknown.entry(text).or_insert_with(|| at.clone());
                }
            }
            if !any {
                let found = shorten(cell);
                let kind = TableProblem::NotANumber { found };
                return Err(TableError { at, kind });
            }
        }
        let all = known.len() + unknown.len();
        if all == 0 {
            return Err(TableError {
                at: sheet.at(&sheet.header, 0),
                kind: TableProblem::Empty,
            });
        }
        if unknown.len() * 2 > all {
            let first = unknown.values().min_by_key(|at| (at.line, at.column));
            return Err(TableError {
                at: first.map_or_else(|| sheet.at(&sheet.header, 0), Location::clone),
                kind: TableProblem::OtherList {
                    unknown: unknown.len(),
                    all,
                    jurisdiction: list.jurisdiction().to_string(),
                },
            });
        }
        let rows = linked.into_iter().map(|(hsk, numbers)| HskRow {
            hsk: hsk.into(),
            numbers: numbers
                .iter()
                .filter_map(|text| known.get(text).cloned())
                .collect(),
        });
        Ok(Self {
            digest: super::digest(bytes),
            encoding: sheet.encoding,
            jurisdiction: Arc::clone(list.jurisdiction()),
            rows: rows.collect(),
            not_in_list: unknown.into_iter().collect(),
        })
    }

    /// How many links there are.
    #[must_use]
    pub fn links(&self) -> usize {
        self.rows.iter().map(|row| row.numbers.len()).sum()
    }

    /// The rows whose code begins with these digits, or with which these digits begin (a ten-digit code asked for where the
    /// table has six).
    pub fn under<'t>(&'t self, digits: &'t str) -> impl Iterator<Item = &'t HskRow> {
        self.rows
            .iter()
            .filter(move |row| row.hsk.starts_with(digits) || digits.starts_with(&*row.hsk))
    }
}

/// `8542.31-1000` as digits. A workbook that keeps codes as numbers has lost the zero in front of chapters 01 to 09.
fn customs_code(cell: &str, encoding: Encoding) -> Option<String> {
    let mut digits: String = cell
        .chars()
        .filter(|c| !matches!(c, '.' | '-' | ' '))
        .collect();
    if encoding == Encoding::Xlsx && digits.len() % 2 == 1 {
        digits.insert(0, '0');
    }
    let right = (6..=10).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    right.then_some(digits)
}
