//! Korea's tables of search words and customs codes: validated against the list and kept as they are.

use std::path::{Path, PathBuf};

use concord_controls::embedded;
use concord_controls::regime::Regime;
use concord_controls::table::{Encoding, HskTable, KeywordTable, TableError};
use serde_json::{Value, json};

use super::attach;
use crate::cli::Global;
use crate::deployment::{Folders, Jurisdiction};
use crate::failure::Failure;
use crate::{data_dir, document, output};

/// Where a table is kept.
pub(super) fn kept_file(data_dir: &Path, text: &str) -> PathBuf {
    Folders::of(data_dir, Jurisdiction::Kr)
        .texts()
        .join(format!("{text}.table"))
}

pub(super) fn attach(text: &str, file: &Path, global: &Global) -> Result<(), Failure> {
    let kept = kept_file(&data_dir::resolve(global)?, text);
    let unchanged = |failure| attach::unchanged(failure, &kept);
    let list = Regime::load(&embedded::source(), "kr");
    let list = list.map_err(|e| document::refuse("regimes", &e.problems))?;
    let bytes = document::read_bytes(file).map_err(unchanged)?;
    let name = file.display().to_string();
    let read = match text {
        "keywords" => keywords(&name, &bytes, &list),
        _ => hsk(&name, &bytes, &list),
    };
    let (mut document, summary) = read.map_err(|error| unchanged(refuse(&error)))?;
    attach::write(&kept, &bytes)?;
    if !global.json {
        return output::data(&format!("{summary}\nkept in {}\n", kept.display()));
    }
    if let Value::Object(fields) = &mut document {
        fields.insert("jurisdiction".into(), "kr".into());
        fields.insert("text".into(), text.into());
        fields.insert("kept".into(), kept.display().to_string().into());
    }
    output::data(&format!("{document}\n"))
}

fn keywords(name: &str, bytes: &[u8], list: &Regime) -> Result<(Value, String), TableError> {
    let table = KeywordTable::parse(name, bytes, list)?;
    let words =
        |row: &concord_controls::table::KeywordRow| row.words.iter().map(Vec::len).sum::<usize>();
    let words: usize = table.rows.iter().map(words).sum();
    let summary = format!(
        "{} control numbers, {words} search words; {}\n{}",
        table.rows.len(),
        encoding(table.encoding),
        table.digest
    );
    let document = json!({
        "digest": &*table.digest, "encoding": table.encoding.word(), "control_numbers": table.rows.len(), "words": words,
    });
    Ok((document, summary))
}

fn hsk(name: &str, bytes: &[u8], list: &Regime) -> Result<(Value, String), TableError> {
    let table = HskTable::parse(name, bytes, list)?;
    let unknown: Vec<Value> = table
        .not_in_list
        .iter()
        .map(|(number, at)| json!({"control_number": number, "at": at.to_string()}))
        .collect();
    let mut summary = format!(
        "{} customs codes, {} links to control numbers; {}\n{}",
        table.rows.len(),
        table.links(),
        encoding(table.encoding),
        table.digest
    );
    if !unknown.is_empty() {
        summary.push_str(&format!(
            "\n{} control numbers are not in the list of today and are no candidates (--json names them)",
            unknown.len()
        ));
    }
    let document = json!({
        "digest": &*table.digest, "encoding": table.encoding.word(), "customs_codes": table.rows.len(), "links": table.links(),
        "not_in_list": unknown,
    });
    Ok((document, summary))
}

fn encoding(encoding: Encoding) -> String {
    format!("read as {}", encoding.word())
}

fn refuse(error: &TableError) -> Failure {
    Failure::invalid("INVALID_TABLE", "the table is not right")
        .at(error.at.to_string(), error.kind.to_string())
}
