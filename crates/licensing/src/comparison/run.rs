//! The way through the records of the alignment and through what no record names.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use concord_controls::compare::{Comparer, Standing, standing};
use concord_controls::entry::Code;
use concord_controls::regime::RegimeAt;

use super::{Gap, GapKind, ListComparison, ListError, ListSide, Missing, Pair, Uncompared};
use crate::alignment::{Alignment, Evidence, Record, Relation};
use crate::classified::under;

/// A comparison of two lists while it is being made.
pub(super) struct Run<'a> {
    left: RegimeAt<'a>,
    right: RegimeAt<'a>,
    scope: Vec<String>,
    comparer: Comparer<'a>,
    found: ListComparison,
    /// Codes of each side that leave some items to another authority.
    left_to_others: [BTreeSet<String>; 2],
}

const SIDES: [ListSide; 2] = [ListSide::Left, ListSide::Right];

fn read(codes: &[String]) -> Vec<Code> {
    codes.iter().filter_map(|code| Code::parse(code)).collect()
}

/// One code lies at or below the other.
fn related(a: &str, b: &str) -> bool {
    under(a, b) || under(b, a)
}

impl<'a> Run<'a> {
    pub(super) fn new(
        left: RegimeAt<'a>,
        right: RegimeAt<'a>,
        scope: &[Code],
    ) -> Result<Self, ListError> {
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
        let dated = [left, right].map(|at| at.regime().first_dated());
        let first = dated.into_iter().flatten().min();
        for (side, at) in [(ListSide::Left, left), (ListSide::Right, right)] {
            if let Some(first) = first
                && at.date() < first
            {
                let (jurisdiction, date) = (at.regime().jurisdiction().to_string(), at.date());
                return Err(ListError::BeforeEveryPeriod {
                    jurisdiction,
                    side,
                    date,
                    first,
                });
            }
        }
        Ok(Self {
            left,
            right,
            scope: scope.iter().map(ToString::to_string).collect(),
            comparer: Comparer::new(left, right)?,
            found: ListComparison::default(),
            left_to_others: Default::default(),
        })
    }

    fn wanted(&self, code: &str) -> bool {
        self.scope.is_empty() || self.scope.iter().any(|scope| related(code, scope))
    }

    /// The parts of an entry that the scope names; the entry itself without a scope.
    pub(super) fn scoped(&self, entry: &str) -> Vec<String> {
        if self.scope.is_empty() || self.scope.iter().any(|scope| scope == entry) {
            return vec![entry.to_owned()];
        }
        let below = self.scope.iter().filter(|scope| under(scope, entry));
        below.cloned().collect()
    }

    pub(super) fn record(&mut self, record: &Record, names: &[String; 2]) {
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

    pub(super) fn pair(
        &mut self,
        left: Vec<String>,
        right: Vec<String>,
        evidence: Evidence,
        partial: bool,
    ) {
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
                partial: partial || this < Standing::Full,
            }));
            return;
        }
        for (side, standing) in SIDES.into_iter().zip(stands) {
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
        // Of a side that is only named the thresholds are unknown: where the formulas part is no gap of the law.
        for (side, standing) in SIDES.into_iter().zip(stands) {
            if standing == Standing::Named && !comparison.is_same() {
                self.found.not_compared.push(Uncompared {
                    left,
                    right,
                    why: Missing::NoThresholds(side),
                });
                return;
            }
        }
        for (side, codes) in SIDES.into_iter().zip(&comparison.unstored) {
            self.uncompared(
                side,
                codes.iter().map(ToString::to_string),
                Missing::NoThresholds(side),
            );
        }
        for (known, codes) in self
            .left_to_others
            .iter_mut()
            .zip(&comparison.left_to_others)
        {
            known.extend(codes.iter().map(ToString::to_string));
        }
        for why in &comparison.not_compared {
            self.found.not_compared.push(Uncompared {
                left: left.clone(),
                right: right.clone(),
                why: Missing::Pair(*why),
            });
        }
        self.found.pairs.push(Arc::new(Pair {
            left,
            right,
            evidence,
            partial: partial || stands.iter().any(|s| *s < Standing::Full),
            comparison,
        }));
    }

    /// Entries that no record names and that both lists number alike.
    pub(super) fn by_number(&mut self, named: &Named<'_>) {
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
    pub(super) fn without_record(&mut self, named: &Named<'_>) {
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
                self.uncompared(side, rest, Missing::NoRecord(side));
            }
        }
    }

    /// Codes of one side; none: nothing.
    fn uncompared(
        &mut self,
        side: ListSide,
        codes: impl IntoIterator<Item = String>,
        why: Missing,
    ) {
        let codes: Vec<String> = codes.into_iter().collect();
        if codes.is_empty() {
            return;
        }
        let (left, right) = match side {
            ListSide::Left => (codes, Vec::new()),
            ListSide::Right => (Vec::new(), codes),
        };
        self.found
            .not_compared
            .push(Uncompared { left, right, why });
    }

    pub(super) fn finish(mut self) -> ListComparison {
        for (side, codes) in SIDES
            .into_iter()
            .zip(std::mem::take(&mut self.left_to_others))
        {
            self.uncompared(side, codes, Missing::OtherAuthority(side));
        }
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
pub(super) struct Named<'r> {
    /// Entries named on either side.
    entries: HashSet<&'r str>,
    /// Codes of each side by entry.
    codes: [HashMap<&'r str, Vec<&'r str>>; 2],
}

impl<'r> Named<'r> {
    pub(super) fn of(alignment: &'r Alignment, names: &[String; 2]) -> Self {
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
