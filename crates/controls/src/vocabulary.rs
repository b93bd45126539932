//! The words that items and formulas share: parameters with their canonical unit, flags, judgements, item words.
//!
//! `vocabulary.yaml` is shared with everyone who writes cases; `vocabulary-extra.yaml` adds Korean labels, derived
//! parameters, judgements, limits and further words, and the files below `vocabulary/` add the words of single fields.

mod load;
mod nearest;

use std::collections::HashMap;
use std::sync::Arc;

pub(crate) use load::document;

use crate::exact::Rational;
use crate::unit::Unit;
use crate::yaml::Label;

/// Index of a parameter in its [`Vocabulary`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ParameterId(pub(crate) u16);

/// Index of a flag in its [`Vocabulary`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FlagId(pub(crate) u16);

/// Index of a judgement in its [`Vocabulary`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JudgementId(pub(crate) u16);

/// What an item may state as a word, and formulas test with `in`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attribute {
    /// Item type, for example `integrated_circuit`.
    Type,
    /// `commodity`, `software`, `technology`, …
    Kind,
    /// Material.
    Material,
    /// Process.
    Process,
    /// Material of the wetted surfaces.
    WettedMaterial,
    /// CAS registry number.
    Cas,
    /// Six-digit HS code.
    Hs6,
    /// Free name, compared after case folding.
    Name,
    /// Who made the item, compared after case folding.
    Manufacturer,
    /// The maker's designation, compared after case folding.
    Model,
}

impl Attribute {
    /// All attributes in order.
    pub const ALL: [Self; 10] = [
        Self::Type,
        Self::Kind,
        Self::Material,
        Self::Process,
        Self::WettedMaterial,
        Self::Cas,
        Self::Hs6,
        Self::Name,
        Self::Manufacturer,
        Self::Model,
    ];

    /// As formulas and files write it.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Kind => "kind",
            Self::Material => "material",
            Self::Process => "process",
            Self::WettedMaterial => "wetted_material",
            Self::Cas => "cas",
            Self::Hs6 => "hs6",
            Self::Name => "name",
            Self::Manufacturer => "manufacturer",
            Self::Model => "model",
        }
    }

    /// The attribute with this id.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|attribute| attribute.id() == id)
    }

    /// True for free text, which is compared after case folding.
    #[must_use]
    pub const fn is_free_text(self) -> bool {
        matches!(self, Self::Name | Self::Manufacturer | Self::Model)
    }
}

/// A measurable property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Id, for example `tpp`.
    pub id: Arc<str>,
    /// The canonical unit, in which it is compared and asked for.
    pub unit: Unit,
    /// What it means, in English.
    pub meaning: Arc<str>,
    /// Our words for it.
    pub label: Option<Label>,
    /// How it follows from others.
    pub derived: Option<Derivation>,
    /// The largest sensible value, in the canonical unit.
    pub maximum: Option<Rational>,
    /// The smallest sensible value, in the canonical unit: zero unless the file gives another, absolute zero for
    /// temperatures, and for levels the smallest number there is.
    pub minimum: Rational,
    /// A parameter that it cannot exceed: a lowest frequency and the highest.
    pub at_most: Option<ParameterId>,
    /// Counts are whole numbers.
    pub whole: bool,
}

/// `scale * product(numerator) / product(denominator)`, all in canonical units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Derivation {
    /// The expression as written.
    pub text: Arc<str>,
    /// Constant factor, including that of the units.
    pub scale: Rational,
    /// Parameters that multiply.
    pub numerator: Vec<ParameterId>,
    /// Parameters that divide.
    pub denominator: Vec<ParameterId>,
}

impl Derivation {
    /// The parameters from which it derives.
    pub fn inputs(&self) -> impl Iterator<Item = ParameterId> + '_ {
        self.numerator.iter().chain(&self.denominator).copied()
    }
}

/// A statement that is true, false or unknown of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// Id.
    pub id: Arc<str>,
    /// What it means, in English.
    pub meaning: Arc<str>,
    /// Our words for it.
    pub label: Option<Label>,
}

/// What a question stands for that one of two compared lists asks and the other does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum StandsFor {
    /// A fact of the item like any other.
    #[default]
    Fact,
    /// Limits or features of a paragraph that are not in our data: what they decide is not known.
    Unstored,
    /// Another authority of the same country licenses the item: the list leaves it to that authority, not free.
    OtherAuthority,
}

impl StandsFor {
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        match word {
            "unstored" => Some(Self::Unstored),
            "other_authority" => Some(Self::OtherAuthority),
            _ => None,
        }
    }
}

/// A question that only a person can answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// Id, for example `specially_designed`.
    pub id: Arc<str>,
    /// The question.
    pub question: Label,
    /// Where the term is defined.
    pub cite: Arc<str>,
    /// What it stands for where lists are compared.
    pub stands_for: StandsFor,
}

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// A parameter.
    Parameter(ParameterId),
    /// A flag.
    Flag(FlagId),
    /// A judgement.
    Judgement(JudgementId),
}

/// The vocabulary of one edition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vocabulary {
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) flags: Vec<Flag>,
    pub(crate) judgements: Vec<Judgement>,
    pub(crate) names: HashMap<Arc<str>, Named>,
    /// The parameters that derive from others, in the order of their indices.
    pub(crate) derived: Vec<ParameterId>,
    /// Closed sets of words per attribute; an attribute without a set takes any word.
    pub(crate) words: HashMap<Attribute, Vec<Arc<str>>>,
    /// Keys of a transaction with what they hold, as the shared vocabulary describes them.
    pub(crate) transaction: Vec<(Arc<str>, Arc<str>)>,
    pub(crate) digest: Arc<str>,
}

impl Vocabulary {
    /// All parameters.
    #[must_use]
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// The parameters that derive from others.
    #[must_use]
    pub fn derived(&self) -> &[ParameterId] {
        &self.derived
    }

    /// All flags.
    #[must_use]
    pub fn flags(&self) -> &[Flag] {
        &self.flags
    }

    /// All judgements.
    #[must_use]
    pub fn judgements(&self) -> &[Judgement] {
        &self.judgements
    }

    /// What a name stands for.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<Named> {
        self.names.get(name).copied()
    }

    /// The parameter with this id text.
    #[must_use]
    pub fn parameter_id(&self, name: &str) -> Option<ParameterId> {
        match self.find(name) {
            Some(Named::Parameter(id)) => Some(id),
            _ => None,
        }
    }

    /// The flag with this id text.
    #[must_use]
    pub fn flag_id(&self, name: &str) -> Option<FlagId> {
        match self.find(name) {
            Some(Named::Flag(id)) => Some(id),
            _ => None,
        }
    }

    /// The judgement with this id text.
    #[must_use]
    pub fn judgement_id(&self, name: &str) -> Option<JudgementId> {
        match self.find(name) {
            Some(Named::Judgement(id)) => Some(id),
            _ => None,
        }
    }

    /// A parameter; `None` for an index of another vocabulary.
    #[must_use]
    pub fn parameter(&self, id: ParameterId) -> Option<&Parameter> {
        self.parameters.get(usize::from(id.0))
    }

    /// A flag; `None` for an index of another vocabulary.
    #[must_use]
    pub fn flag(&self, id: FlagId) -> Option<&Flag> {
        self.flags.get(usize::from(id.0))
    }

    /// A judgement; `None` for an index of another vocabulary.
    #[must_use]
    pub fn judgement(&self, id: JudgementId) -> Option<&Judgement> {
        self.judgements.get(usize::from(id.0))
    }

    /// The closed set of words of an attribute; `None` when any word is accepted.
    #[must_use]
    pub fn words(&self, attribute: Attribute) -> Option<&[Arc<str>]> {
        self.words.get(&attribute).map(Vec::as_slice)
    }

    /// The keys of a transaction with what they hold.
    #[must_use]
    pub fn transaction(&self) -> &[(Arc<str>, Arc<str>)] {
        &self.transaction
    }

    /// `sha256:…` over all vocabulary files.
    #[must_use]
    pub const fn digest(&self) -> &Arc<str> {
        &self.digest
    }

    /// The known name nearest to a mistyped one.
    #[must_use]
    pub fn nearest(&self, name: &str) -> Option<&str> {
        nearest::nearest(name, self.names.keys())
    }
}
