//! What a person reads: one document built from an answer, printed as text or as Markdown.

mod builder;
mod markdown;
mod text;
mod words;

pub use builder::{classification, determination, recorded_decision, recorded_judgement, stored};
pub use markdown::to_markdown;
pub use text::to_text;
pub use words::Language;

/// One piece of a document, in reading order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// The title of the document.
    Title(String),
    /// A main part.
    Section(String),
    /// A part of a section.
    Subsection(String),
    /// Names with values.
    Pairs(Vec<(String, String)>),
    /// Aligned columns, with a header row that may be empty.
    Table {
        /// Column names; empty for none.
        header: Vec<String>,
        /// The rows; each as long as the header or as each other.
        rows: Vec<Vec<String>>,
    },
    /// A list.
    Bullets(Vec<String>),
    /// A paragraph.
    Paragraph(String),
    /// A paragraph that must not be overlooked.
    Warning(String),
}
