//! What can be wrong with a regulation file, always with `file:line:column`.

use crate::problem::Location;

/// One problem and where it is. The first one ends the reading.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {kind}")]
pub struct TextError {
    /// Where.
    pub at: Location,
    /// What.
    pub kind: TextProblem,
}

/// What is wrong with a regulation file and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextProblem {
    /// Too large to be the supplement.
    #[error("the file is larger than {limit} bytes; the supplement has about 2 MB")]
    TooLarge {
        /// The limit.
        limit: usize,
    },
    /// The bytes are not UTF-8.
    #[error("the file is not UTF-8: take it from the eCFR as it is, without re-encoding")]
    NotUtf8,
    /// UTF-8 of something that was decoded wrongly before.
    #[error(
        "`{found}` is what re-encoding leaves of a character: take the file from the eCFR as it is"
    )]
    Reencoded {
        /// The characters.
        found: String,
    },
    /// The XML declaration names another encoding.
    #[error("the XML declaration says `{declared}`; the eCFR's files are UTF-8")]
    Encoding {
        /// The declared encoding.
        declared: String,
    },
    /// Not well-formed XML.
    #[error("not readable as XML: {detail}")]
    Xml {
        /// The reader's own words.
        detail: String,
    },
    /// A document type definition.
    #[error("a document type definition is not allowed here; the eCFR's files have none")]
    DocumentType,
    /// An entity that is not one of XML's five.
    #[error("unknown entity `&{name};`; allowed: &amp; &lt; &gt; &quot; &apos; and numbers")]
    Entity {
        /// The name.
        name: String,
    },
    /// Elements nested too deeply.
    #[error("elements are nested deeper than {limit} levels")]
    TooDeep {
        /// The limit.
        limit: usize,
    },
    /// The file ends inside an element.
    #[error("the file ends inside `{element}`: it is truncated")]
    Truncated {
        /// The innermost open element.
        element: String,
    },
    /// No supplement in the file, or two.
    #[error("expected one DIV9 element named `Supplement No. 1 to Part 774`, found {found}")]
    Supplement {
        /// How many there are.
        found: usize,
    },
    /// An element that the supplement is not made of.
    #[error(
        "unknown element `{element}`; the supplement is made of HEAD, HD1 to HD3, P, FP, NOTE, DIV, EDNOTE, CITA and img"
    )]
    Element {
        /// Its name.
        element: String,
    },
    /// An entry before the first category or group.
    #[error("the entry `{code}` stands outside a category and a group such as `A.`")]
    OutsideSections {
        /// Its code.
        code: String,
    },
    /// An entry under another category or group.
    #[error("the entry `{code}` stands in category {category}, group {group}")]
    WrongSection {
        /// Its code.
        code: String,
        /// The category it stands in.
        category: char,
        /// The group it stands in.
        group: char,
    },
    /// A bold heading that begins with no code.
    #[error(
        "expected an entry code such as `3A001` or `EAR99` at the begin of a heading, found `{found}`"
    )]
    Heading {
        /// What is there, shortened.
        found: String,
    },
    /// The same entry twice.
    #[error("the entry `{code}` is printed twice, first at {first}")]
    RepeatedEntry {
        /// Its code.
        code: String,
        /// Where it was first.
        first: Location,
    },
    /// The same path twice.
    #[error("the paragraph `{code}` is printed twice, first at {first}")]
    RepeatedPath {
        /// Entry and path.
        code: String,
        /// Where it was first.
        first: Location,
    },
    /// The items line twice in one entry.
    #[error("the entry `{code}` has a second `Items:` line")]
    RepeatedItems {
        /// Its code.
        code: String,
    },
    /// An entry that lost a part.
    #[error(
        "the entry `{code}` has {missing}: the file is damaged or printed in a way not known here"
    )]
    Missing {
        /// Its code.
        code: String,
        /// What it has, and what therefore is absent.
        missing: &'static str,
    },
    /// The control list has ten categories; one is absent.
    #[error("category {category} is missing: the file is truncated or not the whole supplement")]
    MissingCategory {
        /// Its digit.
        category: char,
    },
    /// A group of a category is absent.
    #[error(
        "category {category} has no group {group}: the file is truncated or not the whole supplement"
    )]
    MissingGroup {
        /// The category.
        category: char,
        /// The group.
        group: char,
    },
    /// A path deeper or longer than paths can be.
    #[error("`{found}` is not a path such as `a.1.b`")]
    Path {
        /// What is there.
        found: String,
    },
}
