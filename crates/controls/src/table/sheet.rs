//! The rows of a CSV file or workbook, with their encoding and places.

use std::io::Cursor;
use std::sync::Arc;

use calamine::{Data, Reader, Xlsx};
use encoding_rs::EUC_KR;

use super::MAX_BYTES;
use super::problem::{TableError, TableProblem};
use crate::exact::shorten;
use crate::problem::Location;

/// How a table was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without byte order mark.
    Utf8,
    /// CP949, the Korean code page of Windows.
    Cp949,
    /// A workbook.
    Xlsx,
}

impl Encoding {
    /// As messages and answers name it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Cp949 => "CP949",
            Self::Xlsx => "xlsx",
        }
    }
}

/// One row: its line (from 1) and cells, trimmed.
pub(super) struct Row {
    pub(super) line: u32,
    pub(super) cells: Vec<String>,
}

impl Row {
    pub(super) fn cell(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }
}

/// The rows of one file; the first is the header.
pub(super) struct Sheet {
    pub(super) file: Arc<str>,
    pub(super) encoding: Encoding,
    pub(super) header: Row,
    pub(super) rows: Vec<Row>,
}

impl Sheet {
    /// The place of a cell.
    pub(super) fn at(&self, row: &Row, column: usize) -> Location {
        place(&self.file, row.line, column)
    }

    /// The columns with these names, one of several each; then every row must have as many cells as the header.
    ///
    /// # Errors
    /// [`TableProblem::Columns`] or [`TableProblem::Cells`].
    pub(super) fn columns<const N: usize>(
        &self,
        names: [&'static [&'static str]; N],
    ) -> Result<[usize; N], TableError> {
        let mut columns = [0; N];
        for (column, names) in columns.iter_mut().zip(names) {
            *column = self.column(names)?;
        }
        let expected = self.header.cells.len();
        match self.rows.iter().find(|row| row.cells.len() != expected) {
            None => Ok(columns),
            Some(row) => Err(TableError {
                at: self.at(row, 0),
                kind: TableProblem::Cells {
                    found: row.cells.len(),
                    expected,
                },
            }),
        }
    }

    /// The column with one of these names.
    ///
    /// # Errors
    /// [`TableProblem::Columns`].
    fn column(&self, names: &'static [&'static str]) -> Result<usize, TableError> {
        let found = self
            .header
            .cells
            .iter()
            .position(|cell| names.contains(&cell.as_str()));
        found.ok_or_else(|| TableError {
            at: self.at(&self.header, 0),
            kind: TableProblem::Columns {
                missing: names.first().copied().unwrap_or(""),
                found: shorten(&self.header.cells.join(", ")),
                encoding: self.encoding.word(),
            },
        })
    }
}

fn place(file: &Arc<str>, line: u32, column: usize) -> Location {
    Location {
        file: Arc::clone(file),
        line,
        column: u32::try_from(column).unwrap_or(u32::MAX).saturating_add(1),
    }
}

/// Reads a file of either kind.
pub(super) fn read(file: &str, bytes: &[u8]) -> Result<Sheet, TableError> {
    let file: Arc<str> = file.into();
    let refuse = |kind| TableError {
        at: place(&file, 1, 0),
        kind,
    };
    if bytes.len() > MAX_BYTES {
        return Err(refuse(TableProblem::TooLarge { limit: MAX_BYTES }));
    }
    if bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        return Err(refuse(TableProblem::OldWorkbook));
    }
    let (encoding, rows) = if bytes.starts_with(b"PK\x03\x04") {
        (Encoding::Xlsx, workbook(&file, bytes)?)
    } else {
        let (encoding, text) = decode(&file, bytes)?;
        (encoding, csv(&file, &text)?)
    };
    let mut rows = rows.into_iter();
    let header = rows.next().ok_or_else(|| refuse(TableProblem::Empty))?;
    let rows = rows
        .filter(|row| row.cells.iter().any(|cell| !cell.is_empty()))
        .collect();
    Ok(Sheet {
        file,
        encoding,
        header,
        rows,
    })
}

fn decode(file: &Arc<str>, bytes: &[u8]) -> Result<(Encoding, String), TableError> {
    let wrong = |line: usize, column: usize, found| TableError {
        at: place(file, u32::try_from(line).unwrap_or(u32::MAX), column),
        kind: TableProblem::Encoding { found },
    };
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return Err(wrong(1, 0, "the file is UTF-16"));
    }
    let lines = || bytes.split(|byte| *byte == b'\n').zip(1..);
    if let Some((_, line)) = lines().find(|(line, _)| line.contains(&0)) {
        return Err(wrong(
            line,
            0,
            "there are zero bytes, as in UTF-16 or UTF-32",
        ));
    }
    let marked = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]);
    let body = marked.unwrap_or(bytes);
    let (encoding, text) = match (std::str::from_utf8(body), marked) {
        (Ok(text), _) => (Encoding::Utf8, text.to_owned()),
        (Err(_), Some(_)) => {
            let broken = body
                .split(|byte| *byte == b'\n')
                .zip(1..)
                .find_map(|(line, n)| Some((n, std::str::from_utf8(line).err()?.valid_up_to())));
            let (line, column) = broken.unwrap_or((1, 0));
            let found = "the file begins as UTF-8 and these bytes are not";
            return Err(wrong(line, column, found));
        }
        (Err(_), None) => {
            // A trailing byte of CP949 is never a line feed, so lines can be read one by one.
            let mut text = String::with_capacity(bytes.len() * 2);
            for (line, n) in lines() {
                let read = EUC_KR.decode_without_bom_handling_and_without_replacement(line);
                let Some(read) = read else {
                    let good = (0..=line.len()).rev().find_map(|end| {
                        let head = line.get(..end)?;
                        let head =
                            EUC_KR.decode_without_bom_handling_and_without_replacement(head)?;
                        Some(head.chars().count())
                    });
                    let found = "these bytes are neither UTF-8 nor CP949";
                    return Err(wrong(n, good.unwrap_or(0), found));
                };
                text.push_str(&read);
                text.push('\n');
            }
            (Encoding::Cp949, text)
        }
    };
    if let Some((line, n)) = text.lines().zip(1..).find(|(l, _)| l.contains('\u{FFFD}')) {
        let column = line.chars().take_while(|c| *c != '\u{FFFD}').count();
        let found = "`\u{FFFD}` is what decoding with another encoding leaves";
        return Err(wrong(n, column, found));
    }
    Ok((encoding, text))
}

fn csv(file: &Arc<str>, text: &str) -> Result<Vec<Row>, TableError> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|e| {
            let line = e.position().map_or(1, csv::Position::line);
            TableError {
                at: place(file, u32::try_from(line).unwrap_or(u32::MAX), 0),
                kind: TableProblem::Csv {
                    detail: e.to_string(),
                },
            }
        })?;
        let line = record.position().map_or(1, csv::Position::line);
        rows.push(Row {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            cells: record.iter().map(|cell| cell.trim().to_owned()).collect(),
        });
    }
    Ok(rows)
}

fn workbook(file: &Arc<str>, bytes: &[u8]) -> Result<Vec<Row>, TableError> {
    let damaged = |detail: String| TableError {
        at: place(file, 1, 0),
        kind: TableProblem::Workbook { detail },
    };
    let mut workbook: Xlsx<_> =
        Xlsx::new(Cursor::new(bytes)).map_err(|e| damaged(e.to_string()))?;
    let range = workbook
        .worksheet_range_at(0)
        .ok_or_else(|| damaged("it has no sheet".to_owned()))?
        .map_err(|e| damaged(e.to_string()))?;
    let first = range.start().map_or(0, |(row, _)| row).saturating_add(1);
    let text = |cell: &Data| match cell {
        // Customs codes that the workbook keeps as numbers.
        Data::Float(value) if value.fract() == 0.0 => format!("{value:.0}"),
        other => other.to_string(),
    };
    let rows = range.rows().zip(first..).map(|(cells, line)| Row {
        line,
        cells: cells
            .iter()
            .map(|cell| text(cell).trim().to_owned())
            .collect(),
    });
    Ok(rows
        .skip_while(|row| row.cells.iter().all(String::is_empty))
        .collect())
}
