//! Tables that were exported from a spreadsheet: columns without a name at the right, empty rows,
//! rows whose last cells are left out, a title above the header, a note below the last row.
//!
//! What is left out is told as a problem; a row that may have been cut off is refused.

use std::borrow::Cow;

use crate::error::{ListError, Place};
use crate::gather::Gather;
use crate::input::utf8_or_windows_1252;
use crate::read::Opened;
use crate::table::{Record, RecordEnd, Table, parse_separated};

/// How one format's tables look.
pub(crate) struct Layout<'a> {
    pub separator: char,
    /// Most rows above the header, which has the first of the names that are required.
    pub titles: usize,
    /// Names (lower case) that the header must have.
    pub required: &'a [&'a str],
    /// Fewest cells of a row; fewer than the header has means that empty ones were left out.
    pub least: usize,
    /// The column without which a row says nothing.
    pub name: &'a str,
}

/// A table with its header.
#[derive(Debug)]
pub(crate) struct Sheet {
    pub file: String,
    /// Names in lower case; unnamed columns at the right are not in it.
    pub header: Vec<String>,
    pub rows: Vec<Record>,
    /// The rows above the header.
    pub titles: Vec<Record>,
}

/// The file's text, and a problem where it is not UTF-8.
pub(crate) fn text<'a>(
    file: &'a Opened<'_>,
    gather: &mut Gather,
) -> Result<Cow<'a, str>, ListError> {
    let (text, other) = utf8_or_windows_1252(&file.name, &file.bytes)?;
    if other {
        gather.problem(
            0,
            "not UTF-8; read as Windows-1252, which its publisher writes",
        );
    }
    if let Some(line) = text.lines().position(|l| l.contains('\u{fffd}')) {
        let message =
            "the replacement character U+FFFD: this copy lost characters in an earlier conversion";
        gather.problem(line as u64 + 1, message);
    }
    Ok(text)
}

impl Sheet {
    pub fn read(
        file: &Opened<'_>,
        layout: &Layout<'_>,
        gather: &mut Gather,
    ) -> Result<Self, ListError> {
        let text = text(file, gather)?;
        let Table { records, .. } = parse_separated(&file.name, &text, layout.separator)?;
        Self::of(records, layout, gather)
    }

    /// The same from records.
    pub fn of(
        records: Vec<Record>,
        layout: &Layout<'_>,
        gather: &mut Gather,
    ) -> Result<Self, ListError> {
        let file = gather.file.clone();
        let wanted = layout.required.first().copied().unwrap_or_default();
        let is_header = |r: &Record| r.fields.iter().any(|f| name(&f.text) == wanted);
        let above = records.iter().take(layout.titles + 1).position(is_header);
        let mut records = records.into_iter();
        let titles: Vec<Record> = records.by_ref().take(above.unwrap_or(0)).collect();
        let Some(head) = records.next() else {
            return Err(ListError::Empty {
                place: Place::line(&file, 1),
            });
        };
        let header = header(&file, &head, layout)?;
        let mut sheet = Self {
            file: file.clone(),
            header,
            rows: Vec::new(),
            titles,
        };
        for record in records {
            if record.fields.iter().all(|f| f.text.trim().is_empty()) {
                gather.problem(
                    record.line,
                    "an empty row; it says nothing and was left out",
                );
                continue;
            }
            sheet.check(&record, layout, gather)?;
            sheet.rows.push(record);
        }
        sheet.drop_footers(layout, gather);
        sheet.check_end(gather)?;
        if sheet.rows.is_empty() {
            return Err(ListError::Empty {
                place: Place::line(&file, 1),
            });
        }
        Ok(sheet)
    }

    /// Tells of the columns that are not among `known`, names with a bar between them.
    pub fn tell_unknown(&self, known: &str, gather: &mut Gather) {
        for column in &self.header {
            if !column.is_empty() && !known.split('|').any(|k| k == column) {
                gather.problem(
                    1,
                    format!("column `{column}` is not known and was not read"),
                );
            }
        }
    }

    fn check(
        &self,
        record: &Record,
        layout: &Layout<'_>,
        gather: &mut Gather,
    ) -> Result<(), ListError> {
        let (found, expected) = (record.fields.len(), self.header.len());
        let beyond = record.fields.iter().skip(expected);
        if let Some(extra) = beyond.into_iter().find(|f| !f.text.trim().is_empty()) {
            return Err(ListError::Syntax {
                place: Place::at(&self.file, extra.line, extra.column),
                problem: format!(
                    "`{}` stands beyond the last of {expected} columns; quote fields that contain the separator",
                    extra.text.trim().escape_debug()
                ),
            });
        }
        let names = record.fields.iter().map(|f| name(&f.text));
        if names.take(expected).eq(self.header.iter().cloned()) {
            return Err(ListError::RepeatedHeader {
                place: Place::line(&self.file, record.line),
            });
        }
        if found >= expected {
            return Ok(());
        }
        if record.end == RecordEnd::File {
            return Err(ListError::Truncated {
                place: record.end_place(&self.file),
                detail: format!("{found} of {expected} columns"),
            });
        }
        if found < layout.least {
            return Err(ListError::ColumnCount {
                place: record.end_place(&self.file),
                expected,
                found,
            });
        }
        let message =
            format!("the row has {found} of {expected} columns; the others count as empty");
        gather.problem(record.line, message);
        Ok(())
    }

    /// Rows after the last one with a name that have a single cell: notes, not records.
    fn drop_footers(&mut self, layout: &Layout<'_>, gather: &mut Gather) {
        let name = self.column(layout.name);
        while let Some(last) = self.rows.last() {
            let filled = last.fields.iter().filter(|f| !f.text.trim().is_empty());
            if !last.text(name).is_empty() || filled.count() > 1 {
                return;
            }
            gather.problem(last.line, "a note below the table; it is not a record");
            self.rows.pop();
        }
    }

    /// A last row without line end may be cut off inside its last column. It is whole when that
    /// column is quoted or says (or leaves out) what other rows do there.
    fn check_end(&self, gather: &mut Gather) -> Result<(), ListError> {
        let Some((last, before)) = self.rows.split_last() else {
            return Ok(());
        };
        if last.end != RecordEnd::File {
            return Ok(());
        }
        let index = self.header.len().saturating_sub(1);
        let value = last.text(index);
        let quoted = last.fields.get(index).is_some_and(|f| f.quoted);
        let seen = before.iter().any(|r| r.text(index) == value);
        if quoted || seen {
            if !quoted {
                gather.problem(
                    last.line,
                    "no line end after the last row; the copy may lack its end",
                );
            }
            return Ok(());
        }
        Err(ListError::Truncated {
            place: last.place(&self.file, index),
            detail: "no line end after the last column".to_owned(),
        })
    }

    /// Index of the column `name` (lower case), or one past the last.
    pub fn column(&self, name: &str) -> usize {
        self.header
            .iter()
            .position(|h| h == name)
            .unwrap_or(self.header.len())
    }

    /// A cell without white space at its ends; empty where there is no such column.
    pub fn cell<'a>(&self, row: &'a Record, name: &str) -> &'a str {
        row.text(self.column(name))
    }

    /// Refuses the row for the value of one cell.
    pub fn refuse(
        &self,
        row: &Record,
        name: &str,
        field: &'static str,
        expected: &str,
    ) -> ListError {
        let index = self.column(name);
        ListError::Value {
            place: row.place(&self.file, index),
            field,
            value: row.text(index).to_owned(),
            expected: expected.to_owned(),
        }
    }
}

/// The name of a column: words in lower case with single spaces.
fn name(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").to_lowercase()
}

fn header(file: &str, head: &Record, layout: &Layout<'_>) -> Result<Vec<String>, ListError> {
    let mut header: Vec<String> = head.fields.iter().map(|f| name(&f.text)).collect();
    while header.last().is_some_and(String::is_empty) {
        header.pop();
    }
    for (index, name) in header.iter().enumerate() {
        if header.iter().take(index).any(|h| h == name) {
            return Err(ListError::DuplicateColumn {
                place: head.place(file, index),
                column: name.clone(),
            });
        }
    }
    match layout
        .required
        .iter()
        .find(|r| !header.iter().any(|h| h == *r))
    {
        Some(column) => Err(ListError::MissingColumn {
            place: Place::line(file, head.line),
            column: (*column).to_owned(),
        }),
        None => Ok(header),
    }
}
