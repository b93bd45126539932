//! What can be wrong with a published table, always with `file:line:column`.

use crate::problem::Location;

/// One problem and where it is. The first one ends the reading.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {kind}")]
pub struct TableError {
    /// Where; in a workbook, line and column are those of the cell.
    pub at: Location,
    /// What.
    pub kind: TableProblem,
}

/// What is wrong with a table and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableProblem {
    /// Too large to be one of these tables.
    #[error("the file is larger than {limit} bytes; the published tables have less than 1 MB")]
    TooLarge {
        /// The limit.
        limit: usize,
    },
    /// Bytes of another encoding.
    #[error(
        "{found}; right are UTF-8 (with byte order mark, as published) and CP949: take the file as it was published"
    )]
    Encoding {
        /// What was found instead.
        found: &'static str,
    },
    /// A workbook that cannot be read.
    #[error("not a readable xlsx workbook: {detail}; fetch the file again")]
    Workbook {
        /// The reader's own words.
        detail: String,
    },
    /// A workbook of the older kind.
    #[error("this is a workbook of the older kind (xls); save it as xlsx or CSV")]
    OldWorkbook,
    /// A line that is not CSV.
    #[error("not readable as CSV: {detail}")]
    Csv {
        /// The reader's own words.
        detail: String,
    },
    /// The header lacks columns.
    #[error("the header lacks `{missing}`; it has: {found} (read as {encoding})")]
    Columns {
        /// The column that is missing.
        missing: &'static str,
        /// What the header has, shortened.
        found: String,
        /// How the file was read.
        encoding: &'static str,
    },
    /// Nothing below the header.
    #[error("the table has no rows")]
    Empty,
    /// A row that lost cells.
    #[error("the row has {found} cells and the header {expected}: it is cut off or damaged")]
    Cells {
        /// Cells of the row.
        found: usize,
        /// Cells of the header.
        expected: usize,
    },
    /// Not a control number.
    #[error("`{found}` is not a control number such as `3A001.a.2`")]
    NotANumber {
        /// What is there, shortened.
        found: String,
    },
    /// A control number that the list does not have.
    #[error("the control number `{found}` is not in the list of {jurisdiction}")]
    UnknownNumber {
        /// The number.
        found: String,
        /// The jurisdiction of the list.
        jurisdiction: String,
    },
    /// Most numbers are of another list.
    #[error(
        "{unknown} of {all} control numbers, this one first, are not in the list of {jurisdiction}: the table is not about this list"
    )]
    OtherList {
        /// How many numbers the list does not have.
        unknown: usize,
        /// How many numbers the table names.
        all: usize,
        /// The jurisdiction of the list.
        jurisdiction: String,
    },
    /// The same number twice.
    #[error("the control number `{number}` is given twice, first at {first}")]
    Repeated {
        /// The number.
        number: String,
        /// Where it was first.
        first: Location,
    },
    /// Not a customs code.
    #[error("`{found}` is not a customs code of six to ten digits")]
    NotHsk {
        /// What is there, shortened.
        found: String,
    },
}
