//! Byte offsets of a text as lines and columns.

use crate::error::Place;

/// Turns offsets into places. Cheap for offsets that grow: each byte is looked at once.
pub(crate) struct Lines<'a> {
    file: &'a str,
    text: &'a str,
    offset: usize,
    line: u64,
    column: u64,
}

impl<'a> Lines<'a> {
    pub fn new(file: &'a str, text: &'a str) -> Self {
        Self {
            file,
            text,
            offset: 0,
            line: 1,
            column: 1,
        }
    }

    /// Line (from 1) and column (from 1, in characters) of byte `offset`.
    pub fn line_and_column(&mut self, offset: usize) -> (u64, u64) {
        if offset < self.offset {
            (self.offset, self.line, self.column) = (0, 1, 1);
        }
        let end = offset.min(self.text.len());
        let passed = self.text.as_bytes().get(self.offset..end);
        for byte in passed.unwrap_or_default() {
            if *byte == b'\n' {
                self.line += 1;
                self.column = 1;
            } else if byte & 0xc0 != 0x80 {
                // Characters, not bytes: continuation bytes of UTF-8 do not count.
                self.column += 1;
            }
        }
        self.offset = end;
        (self.line, self.column)
    }

    pub fn place(&mut self, offset: usize) -> Place {
        let (line, column) = self.line_and_column(offset);
        Place::at(self.file, line, column)
    }
}
