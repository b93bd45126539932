//! Thresholds, CAS numbers and paragraphs of one entry.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use super::finding::{Finding, FindingKind};
use super::scope;
use crate::condition::{Condition, Term, Threshold};
use crate::entry::{Coverage, Entry, Paragraph, Path};
use crate::exact::{Decimal, Rational};
use crate::problem::Location;
use crate::regime::RegimeAt;
use crate::text::printed::{Printed, scan};
use crate::text::{TextEntry, TextParagraph, TextTree};
use crate::unit::Unit;
use crate::vocabulary::{Attribute, Vocabulary};

pub(super) fn check(
    regime: RegimeAt<'_>,
    entry: &Entry,
    text: &TextEntry,
    tree: &TextTree,
    findings: &mut Vec<Finding>,
) {
    let mut checker = Checker {
        regime,
        entry,
        text,
        tree,
        scanned: HashMap::new(),
        findings,
    };
    let in_force: Vec<&Paragraph> = entry
        .paragraphs
        .iter()
        .filter(|paragraph| paragraph.period.contains(regime.date()))
        .collect();
    for paragraph in &in_force {
        checker.paragraph(paragraph, &in_force);
    }
    checker.notes_and_rows();
    checker.uncovered(&in_force);
    checker.cas_without_formula(&in_force);
}

struct Checker<'a, 'f> {
    regime: RegimeAt<'a>,
    entry: &'a Entry,
    text: &'a TextEntry,
    tree: &'a TextTree,
    /// Numbers of the texts read before, by their address: texts are not moved while they are compared.
    scanned: HashMap<(*const u8, usize), Rc<[Printed]>>,
    findings: &'f mut Vec<Finding>,
}

impl Checker<'_, '_> {
    fn push(&mut self, kind: FindingKind, path: &str, what: &str, detail: String, at: &Location) {
        let finding = Finding::new(kind, &self.entry.code, path, what, detail, at);
        self.findings.push(finding);
    }

    fn numbers(&mut self, texts: &[&str]) -> Vec<Rc<[Printed]>> {
        texts
            .iter()
            .map(|text| {
                let known = self.scanned.entry((text.as_ptr(), text.len()));
                Rc::clone(known.or_insert_with(|| scan(text).into()))
            })
            .collect()
    }

    fn paragraph(&mut self, paragraph: &Paragraph, in_force: &[&Paragraph]) {
        let path = &paragraph.path;
        let printed = self.text.paragraph(path);
        if !path.is_empty() && printed.is_none_or(|printed| printed.reserved) {
            let how = printed.map_or("not printed", |_| "printed as reserved");
            let detail = format!("`{}` is {how}", paragraph.code);
            let kind = FindingKind::PathNotInText;
            self.push(kind, path.as_str(), path.as_str(), detail, &paragraph.at);
            return;
        }
        let own = |below: &Path| {
            in_force.iter().any(|other| {
                other.path != *path && path.covers(&other.path) && other.path.covers(below)
            })
        };
        let texts = scope::of_paragraph(self.tree, self.text, path, own);
        self.condition(&paragraph.when, path.as_str(), &texts, &paragraph.at);
    }

    /// Notes and rows of the data are not tied to one note of the text: the whole entry is searched.
    fn notes_and_rows(&mut self) {
        let entry = self.entry;
        let texts = scope::of_entry(self.tree, self.text);
        let date = self.regime.date();
        for note in entry.notes.iter().filter(|n| n.period.contains(date)) {
            self.condition(&note.when, &note.id, &texts, &note.at);
        }
        for row in &entry.requirements {
            if row.period.contains(date) {
                for condition in row.when.iter().chain(&row.unless) {
                    self.condition(condition, &row.id, &texts, &row.at);
                }
            }
        }
    }

    fn condition(&mut self, condition: &Condition, path: &str, texts: &[&str], at: &Location) {
        let printed = self.numbers(texts);
        let mut thresholds: Vec<&Threshold> = Vec::new();
        let mut numbers: Vec<&Arc<str>> = Vec::new();
        condition.each_term(&mut |term| match term {
            Term::Compare(threshold) => thresholds.push(threshold),
            Term::OneOf {
                attribute: Attribute::Cas,
                words,
                ..
            } => numbers.extend(words),
            _ => {}
        });
        thresholds.dedup_by(|a, b| a.parameter == b.parameter && a.text == b.text);
        for threshold in thresholds {
            let vocabulary = self.regime.regime().vocabulary();
            let Some(parameter) = vocabulary.parameter(threshold.parameter) else {
                continue;
            };
            if needs_print(threshold) && !is_printed(threshold, &parameter.unit, &printed) {
                let detail = format!(
                    "`{} {} {}`: that number is not printed in the paragraph, above it or in its notes",
                    parameter.id,
                    threshold.operator.symbol(),
                    threshold.text
                );
                let kind = FindingKind::FormulaThresholdNotInText;
                self.push(kind, path, &threshold.text, detail, at);
            }
        }
        for number in numbers {
            let printed = |text: &&str| cas_numbers(text).any(|cas| *cas == **number);
            let elsewhere = scope::of_named_entries(self.tree, texts);
            if !texts.iter().any(printed) && !elsewhere.iter().any(printed) {
                let detail = format!("the CAS number {number} is not printed there");
                self.push(FindingKind::CasNotInText, path, number, detail, at);
            }
        }
    }

    /// Paragraphs that print numbers and that no formula tests.
    fn uncovered(&mut self, in_force: &[&Paragraph]) {
        let text = self.text;
        let touched = |path: &Path| {
            in_force
                .iter()
                .any(|p| p.path.covers(path) || path.covers(&p.path))
        };
        // A formula at one of several conditions that hold together tests them all; where only an `and` says that they
        // do, it must test a number that this one prints.
        let vocabulary = self.regime.regime().vocabulary();
        let tested = |paragraph: &TextParagraph| {
            let path = &paragraph.path;
            let together = scope::together(text, path);
            if touched(path) || together.surely.iter().any(touched) {
                return true;
            }
            let printed: [Rc<[Printed]>; 1] = [scan(&paragraph.text).into()];
            in_force
                .iter()
                .filter(|p| together.perhaps.iter().any(|path| path.covers(&p.path)))
                .any(|p| tests_a_number_of(&p.when, vocabulary, &printed))
        };
        if text.paragraphs.is_empty() && in_force.is_empty() {
            for words in [&text.heading, &text.body] {
                self.without_formula("", words, &text.at);
            }
        }
        for paragraph in &text.paragraphs {
            if !paragraph.reserved && !tested(paragraph) {
                self.without_formula(paragraph.path.as_str(), &paragraph.text, &paragraph.at);
            }
        }
    }

    fn without_formula(&mut self, path: &str, words: &str, at: &Location) {
        let Some(number) = scan(words).into_iter().find(|p| is_limit(words, p)) else {
            return;
        };
        let shown = words.get(number.at..number.end).unwrap_or_default();
        let kind = match self.entry.coverage {
            Coverage::Full => FindingKind::ParagraphWithNumbersWithoutFormula,
            Coverage::Partial | Coverage::StatedOnly => FindingKind::ParagraphNotModelled,
        };
        let detail = format!("prints `{shown}`, and no formula of the entry tests it");
        self.push(kind, path, shown, detail, at);
        self.explain_by_basis();
    }

    fn explain_by_basis(&mut self) {
        if self.entry.coverage != Coverage::Full
            && let Some(finding) = self.findings.last_mut()
        {
            finding.explained.clone_from(&self.entry.basis);
        }
    }

    fn cas_without_formula(&mut self, in_force: &[&Paragraph]) {
        let date = self.regime.date();
        let mut tested: Vec<&Arc<str>> = Vec::new();
        let notes = self.entry.notes.iter().filter(|n| n.period.contains(date));
        let conditions = in_force
            .iter()
            .map(|p| &p.when)
            .chain(notes.map(|n| &n.when));
        for condition in conditions {
            condition.each_term(&mut |term| {
                if let Term::OneOf {
                    attribute: Attribute::Cas,
                    words,
                    ..
                } = term
                {
                    tested.extend(words);
                }
            });
        }
        let text = self.text;
        for paragraph in &text.paragraphs {
            for cas in cas_numbers(&paragraph.text) {
                if !tested.iter().any(|number| ***number == *cas) {
                    let detail = format!("prints the CAS number {cas}, which no formula tests");
                    let kind = FindingKind::CasNotInFormula;
                    self.push(kind, paragraph.path.as_str(), cas, detail, &paragraph.at);
                    self.explain_by_basis();
                }
            }
        }
    }
}

/// True when a text prints the number of a threshold, as written or in a compatible unit.
fn is_printed(threshold: &Threshold, canonical: &Unit, printed: &[Rc<[Printed]>]) -> bool {
    let written = threshold.text.split(' ').next().unwrap_or_default();
    let written = Decimal::parse(written).and_then(Decimal::to_rational);
    printed.iter().flat_map(|text| text.iter()).any(|number| {
        let bare = number.units.is_empty() || number.shared;
        let figure = written == Ok(number.value) || threshold.bound == number.value;
        let mut units = number.units.iter();
        (bare && figure)
            || units.any(|unit| unit.convert(number.value, canonical) == Ok(threshold.bound))
    })
}

fn tests_a_number_of(
    condition: &Condition,
    vocabulary: &Vocabulary,
    printed: &[Rc<[Printed]>],
) -> bool {
    let mut found = false;
    condition.each_term(&mut |term| {
        if let Term::Compare(threshold) = term
            && let Some(parameter) = vocabulary.parameter(threshold.parameter)
            && needs_print(threshold)
        {
            found |= is_printed(threshold, &parameter.unit, printed);
        }
    });
    found
}

/// Zero, and one of something, need no number in print (`having`, `a`, `any`).
fn needs_print(threshold: &Threshold) -> bool {
    let counted = !threshold.text.contains(' ');
    !(threshold.bound.is_zero() || (counted && threshold.bound == Rational::ONE))
}

/// True for a number that limits something: with a unit, or beside words that compare.
fn is_limit(words: &str, number: &Printed) -> bool {
    // `one meter` may be a limit, `one of the following` is none.
    let article = number.word && number.value == Rational::ONE;
    if !number.units.is_empty() && !article {
        return true;
    }
    let before = words.get(..number.at).unwrap_or_default().trim_end();
    let after = words.get(number.end..).unwrap_or_default().trim_start();
    let compared = [
        "more than",
        "greater than",
        "less than",
        "fewer than",
        "exceeding",
        "exceeds",
        "at least",
        "at most",
        "above",
        "below",
        "over",
        "under",
        "equal to",
        "minimum of",
        "maximum of",
        "up to",
        "≥",
        "≤",
        ">",
        "<",
    ];
    let follows = [
        "or more",
        "or less",
        "or fewer",
        "or greater",
        "or higher",
        "or better",
        "or lower",
        "and above",
    ];
    compared.iter().any(|word| before.ends_with(word))
        || (follows.iter().any(|word| near(after).contains(word)) && !article)
}

/// The next words: `7 axes or more`.
fn near(after: &str) -> &str {
    const FAR: usize = 24;
    let end = after.find([';', ',', '.', '(']).unwrap_or(after.len());
    let far = after.char_indices().nth(FAR);
    let end = far.map_or(end, |(far, _)| far.min(end));
    after.get(..end).unwrap_or_default()
}

/// CAS registry numbers of a text, by their shape and check digit.
fn cas_numbers(text: &str) -> impl Iterator<Item = &str> {
    let mut position = 0;
    std::iter::from_fn(move || {
        while let Some(rest) = text.get(position..).filter(|rest| !rest.is_empty()) {
            let begins = rest.starts_with(|c: char| c.is_ascii_digit());
            if begins && let Some(length) = cas_at(rest) {
                position += length;
                return rest.get(..length);
            }
            let skip = if begins {
                rest.find(|c: char| !c.is_ascii_digit())
                    .unwrap_or(rest.len())
            } else {
                rest.chars().next().map_or(1, char::len_utf8)
            };
            position += skip;
        }
        None
    })
}

/// The length of a CAS number at the begin of a text: two to seven digits, two digits, and the digit that checks them.
pub(in crate::text) fn cas_at(text: &str) -> Option<usize> {
    let end = text
        .find(|c: char| !(c.is_ascii_digit() || c == '-'))
        .unwrap_or(text.len());
    let number = text.get(..end)?.trim_end_matches('-');
    let mut parts = number.split('-');
    let (first, second, check) = (parts.next()?, parts.next()?, parts.next()?);
    let right = (2..=7).contains(&first.len())
        && second.len() == 2
        && check.len() == 1
        && parts.next().is_none();
    if !right {
        return None;
    }
    let digits = first.bytes().chain(second.bytes()).rev();
    let sum: u32 = digits
        .zip(1_u32..)
        .map(|(digit, weight)| u32::from(digit.wrapping_sub(b'0')) * weight)
        .sum();
    let check = u32::from(check.bytes().next()?.wrapping_sub(b'0'));
    (sum % 10 == check).then_some(number.len())
}
