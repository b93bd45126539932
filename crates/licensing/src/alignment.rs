//! Which control of one list is which of another, with what was compared (`regimes/alignment.yaml`).
//!
//! Equal numbers are a hint, not a key: `3E901` is one thing in the United States and another in Korea.

use concord_controls::compare::{Standing, standing};
use concord_controls::entry::Code;
use concord_controls::problem::{LoadError, Location, ProblemKind, Problems};
use concord_controls::regime::RegimeSource;
use concord_controls::yaml::Document;
use jiff::civil::Date;

use crate::classified::{Classified, ClassifiedBy, ParagraphRef, under};
use crate::decision::Text;
use crate::law::LawEdition;
use crate::law::fields::{Fields, each};

/// Path of the file below `regimes/`.
const FILE: &str = "alignment.yaml";

/// How two controls stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// The same control.
    Same,
    /// They share a part.
    Overlaps,
    /// One list has it and the other does not.
    OnlyOneSide,
    /// Equal numbers, different controls: never to be aligned by number.
    NotTheSame,
}

/// What a pairing rests on, strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Evidence {
    /// The same CAS number.
    Cas,
    /// The same parameters.
    Parameters,
    /// The same subject; thresholds were not compared.
    Subject,
    /// The same five characters, nothing more.
    Code,
    /// The outcomes of two decisions.
    Outcome,
}

impl Evidence {
    /// The word of the contract.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cas => "cas",
            Self::Parameters => "parameters",
            Self::Subject => "subject",
            Self::Code => "code",
            Self::Outcome => "outcome",
        }
    }
}

/// One side of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// For example `US`.
    pub jurisdiction: String,
    /// Entry or paragraph; it covers everything below it.
    pub code: String,
}

/// One record of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Id.
    pub id: String,
    /// What both sides speak of.
    pub subject: Text,
    /// The sides.
    pub members: Vec<Member>,
    /// How they stand to each other.
    pub relation: Relation,
    /// What was compared.
    pub evidence: Evidence,
    /// Thresholds were not compared on both sides.
    pub partial: bool,
    /// Where it was read.
    pub cite: String,
}

impl Record {
    /// The most specific member of a jurisdiction that covers `code`.
    fn covering(&self, jurisdiction: &str, code: &str) -> Option<&Member> {
        self.members
            .iter()
            .filter(|m| m.jurisdiction == jurisdiction && under(code, &m.code))
            .max_by_key(|m| m.code.len())
    }

    fn of(&self, jurisdiction: &str) -> Option<&Member> {
        self.members.iter().find(|m| m.jurisdiction == jurisdiction)
    }
}

/// The alignment of all lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alignment {
    records: Vec<Record>,
}

impl Alignment {
    /// Reads `alignment.yaml`.
    ///
    /// # Errors
    /// [`LoadError`] with every problem, each with `file:line:column`.
    pub fn load(source: &RegimeSource) -> Result<Self, LoadError> {
        let mut problems = Problems::new();
        let at = Location {
            file: FILE.into(),
            line: 1,
            column: 1,
        };
        let document = match source.get(FILE).map(|bytes| Document::parse(FILE, bytes)) {
            Some(Ok(document)) => Some(document),
            Some(Err(problem)) => {
                problems.push(problem.at, problem.kind);
                None
            }
            None => {
                problems.push(at, ProblemKind::MissingFile);
                None
            }
        };
        let records = document.map_or_else(Vec::new, |d| read(&d, &mut problems));
        problems.finish()?;
        Ok(Self { records })
    }

    /// The records in file order.
    #[must_use]
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// The record that speaks most precisely of `code`, among those with a wanted relation.
    pub(crate) fn find(
        &self,
        jurisdiction: &str,
        code: &str,
        wanted: impl Fn(&Record) -> bool,
    ) -> Option<&Record> {
        self.records
            .iter()
            .filter(|r| wanted(r))
            .filter_map(|r| r.covering(jurisdiction, code).map(|m| (r, m.code.len())))
            // The first of equals: file order, so that the answer is stable.
            .fold(
                None,
                |best: Option<(&Record, usize)>, (r, len)| match best {
                    Some((_, known)) if known >= len => best,
                    _ => Some((r, len)),
                },
            )
            .map(|(record, _)| record)
    }

    /// Whether two equal numbers are known to be different controls.
    pub(crate) fn trap(&self, a: (&str, &str), b: (&str, &str)) -> Option<&Record> {
        self.records.iter().find(|r| {
            r.relation == Relation::NotTheSame
                && r.covering(a.0, a.1).is_some()
                && r.covering(b.0, b.1).is_some()
        })
    }

    /// The answer for a jurisdiction whose code nobody stated and whose list decides nothing, from codes stated for
    /// others (case files, rule 4). Returns `classified` unchanged where it already stands or nothing is aligned. A code that
    /// is not in force on that day is no answer.
    #[must_use]
    pub fn answer(
        &self,
        law: &LawEdition,
        classified: Classified,
        stated: &[(String, String)],
        as_of: Date,
    ) -> Classified {
        if classified.by != ClassifiedBy::Unresolved {
            return classified;
        }
        let own = law.jurisdiction();
        let code = stated
            .iter()
            .filter(|(jurisdiction, _)| jurisdiction != own)
            .find_map(|(jurisdiction, code)| self.counterpart(law, jurisdiction, code, as_of));
        match code {
            Some(code) => Classified {
                by: ClassifiedBy::Aligned,
                matches: vec![ParagraphRef::parse(&code)],
                code,
                ..classified
            },
            None => classified,
        }
    }

    /// The code of `law`'s list that stands for `code` of another list, where it is in force on that day.
    #[must_use]
    pub fn counterpart(
        &self,
        law: &LawEdition,
        jurisdiction: &str,
        code: &str,
        as_of: Date,
    ) -> Option<String> {
        let found = self.aligned(law, jurisdiction, code)?;
        let at = law.regime().at(as_of);
        let known = [Code::parse(&found)?];
        (standing(at, &known) > Standing::NotInForce).then_some(found)
    }

    /// Members that no version of their list knows, in words: a file of alignments that speaks of them is wrong.
    #[must_use]
    pub fn unknown_members(&self, laws: &[&LawEdition]) -> Vec<String> {
        let mut wrong = Vec::new();
        for record in &self.records {
            for member in &record.members {
                let law = laws
                    .iter()
                    .find(|l| l.jurisdiction() == member.jurisdiction);
                if law.is_none_or(|law| !knows(law, &member.code)) {
                    wrong.push(format!(
                        "{FILE}: record `{}` aligns `{}`, which the list of {} has at no date",
                        record.id, member.code, member.jurisdiction
                    ));
                }
            }
        }
        wrong
    }

    /// The same, in force or not.
    fn aligned(&self, law: &LawEdition, jurisdiction: &str, code: &str) -> Option<String> {
        let own = law.jurisdiction();
        let paired = self.find(jurisdiction, code, |r| {
            matches!(r.relation, Relation::Same | Relation::Overlaps) && r.of(own).is_some()
        });
        if let Some(record) = paired {
            let member = record.of(own)?;
            // Same numbers on both sides: the paragraph below is the same too, if the list has it.
            let equal = record
                .covering(jurisdiction, code)
                .is_some_and(|m| m.code == member.code);
            let deeper = equal && knows(law, code);
            return Some(if deeper {
                code.to_owned()
            } else {
                member.code.clone()
            });
        }
        let alone = self.find(jurisdiction, code, |r| r.relation == Relation::OnlyOneSide);
        if alone.is_some() || self.trap((jurisdiction, code), (own, code)).is_some() {
            return None;
        }
        // No record: the five characters are the default of the regime numbers. Only what the list knows is answered.
        let mut candidate = code;
        loop {
            if knows(law, candidate) && law.regime().residual().is_none_or(|r| **r != *candidate) {
                return Some(candidate.to_owned());
            }
            match candidate.rsplit_once('.') {
                Some((above, _)) => candidate = above,
                None => return self.entry_below(own, jurisdiction, code),
            }
        }
    }
}

impl Alignment {
    /// The one entry that stands for everything aligned below a code that was stated too generally: `3A903` for `3A090`.
    fn entry_below(&self, own: &str, jurisdiction: &str, code: &str) -> Option<String> {
        let aligned = self.records.iter().filter(|r| {
            let below = |m: &Member| m.jurisdiction == jurisdiction && under(&m.code, code);
            matches!(r.relation, Relation::Same | Relation::Overlaps) && r.members.iter().any(below)
        });
        let mut entries = aligned
            .flat_map(|r| r.members.iter().filter(|m| m.jurisdiction == own))
            .map(|m| m.code.split('.').next().unwrap_or_default());
        let first = entries.next()?;
        entries
            .all(|entry| entry == first)
            .then(|| first.to_owned())
    }
}

fn knows(law: &LawEdition, code: &str) -> bool {
    Code::parse(code).is_some_and(|code| law.regime().knows(&code))
}

fn read(document: &Document, problems: &mut Problems) -> Vec<Record> {
    let Some(file) = Fields::open(document.root(), &["alignment"], problems) else {
        return Vec::new();
    };
    const KEYS: &[&str] = &[
        "id",
        "subjects",
        "members",
        "relation",
        "not_the_same",
        "evidence",
        "coverage",
        "cite",
    ];
    each(
        file.required_items("alignment", problems),
        KEYS,
        problems,
        |record, problems| {
            let members = each(
                record.required_items("members", problems),
                &["jurisdiction", "code"],
                problems,
                |member, problems| {
                    Some(Member {
                        jurisdiction: member.text("jurisdiction", problems)?,
                        code: member.text("code", problems)?,
                    })
                },
            );
            if let Some(bad) = members.iter().find(|m| Code::parse(&m.code).is_none()) {
                record.refuse(
                    format!("`{}` is not a code such as `3A090.a`", bad.code),
                    problems,
                );
            }
            let relation = if record.flag("not_the_same", problems) {
                Relation::NotTheSame
            } else {
                record.map().required("relation", problems)?.word(
                    &[
                        ("same", Relation::Same),
                        ("overlaps", Relation::Overlaps),
                        ("only_one_side", Relation::OnlyOneSide),
                    ],
                    problems,
                )?
            };
            let fits = match relation {
                Relation::OnlyOneSide => members.len() == 1,
                _ => members.len() >= 2,
            };
            if !fits {
                let what = "only_one_side has one member, every other relation at least two";
                record.refuse(what.to_owned(), problems);
            }
            Some(Record {
                id: record.text("id", problems)?,
                subject: record.label("subjects", problems)?,
                members,
                relation,
                evidence: record.map().required("evidence", problems)?.word(
                    &[
                        ("cas", Evidence::Cas),
                        ("parameters", Evidence::Parameters),
                        ("subject", Evidence::Subject),
                        ("code", Evidence::Code),
                    ],
                    problems,
                )?,
                partial: record
                    .map()
                    .required("coverage", problems)?
                    .word(&[("full", false), ("partial", true)], problems)?,
                cite: record.text("cite", problems)?,
            })
        },
    )
}
