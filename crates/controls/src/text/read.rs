//! The supplement to entries: which blocks belong to which.

use std::collections::HashMap;

use jiff::civil::Date;

use super::blocks::{Block, BlockKind, block};
use super::problem::{TextError, TextProblem};
use super::xml::Element;
use super::{SectionText, TextTree, entry, xml};
use crate::problem::Location;
use crate::table::digest;

const NAME: &str = "Supplement No. 1 to Part 774";
/// Lines that some entries print as headings.
const WITHIN_ENTRIES: [&str; 5] = [
    "License Requirements",
    "List Based License Exceptions",
    "Special Conditions for STA",
    "List of Items Controlled",
    "Reporting Requirements",
];

pub(super) fn tree(file: &str, bytes: &[u8]) -> Result<TextTree, TextError> {
    let root = xml::parse(file, bytes)?;
    let supplement = supplement(&root)?;
    let mut reader = Reader::default();
    for element in supplement.elements() {
        reader.block(block(element)?)?;
    }
    reader.close()?;
    reader.complete(&root.at)?;
    Ok(TextTree {
        file: file.into(),
        digest: digest(bytes),
        issue: issue(supplement),
        entries: reader.entries,
        sections: reader.sections,
    })
}

fn supplement(root: &Element) -> Result<&Element, TextError> {
    let mut found = Vec::new();
    collect(root, &mut found);
    match found.as_slice() {
        [only] => Ok(only),
        several => Err(TextError {
            at: several
                .get(1)
                .map_or_else(|| root.at.clone(), |second| second.at.clone()),
            kind: TextProblem::Supplement {
                found: several.len(),
            },
        }),
    }
}

fn collect<'a>(element: &'a Element, found: &mut Vec<&'a Element>) {
    for child in element.elements() {
        if child.name == "DIV9" && child.attribute("N") == Some(NAME) {
            found.push(child);
        } else {
            collect(child, found);
        }
    }
}

fn issue(supplement: &Element) -> Option<Date> {
    let metadata = supplement.attribute("hierarchy_metadata")?;
    let (_, rest) = metadata.split_once("/on/")?;
    crate::period::parse_date(rest.get(..10)?)
}

/// The category, group and entry in which the next block stands.
#[derive(Default)]
struct Reader {
    category: Option<char>,
    group: Option<char>,
    /// Title of an annex list.
    annex: String,
    in_annex: bool,
    heading: Option<(String, Block)>,
    blocks: Vec<Block>,
    entries: Vec<super::TextEntry>,
    first: HashMap<String, Location>,
    sections: Vec<SectionText>,
    groups: Vec<(char, char)>,
}

impl Reader {
    fn block(&mut self, block: Block) -> Result<(), TextError> {
        match block.kind {
            BlockKind::Head1 if !within_entry(&block.text) => {
                self.close()?;
                self.section(&block.text);
            }
            BlockKind::Head2 if self.in_annex => self.annex = block.text,
            BlockKind::Head3 => {
                self.close()?;
                self.in_annex = true;
                self.annex = block.text;
            }
            _ if block.bold || (block.heading_element && code_of(&block.text).is_some()) => {
                self.close()?;
                self.open(block)?;
            }
            _ if self.heading.is_some() => self.blocks.push(block),
            BlockKind::Other => {}
            _ => self.outside(block),
        }
        Ok(())
    }

    fn section(&mut self, text: &str) {
        self.in_annex = false;
        self.annex.clear();
        let category = text
            .strip_prefix("Category ")
            .and_then(|rest| rest.chars().next())
            .filter(char::is_ascii_digit);
        if category.is_some() {
            self.category = category;
            self.group = None;
            return;
        }
        let mut characters = text.chars();
        if let (Some(letter @ 'A'..='E'), Some('.')) = (characters.next(), characters.next()) {
            self.group = Some(letter);
            self.groups
                .extend(self.category.map(|category| (category, letter)));
        } else if text.starts_with("Annex") {
            self.in_annex = true;
            self.group = None;
        }
    }

    fn open(&mut self, block: Block) -> Result<(), TextError> {
        if block.text.starts_with("EAR99") {
            return Ok(());
        }
        let Some(code) = code_of(&block.text).map(str::to_owned) else {
            return Err(TextError {
                at: block.at,
                kind: TextProblem::Heading {
                    found: crate::exact::shorten(&block.text),
                },
            });
        };
        let refuse = |kind| {
            let at = block.at.clone();
            Err(TextError { at, kind })
        };
        if let Some(first) = self.first.get(&code) {
            let first = first.clone();
            return refuse(TextProblem::RepeatedEntry { code, first });
        }
        let (Some(category), Some(group)) = (self.category, self.group) else {
            return refuse(TextProblem::OutsideSections { code });
        };
        let mut characters = code.chars();
        if characters.next() != Some(category) || characters.next() != Some(group) {
            return refuse(TextProblem::WrongSection {
                code,
                category,
                group,
            });
        }
        self.first.insert(code.clone(), block.at.clone());
        self.heading = Some((code, block));
        Ok(())
    }

    fn outside(&mut self, block: Block) {
        let Some(category) = self.category else {
            return;
        };
        let text = if block.title.is_empty() {
            block.text
        } else {
            format!("{} {}", block.title, block.text)
        };
        if !text.is_empty() {
            self.sections.push(SectionText {
                category,
                group: self.group,
                title: self.annex.clone(),
                text,
                at: block.at,
            });
        }
    }

    fn close(&mut self) -> Result<(), TextError> {
        if let Some((code, heading)) = self.heading.take() {
            let blocks = std::mem::take(&mut self.blocks);
            self.entries.push(entry::entry(&code, &heading, &blocks)?);
        }
        Ok(())
    }

    /// Ten categories with five groups each: what is cut off at an element's end is seen here.
    fn complete(&self, at: &Location) -> Result<(), TextError> {
        for category in '0'..='9' {
            let missing = ('A'..='E').find(|group| !self.groups.contains(&(category, *group)));
            let any = self.groups.iter().any(|(found, _)| *found == category);
            let kind = match missing {
                None => continue,
                Some(group) if any => TextProblem::MissingGroup { category, group },
                Some(_) => TextProblem::MissingCategory { category },
            };
            let at = at.clone();
            return Err(TextError { at, kind });
        }
        Ok(())
    }
}

fn within_entry(heading: &str) -> bool {
    WITHIN_ENTRIES.iter().any(|line| heading.starts_with(line))
        || heading.starts_with("I.")
        || heading.starts_with("II.")
        || heading.starts_with("III.")
}

/// The code at the begin of a heading.
fn code_of(text: &str) -> Option<&str> {
    let code = text.get(..5)?;
    let right = match code.as_bytes() {
        [category, group, series @ ..] => {
            category.is_ascii_digit()
                && (b'A'..=b'E').contains(group)
                && series.iter().all(u8::is_ascii_digit)
        }
        _ => false,
    };
    let apart = !text
        .get(5..)?
        .starts_with(|c: char| c.is_ascii_alphanumeric() || c == '.');
    (right && apart).then_some(code)
}
