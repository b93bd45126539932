//! The first sheet of an OpenDocument spreadsheet as records of a table.
//!
//! Read by hand, since sheets say "this cell a thousand times" in a few bytes: what is repeated is
//! counted before it is written out.

use std::io::{Cursor, Read};

use crate::error::{ListError, Place};
use crate::table::{Field, MOST_COLUMNS, Record, RecordEnd};
use crate::workbook;
use crate::xml::{self, Element};

/// Most rows and cells that a sheet may unfold to.
const MOST_CELLS: usize = 8 << 20;

/// How the content of the first entry tells the format; it is not compressed.
const MARK: &[u8] = b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet";

/// Whether `bytes`, a zip archive, are an OpenDocument spreadsheet.
pub(crate) fn is_one(bytes: &[u8]) -> bool {
    bytes.get(30..30 + MARK.len()) == Some(MARK)
}

/// The rows of the first sheet that say something; a cell has the row as line and its place in the
/// row as column. All rows have the width of the widest.
pub(crate) fn rows(file: &str, bytes: &[u8]) -> Result<Vec<Record>, ListError> {
    let content = content(file, bytes)?;
    let mut sheet = Sheet {
        file,
        table: 0,
        row: 0,
        records: Vec::new(),
        cells: 0,
    };
    let path = ["body/spreadsheet/table/table-row"];
    // Texts may be cut into runs, and several spaces are an element.
    let inline = ["span", "a", "s", "tab"];
    xml::read_inline(file, &content, &path, &inline, |row| sheet.add(&row))?;
    let width = sheet.records.iter().map(|r| r.fields.len()).max();
    for record in &mut sheet.records {
        let line = record.line;
        while record.fields.len() < width.unwrap_or_default() {
            let column = record.fields.len() as u64 + 1;
            record.fields.push(cell(String::new(), line, column));
        }
    }
    Ok(sheet.records)
}

fn content(file: &str, bytes: &[u8]) -> Result<String, ListError> {
    workbook::check_size(file, bytes, "ODS spreadsheet")?;
    let damaged = |problem: String| workbook::unreadable(file, "ODS spreadsheet", &problem);
    let mut archive =
        zip::ZipArchive::new(Cursor::new(bytes)).map_err(|e| damaged(e.to_string()))?;
    let mut part = archive
        .by_name("content.xml")
        .map_err(|e| damaged(e.to_string()))?;
    let mut text = String::new();
    part.read_to_string(&mut text)
        .map_err(|e| damaged(e.to_string()))?;
    Ok(text)
}

fn cell(text: String, line: u64, column: u64) -> Field {
    Field {
        text,
        line,
        column,
        quoted: true,
    }
}

struct Sheet<'a> {
    file: &'a str,
    /// The first sheet's place among the elements; 0 before it.
    table: u64,
    /// The last row, from 1.
    row: u64,
    records: Vec<Record>,
    cells: usize,
}

impl Sheet<'_> {
    fn add(&mut self, row: &Element) -> Result<(), ListError> {
        if self.table == 0 {
            self.table = row.parent;
        }
        if row.parent != self.table {
            return Ok(());
        }
        let times = repeated(row, "number-rows-repeated");
        let line = self.row + 1;
        self.row = self.row.saturating_add(times);
        let texts = self.texts(row, line)?;
        if texts.is_empty() {
            return Ok(());
        }
        for line in line..=self.row {
            self.cells += texts.len();
            if self.cells > MOST_CELLS {
                return Err(self.refuse(line, 1, "more cells than any list has"));
            }
            let fields = texts.iter().zip(1..);
            let fields = fields.map(|(text, column)| cell(text.clone(), line, column));
            self.records.push(Record {
                line,
                fields: fields.collect(),
                end: RecordEnd::Line,
            });
        }
        Ok(())
    }

    /// The cells up to the last one that says something.
    fn texts(&self, row: &Element, line: u64) -> Result<Vec<String>, ListError> {
        let mut texts: Vec<String> = Vec::new();
        // Empty cells count only where another follows.
        let mut empty = 0_u64;
        for cell in &row.children {
            if !matches!(cell.name.as_str(), "table-cell" | "covered-table-cell") {
                continue;
            }
            let times = repeated(cell, "number-columns-repeated");
            let lines: Vec<&str> = cell.all("p").map(|p| p.text.as_str()).collect();
            let text = lines.join(
                "
",
            );
            if text.is_empty() {
                empty = empty.saturating_add(times);
                continue;
            }
            let column = texts.len() as u64 + empty.saturating_add(times);
            if column > MOST_COLUMNS as u64 {
                return Err(self.refuse(line, column, "more columns than any list has"));
            }
            texts.extend((0..empty).map(|_| String::new()));
            texts.extend((0..times).map(|_| text.clone()));
            empty = 0;
        }
        Ok(texts)
    }

    fn refuse(&self, line: u64, column: u64, problem: &str) -> ListError {
        ListError::Syntax {
            place: Place::at(self.file, line, column),
            problem: problem.to_owned(),
        }
    }
}

/// How often an element stands for itself; once where it does not say.
fn repeated(element: &Element, attribute: &str) -> u64 {
    element.attribute(attribute).parse().unwrap_or(1).max(1)
}
