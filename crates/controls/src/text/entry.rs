//! The blocks of one entry to an entry.

use std::collections::HashMap;
use std::sync::Arc;

use super::blocks::{Block, BlockKind};
use super::numbering::{Number, number};
use super::problem::{TextError, TextProblem};
use super::{TextEntry, TextNote, TextParagraph, rows};
use crate::entry::Path;
use crate::problem::Location;

const LIST_LINE: &str = "List of Items Controlled";
const ITEMS: &str = "Items:";

/// Reads an entry from its heading and the blocks up to the next one.
pub(super) fn entry(code: &str, heading: &Block, blocks: &[Block]) -> Result<TextEntry, TextError> {
    let begin = items_begin(code, blocks)?;
    let (head, items) = blocks.split_at_checked(begin).unwrap_or((blocks, &[]));
    let mut reader = Reader::new(TextEntry {
        code: code.into(),
        heading: heading
            .text
            .strip_prefix(code)
            .unwrap_or(&heading.text)
            .trim()
            .to_owned(),
        reasons: Vec::new(),
        rows: rows::rows(head),
        exceptions: Vec::new(),
        preamble: Vec::new(),
        body: String::new(),
        paragraphs: Vec::new(),
        notes: Vec::new(),
        at: heading.at.clone(),
    });
    reader.head(head);
    for block in items {
        reader.item(block)?;
    }
    reader.finish(blocks, begin < blocks.len())
}

/// Where the items begin: at the line `Items:`; where an entry prints none, at its first numbered paragraph after the
/// line `List of Items Controlled` (a few entries), which may itself hold it.
fn items_begin(code: &str, blocks: &[Block]) -> Result<usize, TextError> {
    let is_items = |block: &Block| {
        matches!(block.kind, BlockKind::Flush | BlockKind::Paragraph)
            && block.text.starts_with(ITEMS)
    };
    let mut marked = blocks.iter().enumerate().filter(|(_, b)| is_items(b));
    if let Some((first, _)) = marked.next() {
        return match marked.next() {
            None => Ok(first),
            Some((_, second)) => Err(TextError {
                at: second.at.clone(),
                kind: TextProblem::RepeatedItems {
                    code: code.to_owned(),
                },
            }),
        };
    }
    let list = blocks
        .iter()
        .position(|block| block.text.starts_with(LIST_LINE));
    let Some(list) = list else {
        return Ok(blocks.len());
    };
    let numbered = |block: &Block| {
        let line = block.text.strip_prefix(LIST_LINE).unwrap_or(&block.text);
        matches!(block.kind, BlockKind::Flush | BlockKind::Paragraph)
            && matches!(
                number(line.trim_start()),
                Some(Number::Path { .. } | Number::Reserved { .. })
            )
    };
    let begin = blocks
        .iter()
        .enumerate()
        .skip(list)
        .find(|(_, block)| numbered(block))
        .map_or(blocks.len(), |(position, _)| position);
    Ok(begin)
}

struct Reader {
    entry: TextEntry,
    /// Where each path was printed.
    printed: HashMap<Path, Location>,
    last: Path,
    /// A note printed without its element is open: lines in italics or with numbers already used go on with it.
    loose: bool,
}

impl Reader {
    fn new(entry: TextEntry) -> Self {
        Self {
            entry,
            printed: HashMap::new(),
            last: Path::root(),
            loose: false,
        }
    }

    fn head(&mut self, blocks: &[Block]) {
        for block in blocks {
            match block.kind {
                BlockKind::Table | BlockKind::Other => {}
                BlockKind::Note => self.note(&block.title, &block.text, &block.at),
                _ => self.head_line(&block.text),
            }
        }
    }

    fn head_line(&mut self, line: &str) {
        let reasons = line
            .strip_prefix("Reason for Control:")
            .or_else(|| line.strip_prefix("Reasons for Control:"));
        if let Some(reasons) = reasons {
            let words = reasons.split(|c: char| !c.is_ascii_alphanumeric());
            self.entry.reasons = words
                .filter(|word| rows::is_reason(word))
                .map(Arc::from)
                .collect();
            if self.entry.reasons.is_empty() {
                // `Foreign policy` and the like are printed in words.
                self.entry.reasons.push(reasons.trim().into());
            }
            return;
        }
        if let Some((symbol, text)) = line.split_once(':')
            && is_symbol(symbol)
        {
            let (symbol, text) = (symbol.into(), text.trim().to_owned());
            self.entry.exceptions.push((symbol, text));
            return;
        }
        if !line.is_empty() {
            self.entry.preamble.push(line.to_owned());
        }
    }

    fn item(&mut self, block: &Block) -> Result<(), TextError> {
        match block.kind {
            BlockKind::Other => return Ok(()),
            BlockKind::Note => {
                self.loose = false;
                return self.note_block(block);
            }
            BlockKind::Table => {
                self.note("", &block.text, &block.at);
                return Ok(());
            }
            BlockKind::Head1 | BlockKind::Head2 | BlockKind::Head3 => {
                self.loose = false;
                return Ok(());
            }
            BlockKind::Flush | BlockKind::Paragraph => {}
        }
        let line = block.text.strip_prefix(ITEMS).unwrap_or(&block.text);
        let line = line.strip_prefix(LIST_LINE).unwrap_or(line).trim();
        match number(line) {
            Some(Number::Path { path, rest }) => self.numbered(&path, rest, block),
            Some(Number::Reserved { paths }) => {
                self.loose = false;
                for path in paths {
                    self.paragraph(&path, "[Reserved]", &block.at)?;
                }
                Ok(())
            }
            Some(Number::Plain) | None => {
                self.words(line, block);
                Ok(())
            }
        }
    }

    fn numbered(&mut self, path: &str, rest: &str, block: &Block) -> Result<(), TextError> {
        let used = Path::parse(path).is_some_and(|path| self.printed.contains_key(&path));
        if self.loose && (block.italic || used) {
            self.append_note(&block.text);
            return Ok(());
        }
        self.loose = false;
        self.paragraph(path, rest, &block.at)
    }

    /// A line without a number of its own.
    fn words(&mut self, line: &str, block: &Block) {
        if line.is_empty() {
            return;
        }
        let note = ["Note", "N.B.", "Technical Note"]
            .iter()
            .any(|title| line.starts_with(title));
        if note || (block.kind == BlockKind::Paragraph && !self.loose && !self.printed.is_empty()) {
            self.loose = true;
            self.note("", line, &block.at);
        } else if self.loose {
            self.append_note(line);
        } else if let Some(paragraph) = self.entry.paragraphs.last_mut() {
            paragraph.text.push(' ');
            paragraph.text.push_str(line);
        } else {
            if !self.entry.body.is_empty() {
                self.entry.body.push(' ');
            }
            self.entry.body.push_str(line);
        }
    }

    fn append_note(&mut self, line: &str) {
        if let Some(note) = self.entry.notes.last_mut() {
            note.text.push(' ');
            note.text.push_str(line);
        }
    }

    /// A note; a few paragraphs are printed within the note before them, upright where notes stand in italics.
    fn note_block(&mut self, block: &Block) -> Result<(), TextError> {
        let mut title = block.title.as_str();
        let mut text = String::new();
        for line in &block.lines {
            let begins = match number(&line.text) {
                Some(Number::Path { path, rest }) if !line.italic => Path::parse(&path)
                    .filter(|parsed| !self.printed.contains_key(parsed))
                    .map(|_| (path, rest)),
                _ => None,
            };
            if let Some((path, rest)) = begins {
                self.note_unless_empty(title, &text, &block.at);
                (title, text) = ("", String::new());
                self.paragraph(&path, rest, &line.at)?;
            } else {
                if !text.is_empty() {
                    text.push(' ');
                }
                text.push_str(&line.text);
            }
        }
        self.note_unless_empty(title, &text, &block.at);
        Ok(())
    }

    fn note_unless_empty(&mut self, title: &str, text: &str, at: &Location) {
        if !(title.is_empty() && text.is_empty()) {
            self.note(title, text, at);
        }
    }

    fn note(&mut self, title: &str, text: &str, at: &Location) {
        let title = title.trim_end_matches([':', '.']).trim().to_owned();
        let mut names = named_paths(&self.entry.code, &title);
        names.extend(named_paths(&self.entry.code, text));
        if let Some(rest) = title.split_once("paragraph").map(|(_, rest)| rest) {
            // `Note to paragraph a`, `Notes for paragraphs a and b`.
            let words = rest.split(|c: char| c.is_whitespace() || c == ',');
            names.extend(
                words
                    .map(|word| word.trim_matches('.'))
                    .filter(|word| word.len() == 1 || word.contains('.'))
                    .filter_map(Path::parse),
            );
        }
        names.dedup();
        self.entry.notes.push(TextNote {
            title,
            path: self.last.clone(),
            names,
            text: text.to_owned(),
            at: at.clone(),
        });
    }

    fn paragraph(&mut self, path: &str, text: &str, at: &Location) -> Result<(), TextError> {
        let code = || format!("{}.{path}", self.entry.code);
        let refuse = |kind| {
            let at = at.clone();
            Err(TextError { at, kind })
        };
        let Some(parsed) = Path::parse(path) else {
            return refuse(TextProblem::Path { found: code() });
        };
        if let Some(first) = self.printed.get(&parsed) {
            let (code, first) = (code(), first.clone());
            return refuse(TextProblem::RepeatedPath { code, first });
        }
        self.imply_parents(path, at);
        self.printed.insert(parsed.clone(), at.clone());
        // A child may be printed before its parent; then the parent is already there, without words.
        let implied = self.entry.paragraphs.iter_mut().find(|p| p.path == parsed);
        if let Some(paragraph) = implied {
            paragraph.implied = false;
            paragraph.text = text.to_owned();
            paragraph.at = at.clone();
        } else {
            self.entry.paragraphs.push(TextParagraph {
                path: parsed.clone(),
                text: text.to_owned(),
                reserved: text.starts_with("[Reserved]"),
                implied: false,
                at: at.clone(),
            });
        }
        self.last = parsed;
        Ok(())
    }

    fn imply_parents(&mut self, path: &str, at: &Location) {
        for (end, _) in path.match_indices('.') {
            let Some(parent) = path.get(..end).and_then(Path::parse) else {
                continue;
            };
            if !self.entry.paragraphs.iter().any(|p| p.path == parent) {
                self.entry.paragraphs.push(TextParagraph {
                    path: parent,
                    text: String::new(),
                    reserved: false,
                    implied: true,
                    at: at.clone(),
                });
            }
        }
    }

    /// Refuses an entry that lost a part. One that is left to another agency is a heading that says so; one that prints
    /// licence requirements prints who requires what, and items.
    fn finish(self, blocks: &[Block], has_items: bool) -> Result<TextEntry, TextError> {
        let entry = self.entry;
        let requires = blocks.iter().any(|block| {
            block.kind != BlockKind::Note && block.text.starts_with("License Requirements")
        });
        let elsewhere = entry.heading.contains("CFR");
        let missing = if blocks.is_empty() && !elsewhere && !entry.heading.contains("ECCN") {
            "neither licence requirements nor another entry or regulation in its heading"
        } else if requires && !elsewhere && entry.reasons.is_empty() && entry.rows.is_empty() {
            "licence requirements without a reason for control"
        } else if requires && !has_items {
            "licence requirements without items"
        } else {
            return Ok(entry);
        };
        Err(TextError {
            at: entry.at,
            kind: TextProblem::Missing {
                code: entry.code.to_string(),
                missing,
            },
        })
    }
}

/// `LVS`, `NAC/ACA`: the symbol of a licence exception.
fn is_symbol(text: &str) -> bool {
    (3..=7).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_uppercase() || b == b'/')
}

/// Paths that a text names as `3A001.a.5.a`.
fn named_paths(code: &str, text: &str) -> Vec<Path> {
    let mut paths = Vec::new();
    for (position, _) in text.match_indices(code) {
        let rest = text.get(position + code.len()..).unwrap_or_default();
        let end = rest
            .find(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.'))
            .unwrap_or(rest.len());
        let path = rest.get(..end).unwrap_or_default().trim_matches('.');
        paths.extend(Path::parse(path));
    }
    paths
}
