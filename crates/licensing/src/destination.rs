//! Where an item goes, read against the Country Chart and the Country Groups at a date, and whether a predicate reaches it.

use concord_controls::destination::DestinationPredicate;
use concord_controls::problem::{ProblemKind, Problems};
use concord_controls::yaml::Cursor;
use jiff::civil::Date;

use crate::decision::{Cite, Text};
use crate::law::us_tables::{Chart, Group, Row, Sanction};

/// A predicate with its canonical text.
#[derive(Clone, Debug)]
pub(crate) struct Destinations {
    predicate: DestinationPredicate,
}

impl Destinations {
    pub(crate) const fn worldwide() -> Self {
        Self {
            predicate: DestinationPredicate::Worldwide,
        }
    }

    pub(crate) const fn predicate(&self) -> &DestinationPredicate {
        &self.predicate
    }
}

/// Reads a predicate from a table, with the column at which it goes wrong.
pub(crate) fn read(cursor: Cursor<'_>, problems: &mut Problems) -> Option<Destinations> {
    match DestinationPredicate::parse(cursor.text(problems)?) {
        Ok(predicate) => Some(Destinations { predicate }),
        Err(error) => {
            let at = cursor.location_in_text(error.column.saturating_sub(1));
            problems.push(at, ProblemKind::Destination { error });
            None
        }
    }
}

/// Whether a predicate reaches a destination. `Unmodelled` and `Unknown` are never read as "no".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reached {
    Yes,
    No,
    /// The table has no answer for this destination.
    Unknown,
    /// Prose that is not modelled: a person must resolve it.
    Unmodelled,
}

impl Reached {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Unmodelled, _) | (_, Self::Unmodelled) => Self::Unmodelled,
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            (Self::Yes, Self::Yes) => Self::Yes,
        }
    }

    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Yes, _) | (_, Self::Yes) => Self::Yes,
            (Self::Unmodelled, _) | (_, Self::Unmodelled) => Self::Unmodelled,
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            (Self::No, Self::No) => Self::No,
        }
    }

    const fn negated(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            other => other,
        }
    }

    const fn of(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}

/// A destination at a date.
#[derive(Debug)]
pub(crate) struct Place<'a> {
    /// As the asker wrote it.
    pub code: &'a str,
    pub name: Text,
    /// The code whose row and groups count; the same as `code` unless another row is used.
    pub row: &'a str,
    /// Why another row is used.
    pub row_cite: Option<Cite>,
    /// Row found at all.
    pub known: bool,
    /// The row points to part 746 instead of marks.
    pub pointer: Option<&'a str>,
    /// The deciding country itself.
    pub home: bool,
    chart: &'a Chart,
    groups: &'a [Group],
    sanctions: &'a [Sanction],
    as_of: Date,
}

impl<'a> Place<'a> {
    /// Resolves a destination. `None` when the code is no country of the chart file at all.
    pub(crate) fn resolve(
        code: &'a str,
        chart: &'a Chart,
        groups: &'a [Group],
        sanctions: &'a [Sanction],
        as_of: Date,
    ) -> Option<Self> {
        let country = chart.countries.get(code)?;
        let mut place = Self {
            code,
            name: country.name.clone(),
            row: code,
            row_cite: None,
            known: true,
            pointer: None,
            home: false,
            chart,
            groups,
            sanctions,
            as_of,
        };
        let mut row = &country.row;
        if let Row::Of(other) = row {
            place.row = other;
            place.row_cite = Some(Cite::new(country.cite.clone().unwrap_or_default()));
            // The loader has checked that the other row exists and is no reference itself.
            row = chart.countries.get(other).map_or(&Row::Missing, |c| &c.row);
        }
        match row {
            Row::Pointer(section) => place.pointer = Some(section),
            Row::Home => place.home = true,
            Row::Missing | Row::Of(_) => place.known = false,
            Row::Own { .. } => {}
        }
        Some(place)
    }

    /// The row used, when it is another destination's.
    pub(crate) fn row_used(&self) -> &'a str {
        if self.row == self.code { "" } else { self.row }
    }

    /// Whether the chart marks a column.
    pub(crate) fn marked(&self, column: &str) -> Reached {
        let Some(country) = self.chart.countries.get(self.row) else {
            return Reached::Unknown;
        };
        match &country.row {
            Row::Own { marks, before, .. } => {
                let mut holds = marks.contains(column);
                // The oldest change whose end lies after the day decides.
                if let Some(change) = before
                    .iter()
                    .filter(|c| self.as_of < c.to)
                    .min_by_key(|c| c.to)
                {
                    let named = |list: &[String]| list.iter().any(|c| c == column);
                    holds = (holds || named(&change.add)) && !named(&change.remove);
                }
                Reached::of(holds)
            }
            Row::Home => Reached::No,
            // No marks at all carries no permissive meaning; part 746 makes the requirement.
            Row::Pointer(_) => Reached::No,
            Row::Missing | Row::Of(_) => Reached::Unknown,
        }
    }

    /// Whether the destination is in a Country Group.
    pub(crate) fn in_group(&self, id: &str) -> Reached {
        if !self.known {
            return Reached::Unknown;
        }
        let Some(group) = self.groups.iter().find(|g| g.id == id) else {
            return Reached::Unknown;
        };
        let change = group
            .changes
            .iter()
            .filter(|c| c.code == self.row && self.as_of < c.to)
            .min_by_key(|c| c.to);
        Reached::of(change.map_or_else(|| group.members.contains(self.row), |c| c.member))
    }

    /// The groups the destination is in, in the order of the file.
    pub(crate) fn group_ids(&self) -> Vec<&'a str> {
        self.groups
            .iter()
            .filter(|g| self.in_group(&g.id) == Reached::Yes)
            .map(|g| g.id.as_str())
            .collect()
    }

    /// Part 746 has something to say about the destination.
    fn sanctioned_or_noted(&self) -> bool {
        let noted = self
            .chart
            .countries
            .get(self.row)
            .is_some_and(|c| c.un_noted);
        noted
            || self.pointer.is_some()
            || self
                .sanctions
                .iter()
                .any(|s| s.code == self.row && s.period.contains(self.as_of))
    }

    /// Whether a predicate reaches the destination; prose is left to a person.
    pub(crate) fn reached(&self, predicate: &DestinationPredicate) -> Reached {
        self.reached_with(predicate, Reached::Unmodelled)
    }

    /// The same, with an answer for the one kind of prose that the party step decides: `footnote N party`.
    pub(crate) fn reached_with(
        &self,
        predicate: &DestinationPredicate,
        footnote_party: Reached,
    ) -> Reached {
        let inner = |p: &DestinationPredicate| self.reached_with(p, footnote_party);
        match predicate {
            DestinationPredicate::Worldwide => Reached::of(!self.home),
            DestinationPredicate::Chart(column) => self.marked(column),
            DestinationPredicate::Group(ids) => ids
                .iter()
                .fold(Reached::No, |all, id| all.or(self.in_group(id))),
            DestinationPredicate::Country(codes) => {
                Reached::of(codes.iter().any(|c| c == self.code || c == self.row))
            }
            DestinationPredicate::Part(_) => {
                if self.sanctioned_or_noted() || !self.known {
                    Reached::Unmodelled
                } else {
                    Reached::No
                }
            }
            DestinationPredicate::Unmodelled(what)
                if what.starts_with("footnote ") && what.ends_with(" party") =>
            {
                footnote_party
            }
            DestinationPredicate::Unmodelled(_) => Reached::Unmodelled,
            DestinationPredicate::All(parts) => {
                parts.iter().fold(Reached::Yes, |all, p| all.and(inner(p)))
            }
            DestinationPredicate::Any(parts) => {
                parts.iter().fold(Reached::No, |all, p| all.or(inner(p)))
            }
            DestinationPredicate::Not(part) => inner(part).negated(),
        }
    }
}

/// The chart column a predicate names, for the `column` of a requirement.
pub(crate) fn column_of(predicate: &DestinationPredicate) -> Option<&str> {
    match predicate {
        DestinationPredicate::Chart(column) => Some(column),
        _ => None,
    }
}
