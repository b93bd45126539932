//! `concord regimes`: the law as data, loaded strictly and compared with the regulator's own text.

mod against;
pub(super) mod attach;
mod check;
mod tables;

use crate::cli::{Global, Regimes};
use crate::failure::Failure;

/// Runs the command.
///
/// # Errors
/// `INVALID_REGIME`, `INVALID_TEXT` or `INVALID_TABLE` with every problem and its place; bad usage.
pub fn run(args: &Regimes, global: &Global) -> Result<(), Failure> {
    match args {
        Regimes::Check {
            dir,
            against,
            as_of,
        } => check::run(dir.as_deref(), against.as_deref(), as_of.as_deref(), global),
        Regimes::AttachText {
            jurisdiction,
            text,
            file,
        } => attach::run(jurisdiction, text, file, global),
        Regimes::Diff {
            before,
            after,
            shown,
        } => super::compare::diff([before, after], shown, global),
    }
}
