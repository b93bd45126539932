//! What a reader collects while it goes through the records of one file.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::{ListError, Place};
use crate::list_id::ListId;
use crate::party::{Kind, Party, Position};
use crate::read::{Format, Opened, Problem, Reading, number_repeats, sources};
use crate::xml::Element;

/// Parties and oddities of one file.
pub(crate) struct Gather {
    pub file: String,
    format: Format,
    digest: String,
    records: u64,
    by_kind: BTreeMap<Kind, u64>,
    parties: Vec<Party>,
    problems: Vec<Problem>,
    told: BTreeSet<String>,
}

impl Gather {
    pub fn new(file: &Opened<'_>, format: Format) -> Self {
        Self {
            file: file.name.clone(),
            format,
            digest: file.sha256(),
            records: 0,
            by_kind: BTreeMap::new(),
            parties: Vec::new(),
            problems: Vec::new(),
            told: BTreeSet::new(),
        }
    }

    /// The same parties as those of another publication: what it is called was said last.
    pub fn rename(&mut self, format: Format, list: impl Fn(&Party) -> Option<ListId>) {
        self.format = format;
        for party in &mut self.parties {
            let Some(list) = list(party) else { continue };
            party.source = format.source().to_owned();
            party.id = format!("{}/{list}/{}", party.source, party.record_id);
            party.list = list;
        }
    }

    pub fn records(&self) -> u64 {
        self.records
    }

    pub fn parties(&self) -> &[Party] {
        &self.parties
    }

    pub fn position(&self, line: u64) -> Position {
        Position {
            file: self.file.clone(),
            line,
        }
    }

    /// Takes one party and counts `records` source records for it.
    pub fn party(&mut self, party: Party, records: u64) {
        self.records += records;
        *self.by_kind.entry(party.kind).or_default() += records;
        self.parties.push(party.finished());
    }

    pub fn problem(&mut self, line: u64, message: impl Into<String>) {
        self.problems.push(Problem {
            file: self.file.clone(),
            line,
            message: message.into(),
        });
    }

    /// A problem that is told once however often it occurs.
    pub fn problem_once(&mut self, line: u64, message: &str) {
        if self.told.insert(message.to_owned()) {
            self.problem(line, message);
        }
    }

    /// Tells of the children of `element` that are not among `known`: a part of the format that
    /// this release does not read.
    pub fn unknown_children(&mut self, element: &Element, known: &[&str]) {
        for child in &element.children {
            if !known.contains(&child.name.as_str()) {
                let message = format!(
                    "element `{}` in `{}` is not known and was not read",
                    child.name, element.name
                );
                self.problem_once(child.line, &message);
            }
        }
    }

    /// The reading; `data_date` is what the file itself states.
    pub fn finish(self, data_date: &str) -> Result<Reading, ListError> {
        let Self {
            file,
            format,
            digest,
            records,
            by_kind,
            mut parties,
            mut problems,
            ..
        } = self;
        if parties.is_empty() {
            return Err(ListError::Empty {
                place: Place::line(&file, 1),
            });
        }
        number_repeats(&mut parties, &mut problems);
        let mut sources = sources(&parties, &file, &digest);
        for source in &mut sources {
            data_date.clone_into(&mut source.data_date);
        }
        Ok(Reading {
            format,
            records,
            records_by_kind: by_kind,
            sources,
            parties,
            problems,
        })
    }
}
