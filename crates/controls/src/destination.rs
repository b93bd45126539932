//! Destination predicates (`to:`): read here, decided where countries are known (the licensing core).
//!
//! ```text
//! predicate := and ("or" and)* ; and := unary ("and" unary)* ; unary := "not" unary | "(" … ")" | atom
//! atom      := worldwide | chart(NS 1) | group(D:1, D:5) | country(MO, AE) | part(746) | unmodelled(reason)
//! ```

use std::fmt;

use crate::problem::{ProblemKind, Problems};
use crate::yaml::Cursor;

/// How deep parentheses and `not` may nest.
const MAX_DEPTH: usize = 32;

/// Where a requirement applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DestinationPredicate {
    /// Every destination.
    Worldwide,
    /// The Country Chart (15 CFR 738 Supp. 1) marks the column, for example `NS 1`.
    Chart(String),
    /// In one of the Country Groups (15 CFR 740 Supp. 1), for example `D:5`.
    Group(Vec<String>),
    /// One of these countries (ISO 3166 alpha-2).
    Country(Vec<String>),
    /// Another part of the regulations decides; never clears anything.
    Part(String),
    /// Prose that is not modelled, with what it says in our words; never clears anything.
    Unmodelled(String),
    /// All hold; at least two.
    All(Vec<DestinationPredicate>),
    /// One holds; at least two.
    Any(Vec<DestinationPredicate>),
    /// Does not hold.
    Not(Box<DestinationPredicate>),
}

/// Why a predicate does not parse.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct DestinationError {
    /// Column of the predicate, from 1.
    pub column: u32,
    /// What is wrong and what would be right.
    pub message: String,
}

impl DestinationPredicate {
    /// Reads a predicate.
    ///
    /// # Errors
    /// [`DestinationError`] with the column at which reading stopped.
    pub fn parse(text: &str) -> Result<Self, DestinationError> {
        let mut reader = Reader { text, position: 0 };
        let predicate = reader.any(0)?;
        reader.skip_spaces();
        if reader.rest().is_empty() {
            Ok(predicate)
        } else {
            Err(reader.expected("`and`, `or` or the end"))
        }
    }
}

impl DestinationPredicate {
    /// Reads a predicate from a scalar of a file, with problems at their place in the file.
    pub fn read(cursor: Cursor<'_>, problems: &mut Problems) -> Option<Self> {
        match Self::parse(cursor.text(problems)?) {
            Ok(predicate) => Some(predicate),
            Err(error) => {
                let at = cursor.location_in_text(error.column.saturating_sub(1));
                problems.push(at, ProblemKind::Destination { error });
                None
            }
        }
    }

    /// True when some part of it is prose or another part of the regulations, which a person must resolve.
    #[must_use]
    pub fn needs_a_person(&self) -> bool {
        match self {
            Self::Part(_) | Self::Unmodelled(_) => true,
            Self::All(parts) | Self::Any(parts) => parts.iter().any(Self::needs_a_person),
            Self::Not(inner) => inner.needs_a_person(),
            Self::Worldwide | Self::Chart(_) | Self::Group(_) | Self::Country(_) => false,
        }
    }

    /// Every set of countries that it names one by one.
    pub fn named<'p>(&'p self, sets: &mut Vec<&'p [String]>) {
        match self {
            Self::Country(codes) => sets.push(codes),
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|p| p.named(sets)),
            Self::Not(part) => part.named(sets),
            Self::Worldwide
            | Self::Chart(_)
            | Self::Group(_)
            | Self::Part(_)
            | Self::Unmodelled(_) => {}
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    position: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.position..).unwrap_or_default()
    }

    fn expected(&self, what: &str) -> DestinationError {
        let before = self
            .text
            .get(..self.position)
            .unwrap_or_default()
            .chars()
            .count();
        let found: String = self
            .rest()
            .chars()
            .take_while(|c| !c.is_whitespace())
            .take(40)
            .collect();
        let found = if found.is_empty() {
            "the end".to_owned()
        } else {
            format!("`{found}`")
        };
        DestinationError {
            column: u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1),
            message: format!("expected {what}, found {found}"),
        }
    }

    fn skip_spaces(&mut self) {
        let rest = self.rest();
        self.position += rest.len() - rest.trim_start().len();
    }

    fn word(&self) -> &'a str {
        let rest = self.rest();
        let end = rest
            .find(|c: char| !c.is_ascii_lowercase())
            .unwrap_or(rest.len());
        rest.get(..end).unwrap_or_default()
    }

    fn keyword(&mut self, keyword: &str) -> bool {
        self.skip_spaces();
        let found = self.word() == keyword;
        if found {
            self.position += keyword.len();
        }
        found
    }

    fn symbol(&mut self, symbol: char) -> bool {
        self.skip_spaces();
        let found = self.rest().starts_with(symbol);
        if found {
            self.position += symbol.len_utf8();
        }
        found
    }

    fn any(&mut self, depth: usize) -> Result<DestinationPredicate, DestinationError> {
        let first = self.all(depth)?;
        let mut parts = Vec::new();
        while self.keyword("or") {
            parts.push(self.all(depth)?);
        }
        Ok(join(first, parts, DestinationPredicate::Any))
    }

    fn all(&mut self, depth: usize) -> Result<DestinationPredicate, DestinationError> {
        let first = self.unary(depth)?;
        let mut parts = Vec::new();
        while self.keyword("and") {
            parts.push(self.unary(depth)?);
        }
        Ok(join(first, parts, DestinationPredicate::All))
    }

    fn unary(&mut self, depth: usize) -> Result<DestinationPredicate, DestinationError> {
        self.skip_spaces();
        if depth >= MAX_DEPTH {
            return Err(self.expected("less nesting"));
        }
        if self.keyword("not") {
            return Ok(DestinationPredicate::Not(Box::new(self.unary(depth + 1)?)));
        }
        if self.symbol('(') {
            let inner = self.any(depth + 1)?;
            return if self.symbol(')') {
                Ok(inner)
            } else {
                Err(self.expected("`)`"))
            };
        }
        self.atom()
    }

    fn atom(&mut self) -> Result<DestinationPredicate, DestinationError> {
        const ATOMS: &str =
            "`worldwide`, `chart(…)`, `group(…)`, `country(…)`, `part(…)` or `unmodelled(…)`";
        let word = self.word();
        if word == "worldwide" {
            self.position += word.len();
            return Ok(DestinationPredicate::Worldwide);
        }
        if !matches!(word, "chart" | "group" | "country" | "part" | "unmodelled") {
            return Err(self.expected(ATOMS));
        }
        self.position += word.len();
        if !self.symbol('(') {
            return Err(self.expected("`(`"));
        }
        self.skip_spaces();
        let start = self.position;
        let rest = self.rest();
        let length = rest.find(')').unwrap_or(rest.len());
        let inside = rest.get(..length).unwrap_or_default().trim();
        let words: Vec<String> = inside
            .split(',')
            .map(|word| word.trim().to_owned())
            .collect();
        let right = match word {
            "chart" => is_column(inside),
            "group" => words.iter().all(|group| is_group(group)),
            "country" => words.iter().all(|country| is_country(country)),
            "part" => !inside.is_empty() && inside.bytes().all(|b| b.is_ascii_digit() || b == b'.'),
            _ => !inside.is_empty(),
        };
        if !right {
            return Err(self.expected(match word {
                "chart" => "a chart column such as `NS 1`",
                "group" => "country groups such as `D:1, D:5`",
                "country" => "ISO 3166 codes such as `MO, AE`",
                "part" => "a part number such as `746`",
                _ => "what is not modelled, in words",
            }));
        }
        self.position = start + length;
        if !self.symbol(')') {
            return Err(self.expected("`)`"));
        }
        Ok(match word {
            "chart" => DestinationPredicate::Chart(inside.to_owned()),
            "group" => DestinationPredicate::Group(words),
            "country" => DestinationPredicate::Country(words),
            "part" => DestinationPredicate::Part(inside.to_owned()),
            _ => DestinationPredicate::Unmodelled(inside.to_owned()),
        })
    }
}

fn join(
    first: DestinationPredicate,
    rest: Vec<DestinationPredicate>,
    how: fn(Vec<DestinationPredicate>) -> DestinationPredicate,
) -> DestinationPredicate {
    if rest.is_empty() {
        return first;
    }
    let mut parts = Vec::with_capacity(rest.len() + 1);
    parts.push(first);
    parts.extend(rest);
    how(parts)
}

fn is_column(text: &str) -> bool {
    let Some((reason, number)) = text.split_once(' ') else {
        return false;
    };
    reason.len() == 2
        && reason.bytes().all(|b| b.is_ascii_uppercase())
        && number.len() == 1
        && number.bytes().all(|b| b.is_ascii_digit())
}

/// `A:1`, `D:5`, `B`, and the Korean regions are words of their own file, not groups.
fn is_group(text: &str) -> bool {
    let (letter, number) = text.split_once(':').unwrap_or((text, "1"));
    letter.len() == 1
        && letter.bytes().all(|b| b.is_ascii_uppercase())
        && (1..=2).contains(&number.len())
        && number.bytes().all(|b| b.is_ascii_digit())
}

fn is_country(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase())
}

impl fmt::Display for DestinationPredicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Worldwide => f.write_str("worldwide"),
            Self::Chart(column) => write!(f, "chart({column})"),
            Self::Group(groups) => write!(f, "group({})", groups.join(", ")),
            Self::Country(countries) => write!(f, "country({})", countries.join(", ")),
            Self::Part(part) => write!(f, "part({part})"),
            Self::Unmodelled(what) => write!(f, "unmodelled({what})"),
            Self::All(parts) => joined(f, parts, " and "),
            Self::Any(parts) => joined(f, parts, " or "),
            Self::Not(inner) => {
                f.write_str("not ")?;
                grouped(f, inner)
            }
        }
    }
}

fn joined(f: &mut fmt::Formatter<'_>, parts: &[DestinationPredicate], word: &str) -> fmt::Result {
    for (position, part) in parts.iter().enumerate() {
        if position > 0 {
            f.write_str(word)?;
        }
        grouped(f, part)?;
    }
    Ok(())
}

fn grouped(f: &mut fmt::Formatter<'_>, part: &DestinationPredicate) -> fmt::Result {
    if matches!(
        part,
        DestinationPredicate::All(_) | DestinationPredicate::Any(_)
    ) {
        write!(f, "({part})")
    } else {
        write!(f, "{part}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::proptest;

    #[test]
    fn the_rows_of_the_regulation_can_be_written() {
        for (text, printed) in [
            ("worldwide", "worldwide"),
            ("chart(NP 1)", "chart(NP 1)"),
            ("country(MO) or group(D:5)", "country(MO) or group(D:5)"),
            (
                "(country(AE) or group(D:1,D:4, D:5)) and not group(A:5, A:6)",
                "(country(AE) or group(D:1, D:4, D:5)) and not group(A:5, A:6)",
            ),
            (
                "part(746) or unmodelled(Iraq, see 746.3)",
                "part(746) or unmodelled(Iraq, see 746.3)",
            ),
        ] {
            let predicate = DestinationPredicate::parse(text).unwrap();
            assert_eq!(predicate.to_string(), printed);
            assert_eq!(DestinationPredicate::parse(printed).unwrap(), predicate);
        }
    }

    #[test]
    fn typos_are_refused_with_their_column() {
        for (text, column, message) in [
            (
                "chart(NP1)",
                7,
                "expected a chart column such as `NS 1`, found `NP1)`",
            ),
            (
                "group(D5)",
                7,
                "expected country groups such as `D:1, D:5`, found `D5)`",
            ),
            (
                "country(Macau)",
                9,
                "expected ISO 3166 codes such as `MO, AE`, found `Macau)`",
            ),
            (
                "worldwide and",
                14,
                "expected `worldwide`, `chart(…)`, `group(…)`, `country(…)`, `part(…)` or `unmodelled(…)`, found the end",
            ),
            (
                "worldwide worldwide",
                11,
                "expected `and`, `or` or the end, found `worldwide`",
            ),
            (
                "unmodelled()",
                12,
                "expected what is not modelled, in words, found `)`",
            ),
        ] {
            let error = DestinationPredicate::parse(text).unwrap_err();
            assert_eq!(
                (error.column, error.message.as_str()),
                (column, message),
                "{text}"
            );
        }
        assert!(DestinationPredicate::parse(&"(".repeat(100_000)).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[a-z(): ,A-Z0-9é]{0,60}") {
            if let Ok(predicate) = DestinationPredicate::parse(&text) {
                assert_eq!(DestinationPredicate::parse(&predicate.to_string()).unwrap(), predicate);
            }
        }
    }
}
