//! `concord regimes check`: every edition, what it covers, and what a comparison with the official text finds.

use std::fmt::Write;
use std::path::Path;

use concord_controls::problem::LoadError;
use concord_controls::regime::{Regime, RegimeSource};
use concord_controls::text::{CategoryCoverage, coverage};
use concord_licensing::{Alignment, LawEdition};
use jiff::civil::Date;
use serde_json::{Value, json};

use super::against::{self, Comparison};
use crate::cli::Global;
use crate::document;
use crate::failure::{Failure, exit};
use crate::output;

pub(super) fn run(
    dir: Option<&Path>,
    file: Option<&Path>,
    as_of: Option<&str>,
    global: &Global,
) -> Result<(), Failure> {
    let source = match dir {
        None => concord_controls::embedded::source(),
        Some(dir) => read(dir)?,
    };
    let as_of = as_of.map(date).transpose()?;
    let folders = source.folders();
    if folders.is_empty() {
        return Err(Failure::invalid(
            "INVALID_REGIME",
            "there is no folder with a regime.yaml",
        ));
    }
    let mut laws = Vec::new();
    for folder in folders {
        laws.push(LawEdition::load(&source, &folder).map_err(|e| invalid(&e))?);
    }
    let alignment = Alignment::load(&source).map_err(|e| invalid(&e))?;
    let wrong = alignment.unknown_members(&laws.iter().collect::<Vec<_>>());
    if !wrong.is_empty() {
        return Err(Failure::invalid("INVALID_REGIME", wrong.join("\n")));
    }
    let comparison = match file {
        None => None,
        Some(file) => Some(compare(&source, &laws, file, as_of, global)?),
    };
    if global.json {
        let document = document(&laws, &alignment, comparison.as_ref(), as_of);
        output::data(&format!("{document}\n"))?;
    } else {
        output::data(&text(&laws, &alignment, comparison.as_ref(), as_of))?;
    }
    if comparison.is_some_and(|comparison| comparison.unexplained() > 0) {
        // What was found is on stdout already; the exit code is all that is left to say.
        std::process::exit(i32::from(exit::INVALID));
    }
    Ok(())
}

fn compare(
    source: &RegimeSource,
    laws: &[LawEdition],
    file: &Path,
    as_of: Option<Date>,
    global: &Global,
) -> Result<Comparison, Failure> {
    let us = laws.iter().find(|law| law.jurisdiction() == "US");
    let us = us.ok_or_else(|| {
        Failure::usage(
            "BAD_USAGE",
            "`--against` compares the US list, and the regimes directory has none",
        )
    })?;
    let regime = us.regime();
    against::compare(source, regime.at(day_of(regime, as_of)), file, global)
}

pub(super) fn invalid(error: &LoadError) -> Failure {
    Failure {
        reason: "INVALID_REGIME".into(),
        message: format!("{} problems in the regime files", error.problems.len()),
        ..document::refuse("regimes", &error.problems)
    }
}

fn date(text: &str) -> Result<Date, Failure> {
    concord_controls::period::parse_date(text).ok_or_else(|| {
        Failure::usage(
            "BAD_USAGE",
            format!("`{text}` is not a date such as `2023-11-17`"),
        )
    })
}

/// The day at which an edition is read: what is printed today stands against what was last compared with a source.
fn day_of(regime: &Regime, as_of: Option<Date>) -> Date {
    as_of.or(regime.official_until()).unwrap_or(Date::MAX)
}

fn document(
    laws: &[LawEdition],
    alignment: &Alignment,
    comparison: Option<&Comparison>,
    as_of: Option<Date>,
) -> Value {
    let editions: Vec<Value> = laws
        .iter()
        .map(|law| {
            let regime = law.regime();
            let categories = coverage(regime.at(day_of(regime, as_of)));
            json!({
                "jurisdiction": law.jurisdiction(),
                "agency": law.agency(),
                "list": &**regime.list_id(),
                "digest": law.digest(),
                "entries": regime.entries().len(),
                "paragraphs": paragraphs(regime),
                "requirement_rows": rows(regime),
                "compared_until": regime.official_until().map(|d| d.to_string()),
                "coverage": categories.iter().map(category).collect::<Vec<_>>(),
            })
        })
        .collect();
    let us = editions.iter().find(|e| e["jurisdiction"] == "US");
    let mut document = json!({
        "editions": editions,
        "alignment_records": alignment.records().len(),
        "coverage": us.map_or(Value::Null, |us| us["coverage"].clone()),
    });
    if let Some(comparison) = comparison {
        comparison.add_to(&mut document);
    }
    document
}

fn category(counts: &CategoryCoverage) -> Value {
    json!({
        "category": counts.category.to_string(),
        "entries": counts.entries,
        "paragraphs_with_formula": counts.paragraphs_with_formula,
        "judgement_only": counts.judgement_only,
        "unmodelled": counts.unmodelled,
        "stated_only": counts.stated_only,
    })
}

fn paragraphs(regime: &Regime) -> usize {
    regime.entries().iter().map(|e| e.paragraphs.len()).sum()
}

fn rows(regime: &Regime) -> usize {
    regime.entries().iter().map(|e| e.requirements.len()).sum()
}

fn text(
    laws: &[LawEdition],
    alignment: &Alignment,
    comparison: Option<&Comparison>,
    as_of: Option<Date>,
) -> String {
    let mut out = String::new();
    for law in laws {
        let regime = law.regime();
        let day = day_of(regime, as_of);
        // Writing to a `String` does not fail.
        let _ = writeln!(
            out,
            "{} {}: {} entries, {} paragraphs, {} requirement rows, {}",
            law.jurisdiction(),
            regime.list_id(),
            regime.entries().len(),
            paragraphs(regime),
            rows(regime),
            law.digest(),
        );
        let _ = writeln!(
            out,
            "  category  entries  with formula  judgement only  unmodelled rows  stated only"
        );
        for counts in coverage(regime.at(day)) {
            let _ = writeln!(
                out,
                "  {:<8}  {:>7}  {:>12}  {:>14}  {:>15}  {:>11}",
                counts.category,
                counts.entries,
                counts.paragraphs_with_formula,
                counts.judgement_only,
                counts.unmodelled,
                counts.stated_only,
            );
        }
    }
    let _ = writeln!(out, "alignment: {} records", alignment.records().len());
    if let Some(comparison) = comparison {
        comparison.print(&mut out);
    }
    out
}

fn read(dir: &Path) -> Result<RegimeSource, Failure> {
    let files = concord_kit::files::read_tree(dir).map_err(|(path, e)| {
        Failure::invalid(
            "CANNOT_READ",
            format!("`{}` cannot be read: {e}", path.display()),
        )
    })?;
    Ok(files.into_iter().collect())
}
