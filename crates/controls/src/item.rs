//! The item as the core sees it: exact values in canonical units, and nothing that was not stated.

mod invalid;
mod read;

use std::sync::Arc;

pub use invalid::{FieldError, FieldReason, InvalidItem};

use crate::entry::{Code, Money};
use crate::exact::Rational;
use crate::vocabulary::{Attribute, FlagId, JudgementId, ParameterId, Vocabulary};

/// A number and a unit as the asker wrote them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct QuantityInput {
    /// Decimal text, for example `4992` or `1e26`.
    pub value: String,
    /// Unit symbol, for example `TPP`.
    pub unit: String,
}

/// A code as the asker stated it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StatedInput {
    /// Jurisdiction, for example `US`.
    pub jurisdiction: String,
    /// Code, for example `3A090.a`.
    pub code: String,
    /// `self`, `ccats`, `kosti_expert` or `vendor`; absent: `self`.
    pub source: Option<String>,
    /// Number of the ruling or certificate.
    pub reference: Option<String>,
}

/// An item as stated, before anything is checked. What is absent is unknown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ItemInput {
    /// Words by attribute: name, kind, type, cas, hs6, material, process, wetted material, manufacturer, model.
    pub attributes: Vec<(Attribute, String)>,
    /// Parameters by id; `None` is unknown.
    pub parameters: Vec<(String, Option<QuantityInput>)>,
    /// Flags by id; `None` is unknown.
    pub flags: Vec<(String, Option<bool>)>,
    /// Stated codes, at most one per jurisdiction.
    pub stated: Vec<StatedInput>,
    /// Value; the unit is an ISO 4217 currency.
    pub value: Option<QuantityInput>,
}

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// The asker stated it.
    Stated,
    /// It follows from other stated values by its definition, which outranks a rounded statement of the result.
    Derived,
}

/// A parameter value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// Exact, in the parameter's canonical unit.
    pub exact: Rational,
    /// Where it comes from.
    pub origin: Origin,
    /// What the asker wrote for this parameter, if anything.
    pub stated: Option<Arc<QuantityInput>>,
}

/// A parameter whose value is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KnownValue {
    pub(crate) id: ParameterId,
    pub(crate) value: Value,
    /// The value as answers write it: written once, shared by every comparison.
    pub(crate) text: Arc<str>,
}

/// A stated code that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatedCode {
    /// Jurisdiction.
    pub jurisdiction: Arc<str>,
    /// The code.
    pub code: Code,
    /// `self`, `ccats`, `kosti_expert` or `vendor`.
    pub source: Arc<str>,
    /// Number of the ruling or certificate.
    pub reference: Option<Arc<str>>,
}

/// An item in canonical form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub(crate) attributes: [Option<Arc<str>>; Attribute::ALL.len()],
    /// Case-folded text of the free-text attributes, in the same places.
    pub(crate) folded: [Option<Arc<str>>; Attribute::ALL.len()],
    /// What is known of the parameters, in the order of their indices.
    pub(crate) values: Vec<KnownValue>,
    pub(crate) flags: Vec<Option<bool>>,
    /// The flags that are stated, in the order of their indices.
    pub(crate) stated_flags: Vec<FlagId>,
    pub(crate) stated: Vec<StatedCode>,
    pub(crate) value: Option<Money>,
    pub(crate) vocabulary: Arc<str>,
}

impl Item {
    /// Checks and normalises what the asker stated.
    ///
    /// # Errors
    /// [`InvalidItem`] with every wrong field: unknown parameter, flag or word, wrong unit, a number that is not one, negative
    /// or absurd values, and a stated value that differs from the derived one by more than half its last digit.
    pub fn read(input: &ItemInput, vocabulary: &Vocabulary) -> Result<Self, InvalidItem> {
        read::item(input, vocabulary)
    }

    /// Whether something that formulas test is stated beside type, kind and name.
    #[must_use]
    pub fn states_more_than_type(&self) -> bool {
        let others = Attribute::ALL.into_iter().filter(|attribute| {
            !matches!(
                attribute,
                Attribute::Type | Attribute::Kind | Attribute::Name
            )
        });
        !self.values.is_empty()
            || !self.stated_flags.is_empty()
            || others
                .into_iter()
                .any(|attribute| self.attribute(attribute).is_some())
    }

    /// A stated attribute.
    #[must_use]
    pub fn attribute(&self, attribute: Attribute) -> Option<&Arc<str>> {
        self.attributes.get(attribute as usize)?.as_ref()
    }

    /// The text that formulas compare: case-folded for free text.
    pub(crate) fn compared(&self, attribute: Attribute) -> Option<&Arc<str>> {
        self.folded.get(attribute as usize)?.as_ref()
    }

    /// A parameter, stated or derived; `None` is unknown.
    #[must_use]
    pub fn parameter(&self, id: ParameterId) -> Option<&Value> {
        self.known(id).map(|known| &known.value)
    }

    /// A parameter, stated or derived, with its text.
    pub(crate) fn known(&self, id: ParameterId) -> Option<&KnownValue> {
        let position = self.place_of(id).ok()?;
        self.values.get(position)
    }

    /// Where a parameter is among the known ones, or where it belongs.
    fn place_of(&self, id: ParameterId) -> Result<usize, usize> {
        self.values.binary_search_by_key(&id, |known| known.id)
    }

    /// A flag; `None` is unknown.
    #[must_use]
    pub fn flag(&self, id: FlagId) -> Option<bool> {
        self.flags.get(usize::from(id.0)).copied().flatten()
    }

    /// The code stated for a jurisdiction.
    #[must_use]
    pub fn stated(&self, jurisdiction: &str) -> Option<&StatedCode> {
        self.stated
            .iter()
            .find(|stated| &*stated.jurisdiction == jurisdiction)
    }

    /// The stated codes of all jurisdictions.
    #[must_use]
    pub fn all_stated(&self) -> &[StatedCode] {
        &self.stated
    }

    /// The stated value of the line.
    #[must_use]
    pub const fn value(&self) -> Option<&Money> {
        self.value.as_ref()
    }
}

/// Answers to judgement questions, each given by a person and recorded elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Judgements {
    pub(crate) answers: Vec<(JudgementId, bool)>,
}

impl Judgements {
    /// No answers.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            answers: Vec::new(),
        }
    }

    /// Reads answers by judgement id.
    ///
    /// # Errors
    /// [`InvalidItem`] naming unknown judgements and contradicting answers, with the field path `judgements.<id>`.
    pub fn read<'a>(
        answers: impl IntoIterator<Item = (&'a str, bool)>,
        vocabulary: &Vocabulary,
    ) -> Result<Self, InvalidItem> {
        read::judgements(answers, vocabulary)
    }

    /// The answer to a judgement, if there is one.
    #[must_use]
    pub fn answer(&self, id: JudgementId) -> Option<bool> {
        self.answers
            .iter()
            .find(|(answered, _)| *answered == id)
            .map(|(_, answer)| *answer)
    }
}
