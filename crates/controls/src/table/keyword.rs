//! The table of search words by control number (KOSTI, `전략물자 품목키워드`).

use std::collections::HashMap;
use std::sync::Arc;

use super::problem::{TableError, TableProblem};
use super::sheet::{self, Encoding};
use crate::entry::Code;
use crate::exact::shorten;
use crate::problem::Location;
use crate::regime::Regime;

const NUMBER: &[&str] = &["통제번호", "CNTRLNO"];
const WORDS: [&[&str]; 3] = [&["키워드1"], &["키워드2"], &["키워드3"]];

/// The words of one control number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeywordRow {
    /// The number, for example `3A001.a.2`.
    pub number: Code,
    /// Words and phrases, Korean and English, nearest first: the table's three columns.
    pub words: [Vec<String>; 3],
    /// Where it stands.
    pub at: Location,
}

/// The whole table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeywordTable {
    /// `sha256:…` of the file's bytes.
    pub digest: Arc<str>,
    /// How it was written.
    pub encoding: Encoding,
    /// The jurisdiction of the list that its numbers are of.
    pub jurisdiction: Arc<str>,
    /// The rows in file order.
    pub rows: Vec<KeywordRow>,
}

impl KeywordTable {
    /// Reads a CSV file or workbook against the list whose numbers it names. `file` is the name used in places.
    ///
    /// # Errors
    /// [`TableError`]: the first thing that is wrong, and what would be right. Every number must be in the list.
    pub fn parse(file: &str, bytes: &[u8], list: &Regime) -> Result<Self, TableError> {
        let sheet = sheet::read(file, bytes)?;
        let [first_words, second_words, third_words] = WORDS;
        let [number, columns @ ..] =
            sheet.columns([NUMBER, first_words, second_words, third_words])?;
        let mut first: HashMap<String, Location> = HashMap::new();
        let mut rows = Vec::with_capacity(sheet.rows.len());
        for row in &sheet.rows {
            let at = sheet.at(row, number);
            let code = control_number(row.cell(number)).map_err(|kind| TableError {
                at: at.clone(),
                kind,
            })?;
            let text = code.to_string();
            if !list.knows(&code) {
                let kind = TableProblem::UnknownNumber {
                    found: text,
                    jurisdiction: list.jurisdiction().to_string(),
                };
                return Err(TableError { at, kind });
            }
            if let Some(first) = first.insert(text.clone(), at.clone()) {
                let kind = TableProblem::Repeated {
                    number: text,
                    first,
                };
                return Err(TableError { at, kind });
            }
            rows.push(KeywordRow {
                number: code,
                words: columns.map(|column| phrases(row.cell(column))),
                at,
            });
        }
        if rows.is_empty() {
            return Err(TableError {
                at: sheet.at(&sheet.header, 0),
                kind: TableProblem::Empty,
            });
        }
        Ok(Self {
            digest: super::digest(bytes),
            encoding: sheet.encoding,
            jurisdiction: Arc::clone(list.jurisdiction()),
            rows,
        })
    }
}

/// A number as these tables write it, with a dot at its end: `1C350.13.`.
pub(super) fn control_number(cell: &str) -> Result<Code, TableProblem> {
    Code::parse(cell.trim_end_matches('.')).ok_or_else(|| TableProblem::NotANumber {
        found: shorten(cell),
    })
}

fn phrases(cell: &str) -> Vec<String> {
    cell.split(';')
        .map(|phrase| phrase.trim().trim_start_matches('='))
        .filter(|phrase| !phrase.is_empty())
        .map(str::to_owned)
        .collect()
}
