//! A strict CSV reader (RFC 4180) that knows where every record begins.
//!
//! Lenient readers repair what they meet: an unclosed quote swallows the rest of the file, a short
//! row is padded. For a list of denied parties that is a silent loss, so everything odd is refused.

use crate::error::{ListError, Place};

/// The end mark of OFAC's files (DOS end of file).
const END_MARK: char = '\u{1a}';

/// Most columns of a record; published lists have up to 118.
pub(crate) const MOST_COLUMNS: usize = 1_000;

/// Most cells of a table; the largest published one has three million. More would not fit in memory.
const MOST_CELLS: usize = 8 << 20;

/// One record with the place of its parts.
#[derive(Debug)]
pub(crate) struct Record {
    /// Line of its first character.
    pub line: u64,
    pub fields: Vec<Field>,
    /// How the record ended.
    pub end: RecordEnd,
}

#[derive(Debug)]
pub(crate) struct Field {
    pub text: String,
    pub line: u64,
    pub column: u64,
    pub quoted: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RecordEnd {
    Line,
    /// The file ended without a line end.
    File,
}

impl Record {
    /// Text of column `index` without white space at its ends; empty for a column that is absent.
    pub fn text(&self, index: usize) -> &str {
        self.fields.get(index).map_or("", |f| f.text.trim())
    }

    /// Where column `index` begins; the record's own place for a column that is absent.
    pub fn place(&self, file: &str, index: usize) -> Place {
        match self.fields.get(index) {
            Some(field) => Place::at(file, field.line, field.column),
            None => Place::line(file, self.line),
        }
    }

    /// Where its last column begins: a record that was cut off was cut in there.
    pub fn end_place(&self, file: &str) -> Place {
        self.place(file, self.fields.len().saturating_sub(1))
    }
}

/// All records of a file, in order, and how the file ended.
#[derive(Debug)]
pub(crate) struct Table {
    pub records: Vec<Record>,
    /// True when the file closed with the end mark 0x1A.
    pub end_mark: bool,
    /// First empty line that records follow.
    empty_line: Option<u64>,
}

impl Table {
    /// Refuses the first record of another width than `expected`, and an empty line before it.
    pub fn check_width(&self, file: &str, expected: usize) -> Result<(), ListError> {
        for record in &self.records {
            if let Some(line) = self.empty_line.filter(|line| *line < record.line) {
                return Err(ListError::Syntax {
                    place: Place::line(file, line),
                    problem: "an empty line inside the file; remove it or fetch the file again"
                        .to_owned(),
                });
            }
            let found = record.fields.len();
            if record.end == RecordEnd::File && found < expected {
                let detail = format!("{found} of {expected} columns");
                return Err(ListError::Truncated {
                    place: record.end_place(file),
                    detail,
                });
            }
            if found != expected {
                return Err(ListError::ColumnCount {
                    // The first column too many, or the last there is.
                    place: record.place(file, expected.min(found.saturating_sub(1))),
                    expected,
                    found,
                });
            }
        }
        Ok(())
    }
}

/// Reads `text` as CSV. Empty lines at the end are ignored; [`Table::check_width`] refuses others.
pub(crate) fn parse(file: &str, text: &str) -> Result<Table, ListError> {
    parse_separated(file, text, ',')
}

/// The same with another separator than the comma.
pub(crate) fn parse_separated(file: &str, text: &str, separator: char) -> Result<Table, ListError> {
    let trimmed = text.trim_end_matches(['\r', '\n']);
    let (body, end_mark) = match trimmed.strip_suffix(END_MARK) {
        Some(body) => (body, true),
        None => (text, false),
    };
    let mut cursor = Cursor::new(file, body, separator);
    let mut records = Vec::new();
    let (mut blank_line, mut empty_line) = (None, None);
    let mut cells = 0;
    while cursor.peek().is_some() {
        let record = cursor.record()?;
        cells += record.fields.len();
        if cells > MOST_CELLS {
            return Err(ListError::Syntax {
                place: Place::line(file, record.line),
                problem: format!("more than {MOST_CELLS} cells, which no list has"),
            });
        }
        let blank = record.fields.len() == 1
            && record.fields.iter().all(|f| !f.quoted && f.text.is_empty());
        if blank {
            blank_line.get_or_insert(record.line);
            continue;
        }
        empty_line = empty_line.or(blank_line);
        records.push(record);
    }
    Ok(Table {
        records,
        end_mark,
        empty_line,
    })
}

struct Cursor<'a> {
    file: &'a str,
    rest: std::iter::Peekable<std::str::Chars<'a>>,
    separator: char,
    line: u64,
    column: u64,
}

impl<'a> Cursor<'a> {
    fn new(file: &'a str, text: &'a str, separator: char) -> Self {
        Self {
            file,
            separator,
            rest: text.chars().peekable(),
            line: 1,
            column: 1,
        }
    }

    fn peek(&mut self) -> Option<char> {
        self.rest.peek().copied()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.rest.next()?;
        if c == '\n' {
            self.line += 1;
            self.column = 1;
        } else {
            self.column += 1;
        }
        Some(c)
    }

    fn syntax(&self, column: u64, problem: impl Into<String>) -> ListError {
        ListError::Syntax {
            place: Place::at(self.file, self.line, column),
            problem: problem.into(),
        }
    }

    fn record(&mut self) -> Result<Record, ListError> {
        let line = self.line;
        let mut fields = Vec::new();
        loop {
            if fields.len() == MOST_COLUMNS {
                let problem = format!("more than {MOST_COLUMNS} columns, which no list has");
                return Err(self.syntax(self.column, problem));
            }
            fields.push(self.field()?);
            let column = self.column;
            match self.next() {
                Some(c) if c == self.separator => {}
                Some('\n') => {
                    return Ok(Record {
                        line,
                        fields,
                        end: RecordEnd::Line,
                    });
                }
                Some('\r') => {
                    return match self.next() {
                        Some('\n') => Ok(Record {
                            line,
                            fields,
                            end: RecordEnd::Line,
                        }),
                        None => Ok(Record {
                            line,
                            fields,
                            end: RecordEnd::File,
                        }),
                        Some(_) => Err(self.syntax(
                            column,
                            "a carriage return without line feed; lines end in LF or CR LF",
                        )),
                    };
                }
                None => {
                    return Ok(Record {
                        line,
                        fields,
                        end: RecordEnd::File,
                    });
                }
                Some(c) => {
                    return Err(self.syntax(
                        column,
                        format!("`{}` after a closing quote; a separator or line end belongs here, and a quote inside a field is doubled", c.escape_default()),
                    ));
                }
            }
        }
    }

    fn field(&mut self) -> Result<Field, ListError> {
        let (line, column) = (self.line, self.column);
        let mut text = String::new();
        if self.peek() != Some('"') {
            while let Some(c) = self.peek() {
                match c {
                    '\r' | '\n' => break,
                    c if c == self.separator => break,
                    '"' => {
                        return Err(self.syntax(
                            self.column,
                            "a quote inside an unquoted field; quote the whole field and double the quote",
                        ));
                    }
                    c => self.push(&mut text, c)?,
                }
            }
            return Ok(Field {
                text,
                line,
                column,
                quoted: false,
            });
        }
        self.next();
        loop {
            match self.peek() {
                None => {
                    return Err(ListError::Truncated {
                        place: Place::at(self.file, line, column),
                        detail: "the quote that opens here is never closed".to_owned(),
                    });
                }
                Some('"') => {
                    self.next();
                    if self.peek() != Some('"') {
                        return Ok(Field {
                            text,
                            line,
                            column,
                            quoted: true,
                        });
                    }
                    self.next();
                    text.push('"');
                }
                Some(c) => self.push(&mut text, c)?,
            }
        }
    }

    fn push(&mut self, text: &mut String, c: char) -> Result<(), ListError> {
        if c == '\0' || c == END_MARK {
            return Err(self.syntax(
                self.column,
                format!(
                    "control character U+{:04X}; only the last byte may be the end mark 0x1A",
                    u32::from(c)
                ),
            ));
        }
        text.push(c);
        self.next();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<Vec<String>> {
        let table = parse("t.csv", text).unwrap();
        table
            .records
            .into_iter()
            .map(|r| r.fields.into_iter().map(|f| f.text).collect())
            .collect()
    }

    #[test]
    fn reads_what_publishers_write() {
        assert_eq!(
            rows("a,\"b \"\"c\"\", d\"\r\n1,\"two\nlines\"\r\n\u{1a}"),
            [
                vec!["a".to_owned(), "b \"c\", d".to_owned()],
                vec!["1".to_owned(), "two\nlines".to_owned()],
            ]
        );
        assert_eq!(rows("a,\n\n\n"), [vec!["a".to_owned(), String::new()]]);
        assert!(parse("t.csv", "a\n\u{1a}\r\n").unwrap().end_mark);
        let table = parse("t.csv", "a,\"x\ny\"\nb,c").unwrap();
        assert_eq!(table.records[1].line, 3);
        assert_eq!(table.records[1].end, RecordEnd::File);
        assert_eq!(table.records[1].fields[1].column, 3);
    }

    #[test]
    fn refuses_damage_with_its_place() {
        for (text, message) in [
            ("a,b\nc,\"d", "t.csv:2:3: the file ends inside a record"),
            ("a,b\nc,\"d\"e", "t.csv:2:6: `e` after a closing quote"),
            ("a,b\"c\n", "t.csv:1:4: a quote inside an unquoted field"),
            ("a\n\u{1a}b\n", "t.csv:2:1: control character U+001A"),
            ("a\rb\n", "t.csv:1:2: a carriage return"),
        ] {
            let error = parse("t.csv", text).unwrap_err().to_string();
            assert!(error.starts_with(message), "{error}");
        }
        for (text, message) in [
            ("a\n\nb\n", "t.csv:2:1: an empty line inside the file"),
            ("a,b\n\nb\n", "t.csv:1:3: record has 2 columns; expected 1"),
            ("a\nb,c", "t.csv:2:3: record has 2 columns; expected 1"),
        ] {
            let error = parse("t.csv", text)
                .unwrap()
                .check_width("t.csv", 1)
                .unwrap_err();
            assert!(error.to_string().starts_with(message), "{error}");
        }
    }
}
