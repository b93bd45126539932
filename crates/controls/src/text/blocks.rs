//! Elements of the supplement to blocks of plain text.

use super::problem::{TextError, TextProblem};
use super::xml::{Element, Node};
use crate::problem::Location;

/// What kind of block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BlockKind {
    /// `HD1`: a category, a group, or a line within an entry.
    Head1,
    /// `HD2`: a line within an entry or an annex.
    Head2,
    /// `HD3`: text that belongs to a category.
    Head3,
    /// `FP`, `FP-1`, `FP-2`.
    Flush,
    /// `P`.
    Paragraph,
    /// `NOTE`.
    Note,
    /// `DIV`, which holds a table.
    Table,
    /// What says nothing of the law: `EDNOTE`, `CITA`, `img`, `HEAD`.
    Other,
}

/// One block.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) kind: BlockKind,
    /// The words; of a note, those after its title; of a table, all cells.
    pub(super) text: String,
    /// A note's title.
    pub(super) title: String,
    /// The lines of a note after its title.
    pub(super) lines: Vec<Line>,
    /// Rows of a table: their cells.
    pub(super) rows: Vec<Row>,
    /// Every letter stands in italics.
    pub(super) italic: bool,
    /// The first thing in it is bold: the heading of an entry.
    pub(super) bold: bool,
    /// In a block that may be a heading by its element alone (`FP-2`).
    pub(super) heading_element: bool,
    pub(super) at: Location,
}

/// One line of a note.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) text: String,
    /// Every letter stands in italics, as in notes.
    pub(super) italic: bool,
    pub(super) at: Location,
}

/// One row of a table.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) cells: Vec<String>,
    pub(super) at: Location,
}

/// Reads one child of the supplement.
pub(super) fn block(element: &Element) -> Result<Block, TextError> {
    let kind = match element.name.as_str() {
        "HD1" => BlockKind::Head1,
        "HD2" => BlockKind::Head2,
        "HD3" => BlockKind::Head3,
        "P" => BlockKind::Paragraph,
        name if name == "FP" || name.starts_with("FP-") || name.starts_with("FP1") => {
            BlockKind::Flush
        }
        "NOTE" => BlockKind::Note,
        "DIV" => BlockKind::Table,
        "EDNOTE" | "CITA" | "img" | "HEAD" | "SECAUTH" | "SOURCE" | "AUTH" => BlockKind::Other,
        name => {
            let element_name = crate::exact::shorten(name);
            return Err(TextError {
                at: element.at.clone(),
                kind: TextProblem::Element {
                    element: element_name,
                },
            });
        }
    };
    let mut block = Block {
        kind,
        text: String::new(),
        title: String::new(),
        lines: Vec::new(),
        rows: Vec::new(),
        italic: true,
        bold: element.elements().next().is_some_and(|e| e.name == "B")
            && !element
                .children
                .iter()
                .take_while(|node| !matches!(node, Node::Element(_)))
                .any(|node| matches!(node, Node::Text(text) if !text.trim().is_empty())),
        heading_element: element.name == "FP-2",
        at: element.at.clone(),
    };
    match kind {
        BlockKind::Note => note(element, &mut block),
        BlockKind::Table => {
            rows(element, &mut block.rows);
            block.text = flatten(element).0;
        }
        _ => {
            let (text, italic) = flatten(element);
            block.text = text;
            block.italic = italic;
        }
    }
    Ok(block)
}

fn note(element: &Element, block: &mut Block) {
    for child in element.elements() {
        let (text, italic) = flatten(child);
        if child.name == "HED" {
            block.title = text;
        } else if !text.is_empty() {
            if !block.text.is_empty() {
                block.text.push(' ');
            }
            block.text.push_str(&text);
            block.lines.push(Line {
                text,
                italic,
                at: child.at.clone(),
            });
        }
    }
}

fn rows(element: &Element, found: &mut Vec<Row>) {
    for child in element.elements() {
        if child.name == "TR" {
            let cells: Vec<String> = child
                .elements()
                .filter(|cell| cell.name == "TD")
                .map(|cell| flatten(cell).0)
                .collect();
            if cells.iter().any(|cell| !cell.is_empty()) {
                let at = child.at.clone();
                found.push(Row { cells, at });
            }
        } else if child.name != "THEAD" {
            rows(child, found);
        }
    }
}

/// The words of an element, and whether every letter stands in italics.
pub(super) fn flatten(element: &Element) -> (String, bool) {
    let mut flat = Flat {
        text: String::new(),
        all_italic: true,
        script_end: None,
    };
    flat.add(element, false);
    while flat.text.ends_with(' ') {
        flat.text.pop();
    }
    (flat.text, flat.all_italic)
}

struct Flat {
    text: String,
    all_italic: bool,
    /// Where the last raised or lowered part ended, and its mark.
    script_end: Option<(usize, char)>,
}

impl Flat {
    fn add(&mut self, element: &Element, italic: bool) {
        for node in &element.children {
            match node {
                Node::Text(text) => self.words(text, italic),
                Node::Element(child) => match child.name.as_str() {
                    "SU" | "sup" => self.script('^', child, italic),
                    "sub" => self.script('_', child, italic),
                    "E" => match child.attribute("T") {
                        Some("51" | "53") => self.script('^', child, italic),
                        Some("52" | "54") => self.script('_', child, italic),
                        Some("03" | "04" | "05") => self.add(child, true),
                        _ => self.add(child, italic),
                    },
                    "I" => self.add(child, true),
                    // A break, a fraction and a block inside another stand apart from what is beside them.
                    "br" | "FR" | "P" | "FP" | "TD" | "TH" | "TR" | "FP-1" | "HED" => {
                        self.space();
                        self.add(child, italic);
                        self.space();
                    }
                    _ => self.add(child, italic),
                },
            }
        }
    }

    fn space(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with(' ') {
            self.text.push(' ');
        }
    }

    fn words(&mut self, text: &str, italic: bool) {
        for character in text.chars() {
            if character.is_whitespace() {
                self.space();
            } else {
                self.all_italic &= italic || !character.is_alphabetic();
                self.text.push(character);
            }
        }
    }

    /// `10` and a raised `-6` become `10^-6`; a line break before the raised part is the printer's.
    fn script(&mut self, mark: char, element: &Element, italic: bool) {
        let (inner, _) = flatten(element);
        if inner.is_empty() {
            return;
        }
        while self.text.ends_with(' ') {
            self.text.pop();
        }
        // A raised minus and a raised digit may be two elements.
        if self.script_end != Some((self.text.len(), mark)) {
            self.text.push(mark);
        }
        self.words(&inner, italic);
        self.script_end = Some((self.text.len(), mark));
    }
}
