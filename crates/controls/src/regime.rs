//! Regimes: the whole content of one jurisdiction's folder, named by digest and read at a date.

mod bearing;
mod check;
pub(crate) mod graph;
mod index;
mod load;
pub(crate) mod references;
mod source;
pub(crate) mod steady;
mod traced;

use std::collections::HashMap;
use std::sync::Arc;

use jiff::civil::Date;

pub(crate) use bearing::ParagraphSet;
pub use check::{CoverageCounts, check};
pub(crate) use index::Postings;
pub use source::RegimeSource;
pub(crate) use source::{VOCABULARY, VOCABULARY_EXTRA, VOCABULARY_FOLDER};

use crate::classify::{Classification, ClassifyError, Detail, Question};
use crate::condition::Condition;
use crate::destination::DestinationPredicate;
use crate::entry::{Code, Entry};
use crate::evaluate::{Evaluation, Evaluator, Truth};
use crate::item::{Item, Judgements};
use crate::period::Period;
use crate::problem::{LoadError, Location, Problems};
use crate::vocabulary::Vocabulary;
use crate::yaml::Label;

/// A date on which the law changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Milestone {
    /// The first day.
    pub date: Date,
    /// Our words for what changes.
    pub label: Label,
    /// Where it was published.
    pub cite: Arc<str>,
}

/// A notice addressed to a company or product (15 CFR 744, "is informed").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Id.
    pub id: Arc<str>,
    /// Our words for it.
    pub label: Option<Label>,
    /// Which items it reaches.
    pub when: Condition,
    /// Which destinations.
    pub to: DestinationPredicate,
    /// Reason word, for example `is_informed`.
    pub reason: Arc<str>,
    /// The part or section that requires the licence.
    pub basis: Arc<str>,
    /// When it is in force.
    pub period: Period,
    /// Where it is known from.
    pub cite: Arc<str>,
    /// Where it begins in its file.
    pub at: Location,
}

/// One edition of one jurisdiction's law.
#[derive(Debug, Clone)]
pub struct Regime {
    pub(crate) jurisdiction: Arc<str>,
    pub(crate) agency: Arc<str>,
    pub(crate) name: Label,
    pub(crate) time_zone: Arc<str>,
    pub(crate) list_id: Arc<str>,
    pub(crate) list_name: Label,
    pub(crate) residual: Option<Arc<str>>,
    pub(crate) official_until: Option<Date>,
    pub(crate) milestones: Vec<Milestone>,
    pub(crate) vocabulary: Arc<Vocabulary>,
    pub(crate) entries: Vec<Entry>,
    pub(crate) by_code: HashMap<Arc<str>, usize>,
    pub(crate) notices: Vec<Notice>,
    pub(crate) digest: Arc<str>,
    pub(crate) paragraph_count: usize,
    pub(crate) index: load::FactIndex,
    pub(crate) references: references::References,
    pub(crate) traced: traced::Traced,
    pub(crate) steady: steady::Steady,
}

impl Regime {
    /// The first day on which some entry or paragraph begins, of those that are dated: of days before it the list says nothing.
    #[must_use]
    pub fn first_dated(&self) -> Option<Date> {
        let paragraphs = self.entries.iter().flat_map(|e| &e.paragraphs);
        let periods = self.entries.iter().map(|e| e.period);
        let periods = periods.chain(paragraphs.map(|p| p.period));
        periods.filter_map(|period| period.from).min()
    }

    /// Reads an edition. `folder` is the jurisdiction's folder, for example `us`.
    ///
    /// # Errors
    /// [`LoadError`] with every problem found, each with `file:line:column`.
    pub fn load(source: &RegimeSource, folder: &str) -> Result<Self, LoadError> {
        load::regime(source, folder)
    }

    /// The jurisdiction, for example `US`.
    #[must_use]
    pub const fn jurisdiction(&self) -> &Arc<str> {
        &self.jurisdiction
    }

    /// The agency that decides, for example `BIS`.
    #[must_use]
    pub const fn agency(&self) -> &Arc<str> {
        &self.agency
    }

    /// Name of the jurisdiction.
    #[must_use]
    pub const fn name(&self) -> &Label {
        &self.name
    }

    /// IANA time zone in which "today" is meant.
    #[must_use]
    pub const fn time_zone(&self) -> &Arc<str> {
        &self.time_zone
    }

    /// Id of the list, for example `us.ccl`.
    #[must_use]
    pub const fn list_id(&self) -> &Arc<str> {
        &self.list_id
    }

    /// Name of the list.
    #[must_use]
    pub const fn list_name(&self) -> &Label {
        &self.list_name
    }

    /// The class of what every entry leaves out (`EAR99`); Korea has none.
    #[must_use]
    pub const fn residual(&self) -> Option<&Arc<str>> {
        self.residual.as_ref()
    }

    /// The last day up to which the facts were compared with a source.
    #[must_use]
    pub const fn official_until(&self) -> Option<Date> {
        self.official_until
    }

    /// Dates worth offering to a reader.
    #[must_use]
    pub fn milestones(&self) -> &[Milestone] {
        &self.milestones
    }

    /// The vocabulary.
    #[must_use]
    pub const fn vocabulary(&self) -> &Arc<Vocabulary> {
        &self.vocabulary
    }

    /// All entries in list order (file path, then place in the file).
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// An entry by its code.
    #[must_use]
    pub fn entry(&self, code: &str) -> Option<&Entry> {
        self.entries.get(*self.by_code.get(code)?)
    }

    /// All notices.
    #[must_use]
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// A notice by its id.
    #[must_use]
    pub fn notice(&self, id: &str) -> Option<&Notice> {
        self.notices.iter().find(|notice| &*notice.id == id)
    }

    /// `sha256:…` of the edition (see [`RegimeSource::digest`]).
    #[must_use]
    pub const fn digest(&self) -> &Arc<str> {
        &self.digest
    }

    /// Reports references of a condition that point at nothing. For readers of further files.
    pub fn check_references(&self, condition: &Condition, at: &Location, problems: &mut Problems) {
        load::check_references(self, condition, at, problems);
    }

    /// How many results the edition may share between answers: the numbers of
    /// [`ParagraphResult::kept`](crate::classify::ParagraphResult::kept) are below it.
    #[must_use]
    pub fn kept_results(&self) -> usize {
        self.steady.results()
    }

    /// True when the code names an entry, a paragraph of any version, or the residual class.
    #[must_use]
    pub fn knows(&self, code: &Code) -> bool {
        load::knows(self, code)
    }

    /// The list as it is in force on a civil date.
    #[must_use]
    pub const fn at(&self, date: Date) -> RegimeAt<'_> {
        RegimeAt { regime: self, date }
    }
}

/// A regime read at a date. Cheap to make and to copy.
#[derive(Debug, Clone, Copy)]
pub struct RegimeAt<'r> {
    pub(crate) regime: &'r Regime,
    pub(crate) date: Date,
}

impl<'r> RegimeAt<'r> {
    /// The regime.
    #[must_use]
    pub const fn regime(&self) -> &'r Regime {
        self.regime
    }

    /// The date.
    #[must_use]
    pub const fn date(&self) -> Date {
        self.date
    }

    /// The entries in force.
    pub fn entries(&self) -> impl Iterator<Item = &'r Entry> + use<'r> {
        let date = self.date;
        self.regime
            .entries
            .iter()
            .filter(move |entry| entry.period.contains(date))
    }

    /// Classifies an item.
    ///
    /// # Errors
    /// [`ClassifyError::OtherVocabulary`] when the item was read with another vocabulary.
    pub fn classify(
        &self,
        item: &Item,
        judgements: &Judgements,
        detail: Detail,
    ) -> Result<Classification, ClassifyError> {
        crate::classify::classify(*self, item, judgements, detail)
    }

    /// What would settle those among the paragraphs of `codes` that are open, and nothing else: `needed` then marks the
    /// smallest set for these paragraphs alone.
    ///
    /// # Errors
    /// [`ClassifyError::OtherVocabulary`] when the item was read with another vocabulary.
    pub fn questions_about(
        &self,
        item: &Item,
        judgements: &Judgements,
        codes: &[&str],
    ) -> Result<Vec<Question>, ClassifyError> {
        crate::classify::about(*self, item, judgements, codes)
    }

    /// How a condition comes out, without a trace.
    #[must_use]
    pub fn truth(&self, condition: &Condition, item: &Item, judgements: &Judgements) -> Truth {
        Evaluator::new(*self, item, judgements).term(condition.root())
    }

    /// How a condition comes out, with what was compared and what is missing.
    #[must_use]
    pub fn evaluate(
        &self,
        condition: &Condition,
        item: &Item,
        judgements: &Judgements,
    ) -> Evaluation {
        Evaluator::new(*self, item, judgements).evaluation(condition)
    }
}
