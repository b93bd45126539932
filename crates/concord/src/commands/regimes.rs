//! `concord regimes check`: the law as data, loaded strictly.

use std::path::Path;

use concord_controls::regime::RegimeSource;
use concord_licensing::{Alignment, LawEdition};
use serde_json::json;

use crate::cli::{Global, Regimes};
use crate::document;
use crate::failure::Failure;
use crate::output;

/// Runs the command.
///
/// # Errors
/// `INVALID_REGIME` with every problem and its place.
pub fn run(args: &Regimes, global: &Global) -> Result<(), Failure> {
    let Regimes::Check { dir } = args;
    let source = match dir {
        None => concord_controls::embedded::source(),
        Some(dir) => read(dir)?,
    };
    let invalid = |e: concord_controls::problem::LoadError| Failure {
        reason: "INVALID_REGIME".into(),
        message: format!("{} problems in the regime files", e.problems.len()),
        ..document::refuse("regimes", &e.problems)
    };
    let folders = source.folders();
    if folders.is_empty() {
        return Err(Failure::invalid(
            "INVALID_REGIME",
            "there is no folder with a regime.yaml",
        ));
    }
    let mut editions = Vec::new();
    for folder in folders {
        let law = LawEdition::load(&source, &folder).map_err(invalid)?;
        let regime = law.regime();
        let paragraphs: usize = regime.entries().iter().map(|e| e.paragraphs.len()).sum();
        let rows: usize = regime.entries().iter().map(|e| e.requirements.len()).sum();
        editions.push(json!({
            "jurisdiction": law.jurisdiction(),
            "agency": law.agency(),
            "list": &**regime.list_id(),
            "digest": law.digest(),
            "entries": regime.entries().len(),
            "paragraphs": paragraphs,
            "requirement_rows": rows,
            "compared_until": regime.official_until().map(|d| d.to_string()),
        }));
    }
    let alignment = Alignment::load(&source).map_err(invalid)?;
    if global.json {
        let document =
            json!({"editions": editions, "alignment_records": alignment.records().len()});
        return output::data(&format!("{document}\n"));
    }
    let mut text = String::new();
    for e in &editions {
        text.push_str(&format!(
            "{} {}: {} entries, {} paragraphs, {} requirement rows, {}\n",
            e["jurisdiction"].as_str().unwrap_or(""),
            e["list"].as_str().unwrap_or(""),
            e["entries"],
            e["paragraphs"],
            e["requirement_rows"],
            e["digest"].as_str().unwrap_or(""),
        ));
    }
    text.push_str(&format!(
        "alignment: {} records\n",
        alignment.records().len()
    ));
    output::data(&text)
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
