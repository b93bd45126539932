//! What a control list says about an item, reduced to what a licence decision needs. It can be rebuilt from the wire.

use crate::decision::{Question, QuestionUse, Text};
use crate::questions::AT_ONCE;

/// How the classification came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClassifiedBy {
    /// At least one paragraph is met on the facts.
    Computed,
    /// A stated code is taken as given.
    Stated,
    /// Taken from the other jurisdiction's stated code through the alignment of the two lists.
    Aligned,
    /// Every other entry was ruled out by the asker: the residual class.
    Residual,
    /// Nothing is met and nothing rules the others out.
    Unresolved,
}

/// One paragraph that is met, or that the facts leave open.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ParagraphRef {
    /// Entry code, for example `3A090`.
    pub entry: String,
    /// Path below the entry; empty for the entry itself.
    pub path: String,
}

impl ParagraphRef {
    /// Splits `3A090.a.1` at the first dot.
    #[must_use]
    pub fn parse(code: &str) -> Self {
        let (entry, path) = code.split_once('.').unwrap_or((code, ""));
        Self {
            entry: entry.to_owned(),
            path: path.to_owned(),
        }
    }

    /// Entry and path together.
    #[must_use]
    pub fn code(&self) -> String {
        if self.path.is_empty() {
            self.entry.clone()
        } else {
            format!("{}.{}", self.entry, self.path)
        }
    }

    /// Whether `code` is this paragraph or stands below it.
    #[must_use]
    pub fn covers(&self, code: &str) -> bool {
        match code.strip_prefix(self.entry.as_str()) {
            Some("") => self.path.is_empty(),
            Some(rest) => rest
                .strip_prefix('.')
                .is_some_and(|path| self.path.is_empty() || under(path, &self.path)),
            None => false,
        }
    }

    /// Whether the entry's number after category and group begins with one of `series`: `6` for the 600 series, `515` for 9x515.
    pub(crate) fn is_of_series(&self, series: &[String]) -> bool {
        let number = self.entry.get(2..).unwrap_or_default();
        series.iter().any(|s| number.starts_with(s.as_str()))
    }

    /// Whether this paragraph is `prefix` or stands below it (`3A090.a.1` is under `3A090.a`).
    #[must_use]
    pub fn is_under(&self, prefix: &str) -> bool {
        lies_under(&self.entry, &self.path, prefix)
    }
}

/// Whether the paragraph `path` of `entry` is `prefix` or stands below it. Asked for every open paragraph against every row:
/// no text is built for it.
pub(crate) fn lies_under(entry: &str, path: &str, prefix: &str) -> bool {
    match prefix.strip_prefix(entry) {
        Some("") => true,
        Some(rest) => rest.strip_prefix('.').is_some_and(|p| under(path, p)),
        None => false,
    }
}

/// Whether `code` is `prefix` or stands below it; `3A0901` is not under `3A090`.
#[must_use]
pub fn under(code: &str, prefix: &str) -> bool {
    code.strip_prefix(prefix)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// An addressed paragraph that the facts do not decide.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenParagraph {
    /// Which one.
    pub paragraph: ParagraphRef,
    /// The inputs that would decide it.
    pub missing: Vec<String>,
}

impl OpenParagraph {
    /// Nothing that was stated but the item's type bears upon it, and one question asks about all such paragraphs.
    pub(crate) fn is_asked_at_once(&self) -> bool {
        self.missing.iter().any(|input| input == AT_ONCE)
    }
}

/// What one list says about one item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Classified {
    /// How it came about.
    pub by: ClassifiedBy,
    /// The governing code; empty when unresolved.
    pub code: String,
    /// The paragraphs that are met, the governing one first.
    pub matches: Vec<ParagraphRef>,
    /// The addressed paragraphs that stay open.
    pub open: Vec<OpenParagraph>,
    /// Notices whose condition is met.
    pub notices: Vec<String>,
    /// What classification would ask.
    pub questions: Vec<Question>,
    /// A computed code contradicts the stated one.
    pub contradicts_stated: bool,
}

impl Classified {
    /// Nothing is met and nothing was asked.
    #[must_use]
    pub const fn unresolved() -> Self {
        Self {
            by: ClassifiedBy::Unresolved,
            code: String::new(),
            matches: Vec::new(),
            open: Vec::new(),
            notices: Vec::new(),
            questions: Vec::new(),
            contradicts_stated: false,
        }
    }

    /// The paragraphs that decide: those met, and a stated or aligned code that our data knows no paragraph of.
    #[must_use]
    pub fn paragraphs(&self) -> Vec<ParagraphRef> {
        let mut paragraphs = self.matches.clone();
        if self.is_listed() && !self.matches.iter().any(|p| p.is_under(&self.code)) {
            paragraphs.insert(0, ParagraphRef::parse(&self.code));
        }
        paragraphs
    }

    /// Whether some paragraph is met, or a code stated or aligned.
    #[must_use]
    pub const fn is_listed(&self) -> bool {
        matches!(
            self.by,
            ClassifiedBy::Computed | ClassifiedBy::Stated | ClassifiedBy::Aligned
        )
    }
}

impl From<&concord_controls::classify::Classification> for Classified {
    /// The reduced view of what the control-list core answers in the same process.
    fn from(full: &concord_controls::classify::Classification) -> Self {
        use concord_controls::classify::Status;
        let paragraph =
            |p: &std::sync::Arc<concord_controls::classify::ParagraphResult>| ParagraphRef {
                entry: p.entry.to_string(),
                path: p.path.as_str().to_owned(),
            };
        let texts = |list: &[std::sync::Arc<str>]| list.iter().map(ToString::to_string).collect();
        Self {
            by: match full.status {
                Status::Computed => ClassifiedBy::Computed,
                Status::Stated => ClassifiedBy::Stated,
                Status::Residual => ClassifiedBy::Residual,
                Status::Unresolved => ClassifiedBy::Unresolved,
            },
            code: full.primary.as_deref().unwrap_or_default().to_owned(),
            matches: full.matches.iter().map(paragraph).collect(),
            open: full
                .unknown
                .iter()
                .map(|p| OpenParagraph {
                    paragraph: paragraph(p),
                    missing: p.missing.iter().map(|m| m.id.to_string()).collect(),
                })
                .collect(),
            notices: full
                .notices
                .iter()
                .filter(|n| n.truth == concord_controls::evaluate::Truth::Met)
                .map(|n| n.id.to_string())
                .collect(),
            questions: full
                .questions
                .iter()
                .map(|q| {
                    let label = q.label.as_ref();
                    Question {
                        input: q.id.to_string(),
                        kind: q.kind.word().to_owned(),
                        unit: q.unit.as_deref().unwrap_or_default().to_owned(),
                        thresholds: q
                            .uses
                            .iter()
                            .map(|u| u.tested.compared.to_string())
                            .collect(),
                        codes: texts(&q.codes),
                        uses: q
                            .uses
                            .iter()
                            .map(|u| QuestionUse {
                                comparator: u.tested.operator.to_owned(),
                                threshold: u.tested.threshold.to_string(),
                                codes: texts(&u.codes),
                            })
                            .collect(),
                        could_raise: false,
                        needed: q.needed,
                        text: label.map_or_else(
                            || Text::new(q.id.to_string(), q.id.to_string()),
                            |l| Text::new(l.en.to_string(), l.ko.to_string()),
                        ),
                    }
                })
                .collect(),
            contradicts_stated: full.stated.as_ref().is_some_and(|s| s.contradiction),
        }
    }
}
