//! Two whole lists, or one list at two dates, subtracted from one another: which entries are compared with which, and what
//! only one side has. The subtraction of a pair is that of [`concord_controls::compare`].

use std::collections::{HashMap, HashSet};

use concord_controls::compare::{
    CompareError, Comparer, Comparison, NotCompared, Region, Standing, standing,
};
use concord_controls::entry::Code;
use concord_controls::regime::RegimeAt;

use crate::alignment::{Alignment, Evidence, Record, Relation};
use crate::classified::under;

/// Why lists cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// The lists speak different languages.
    #[error(transparent)]
    Compare(#[from] CompareError),
    /// A code of the scope is not in force on either side.
    #[error("{0}")]
    UnknownCode(String),
}

/// The left or the right list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ListSide {
    /// The first.
    Left,
    /// The second.
    Right,
}

/// Two groups of codes that stand for one another, and where they part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// Codes of the left list.
    pub left: Vec<String>,
    /// Codes of the right list.
    pub right: Vec<String>,
    /// What the pairing rests on.
    pub evidence: Evidence,
    /// Thresholds of a side are unverified or incomplete.
    pub partial: bool,
    /// Where they part.
    pub comparison: Comparison,
}

impl Pair {
    /// The regions with the side that controls them.
    pub fn regions(&self) -> impl Iterator<Item = (ListSide, &Region)> {
        let left = self.comparison.only_left.iter();
        let right = self.comparison.only_right.iter();
        left.map(|region| (ListSide::Left, region))
            .chain(right.map(|region| (ListSide::Right, region)))
    }
}

/// Why one side has nothing to compare with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GapKind {
    /// The other list has no such entry.
    ListScope,
    /// It has one, which is not in force at the date.
    Temporal,
}

impl GapKind {
    /// The word of the divergence taxonomy.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ListScope => "list_scope_gap",
            Self::Temporal => "temporal",
        }
    }
}

/// Something that one list alone has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// How.
    pub kind: GapKind,
    /// The list that has it.
    pub side: ListSide,
    /// Its code there.
    pub code: String,
    /// What the statement rests on.
    pub evidence: Evidence,
    /// Not confirmed in the other list's own text.
    pub partial: bool,
}

/// Why something is missing from the comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Missing {
    /// The thresholds of this side are not in our data.
    NoThresholds(ListSide),
    /// No alignment record speaks of these paragraphs.
    NoRecord(ListSide),
    /// Equal numbers, known to be different controls.
    NotTheSame,
    /// The comparison of the pair itself is incomplete.
    Pair(NotCompared),
}

impl Missing {
    /// As answers write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoThresholds(_) => "no_thresholds",
            Self::NoRecord(_) => "no_alignment_record",
            Self::NotTheSame => "not_the_same_control",
            Self::Pair(what) => what.word(),
        }
    }

    /// The side on which it is missing, where there is one.
    #[must_use]
    pub const fn side(self) -> Option<ListSide> {
        match self {
            Self::NoThresholds(side) | Self::NoRecord(side) => Some(side),
            Self::NotTheSame | Self::Pair(_) => None,
        }
    }
}

/// Codes that are not compared, or not fully.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uncompared {
    /// Codes of the left list.
    pub left: Vec<String>,
    /// Codes of the right list.
    pub right: Vec<String>,
    /// Why.
    pub why: Missing,
}

/// What two lists control apart from one another.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListComparison {
    /// The pairs, in order of the left code, also those without a difference.
    pub pairs: Vec<Pair>,
    /// What one side alone has.
    pub gaps: Vec<Gap>,
    /// What is missing, with the reason. Never silent.
    pub not_compared: Vec<Uncompared>,
}

/// Compares two lists over the alignment records. Entries without a record are paired by their five characters, which is
/// the weakest evidence and named so. An empty scope is everything.
///
/// # Errors
/// [`ListError`]: a scope code that neither list has in force; different vocabularies.
pub fn compare_lists(
    alignment: &Alignment,
    left: RegimeAt<'_>,
    right: RegimeAt<'_>,
    scope: &[Code],
) -> Result<ListComparison, ListError> {
    let mut run = Run::new(left, right, scope)?;
    let names = [left, right].map(|at| at.regime().jurisdiction().to_string());
    for record in alignment.records() {
        run.record(record, &names);
    }
    let named = Named::of(alignment, &names);
    run.by_number(&named);
    run.without_record(&named);
    Ok(run.finish())
}

/// Compares two lists by entry code: one list at two dates, or two editions of it.
///
/// # Errors
/// [`ListError`]: a scope code that is in force on neither side; different vocabularies.
pub fn compare_editions(
    left: RegimeAt<'_>,
    right: RegimeAt<'_>,
    scope: &[Code],
) -> Result<ListComparison, ListError> {
    let mut run = Run::new(left, right, scope)?;
    let mut codes: Vec<String> = left.entries().map(|e| e.code.to_string()).collect();
    codes.extend(right.entries().map(|e| e.code.to_string()));
    codes.sort();
    codes.dedup();
    for code in codes {
        for part in run.scoped(&code) {
            let codes = vec![part];
            run.pair(codes.clone(), codes, Evidence::Code, false);
        }
    }
    Ok(run.finish())
}

struct Run<'a> {
    left: RegimeAt<'a>,
    right: RegimeAt<'a>,
    scope: Vec<String>,
    comparer: Comparer<'a>,
    found: ListComparison,
}

fn read(codes: &[String]) -> Vec<Code> {
    codes.iter().filter_map(|code| Code::parse(code)).collect()
}

/// One code lies at or below the other.
fn related(a: &str, b: &str) -> bool {
    under(a, b) || under(b, a)
}

impl<'a> Run<'a> {
    fn new(left: RegimeAt<'a>, right: RegimeAt<'a>, scope: &[Code]) -> Result<Self, ListError> {
        for code in scope {
            let one = std::slice::from_ref(code);
            let best = standing(left, one).max(standing(right, one));
            let (left, right) = (left.date(), right.date());
            let dates = if left == right {
                format!("on {left}")
            } else {
                format!("on {left} or {right}")
            };
            let problem = match best {
                Standing::Unknown => format!("`{code}` is not a code of either list"),
                Standing::NotInForce => format!("`{code}` is not in force {dates}"),
                _ => continue,
            };
            return Err(ListError::UnknownCode(problem));
        }
        Ok(Self {
            left,
            right,
            scope: scope.iter().map(ToString::to_string).collect(),
            comparer: Comparer::new(left, right)?,
            found: ListComparison::default(),
        })
    }

    fn wanted(&self, code: &str) -> bool {
        self.scope.is_empty() || self.scope.iter().any(|scope| related(code, scope))
    }

    /// The parts of an entry that the scope names; the entry itself without a scope.
    fn scoped(&self, entry: &str) -> Vec<String> {
        if self.scope.is_empty() || self.scope.iter().any(|scope| scope == entry) {
            return vec![entry.to_owned()];
        }
        let below = self.scope.iter().filter(|scope| under(scope, entry));
        below.cloned().collect()
    }

    fn record(&mut self, record: &Record, names: &[String; 2]) {
        let [left, right] = [0, 1].map(|side: usize| {
            let name = names.get(side);
            let members = record.members.iter();
            members
                .filter(|m| Some(&m.jurisdiction) == name)
                .map(|m| m.code.clone())
                .collect::<Vec<_>>()
        });
        if !left.iter().chain(&right).any(|code| self.wanted(code)) {
            return;
        }
        match record.relation {
            Relation::NotTheSame if !left.is_empty() && !right.is_empty() => {
                self.found.not_compared.push(Uncompared {
                    left,
                    right,
                    why: Missing::NotTheSame,
                });
            }
            Relation::NotTheSame => {}
            Relation::OnlyOneSide => {
                for (side, codes) in [(ListSide::Left, left), (ListSide::Right, right)] {
                    for code in codes {
                        self.gap(side, code, record.evidence, record.partial);
                    }
                }
            }
            Relation::Same | Relation::Overlaps => {
                if !left.is_empty() && !right.is_empty() {
                    self.pair(left, right, record.evidence, record.partial);
                }
            }
        }
    }

    fn gap(&mut self, side: ListSide, code: String, evidence: Evidence, partial: bool) {
        let at = match side {
            ListSide::Left => self.left,
            ListSide::Right => self.right,
        };
        if standing(at, &read(std::slice::from_ref(&code))) > Standing::NotInForce {
            self.found.gaps.push(Gap {
                kind: GapKind::ListScope,
                side,
                code,
                evidence,
                partial,
            });
        }
    }

    fn pair(&mut self, left: Vec<String>, right: Vec<String>, evidence: Evidence, partial: bool) {
        let codes = [read(&left), read(&right)];
        let [a, b] = &codes;
        let stands = [standing(self.left, a), standing(self.right, b)];
        let [here, there] = stands;
        let absent = |standing| standing <= Standing::NotInForce;
        if absent(here) && absent(there) {
            return;
        }
        for (side, this, other, codes) in [
            (ListSide::Left, here, there, &left),
            (ListSide::Right, there, here, &right),
        ] {
            if !absent(other) {
                continue;
            }
            let kind = if other == Standing::Unknown {
                GapKind::ListScope
            } else {
                GapKind::Temporal
            };
            self.found.gaps.extend(codes.iter().map(|code| Gap {
                kind,
                side,
                code: code.clone(),
                evidence,
                partial: partial || this == Standing::Partial,
            }));
            return;
        }
        for (side, standing) in [(ListSide::Left, here), (ListSide::Right, there)] {
            if standing == Standing::NoThresholds {
                self.found.not_compared.push(Uncompared {
                    left,
                    right,
                    why: Missing::NoThresholds(side),
                });
                return;
            }
        }
        let comparison = self.comparer.codes(a, b);
        for why in &comparison.not_compared {
            self.found.not_compared.push(Uncompared {
                left: left.clone(),
                right: right.clone(),
                why: Missing::Pair(*why),
            });
        }
        self.found.pairs.push(Pair {
            left,
            right,
            evidence,
            partial: partial || stands.contains(&Standing::Partial),
            comparison,
        });
    }

    /// Entries that no record names and that both lists number alike.
    fn by_number(&mut self, named: &Named<'_>) {
        let left = self.left;
        for entry in left.entries() {
            let code = &*entry.code;
            if self.right.regime().entry(code).is_none() || named.entries.contains(code) {
                continue;
            }
            for part in self.scoped(code) {
                let codes = vec![part];
                self.pair(codes.clone(), codes, Evidence::Code, true);
            }
        }
    }

    /// Entries that one list alone has, and paragraphs beside those that records name.
    fn without_record(&mut self, named: &Named<'_>) {
        for (side, at, other) in [
            (ListSide::Left, self.left, self.right),
            (ListSide::Right, self.right, self.left),
        ] {
            for entry in at.entries() {
                let code = &*entry.code;
                if !self.wanted(code) {
                    continue;
                }
                if !named.entries.contains(code) {
                    if other.regime().entry(code).is_none() {
                        for part in self.scoped(code) {
                            self.gap(side, part, Evidence::Code, true);
                        }
                    }
                    continue;
                }
                let members = named.members(side, code);
                let rest: Vec<String> = entry
                    .paragraphs
                    .iter()
                    .filter(|p| p.period.contains(at.date()))
                    .filter(|p| !members.iter().any(|member| under(&p.code, member)))
                    .filter(|p| self.wanted(&p.code))
                    .map(|p| p.code.to_string())
                    .collect();
                if rest.is_empty() {
                    continue;
                }
                let (left, right) = match side {
                    ListSide::Left => (rest, Vec::new()),
                    ListSide::Right => (Vec::new(), rest),
                };
                self.found.not_compared.push(Uncompared {
                    left,
                    right,
                    why: Missing::NoRecord(side),
                });
            }
        }
    }

    fn finish(self) -> ListComparison {
        let mut found = self.found;
        found
            .pairs
            .sort_by(|a, b| (&a.left, &a.right).cmp(&(&b.left, &b.right)));
        found
            .gaps
            .sort_by(|a, b| (&a.code, a.side).cmp(&(&b.code, b.side)));
        found
            .gaps
            .dedup_by(|a, b| (&a.code, a.side) == (&b.code, b.side));
        let key = |u: &Uncompared| (u.left.clone(), u.right.clone(), u.why);
        found.not_compared.sort_by_key(key);
        found
    }
}

/// What the records name, by entry.
struct Named<'r> {
    /// Entries named on either side.
    entries: HashSet<&'r str>,
    /// Codes of each side by entry.
    codes: [HashMap<&'r str, Vec<&'r str>>; 2],
}

impl<'r> Named<'r> {
    fn of(alignment: &'r Alignment, names: &[String; 2]) -> Self {
        let mut named = Self {
            entries: HashSet::new(),
            codes: [HashMap::new(), HashMap::new()],
        };
        for member in alignment.records().iter().flat_map(|r| &r.members) {
            let entry = member.code.split('.').next().unwrap_or_default();
            for (name, codes) in names.iter().zip(&mut named.codes) {
                if *name == member.jurisdiction {
                    named.entries.insert(entry);
                    codes.entry(entry).or_default().push(&member.code);
                }
            }
        }
        named
    }

    fn members(&self, side: ListSide, entry: &str) -> &[&'r str] {
        let [left, right] = &self.codes;
        let codes = match side {
            ListSide::Left => left,
            ListSide::Right => right,
        };
        codes.get(entry).map_or(&[], Vec::as_slice)
    }
}
