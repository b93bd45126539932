//! `concord regimes attach-text`: an official text or table, validated and kept in the data directory.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use concord_classification::finder::AttachedFiles;
use concord_controls::text::{TextError, TextTree};
use serde_json::json;

use crate::cli::Global;
use crate::data_dir;
use crate::deployment::{Folders, Jurisdiction};
use crate::document;
use crate::failure::Failure;
use crate::output;

pub(super) fn run(
    jurisdiction: &str,
    text: &str,
    file: &Path,
    global: &Global,
) -> Result<(), Failure> {
    match (jurisdiction, text) {
        ("us", "ecfr") => ecfr(file, global),
        ("kr", "keywords" | "hsk") => super::tables::attach(text, file, global),
        _ => Err(Failure::usage(
            "BAD_USAGE",
            format!(
                "`{jurisdiction} {text}` is not a text that can be attached; there are `us ecfr`, `kr keywords` and `kr hsk`"
            ),
        )),
    }
}

/// Says whether something attached before stays in use.
pub(super) fn unchanged(mut failure: Failure, kept: &Path) -> Failure {
    failure.message.push_str(if kept.exists() {
        "; the text attached before stays in use"
    } else {
        "; no text is attached"
    });
    failure
}

/// What is attached below a data directory, for search.
pub(in crate::commands) fn attached_files(data_dir: &Path) -> AttachedFiles {
    let there = |path: PathBuf| path.exists().then_some(path);
    AttachedFiles {
        ecfr: there(kept_file(data_dir)),
        keywords: there(super::tables::kept_file(data_dir, "keywords")),
        hsk: there(super::tables::kept_file(data_dir, "hsk")),
    }
}

fn ecfr(file: &Path, global: &Global) -> Result<(), Failure> {
    let kept = kept_file(&data_dir::resolve(global)?);
    let unchanged = |failure| unchanged(failure, &kept);
    let bytes = document::read_bytes(file).map_err(unchanged)?;
    let tree = TextTree::parse(&file.display().to_string(), &bytes)
        .map_err(|error| unchanged(refuse(&error)))?;
    let before = std::fs::read(&kept).ok();
    let before = before.and_then(|bytes| TextTree::parse("", &bytes).ok());
    write(&kept, &bytes)?;
    let rows: usize = tree.entries.iter().map(|entry| entry.rows.len()).sum();
    let notes: usize = tree.entries.iter().map(|entry| entry.notes.len()).sum();
    if global.json {
        let document = json!({
            "jurisdiction": "us",
            "text": "ecfr",
            "digest": &*tree.digest,
            "issue": tree.issue.map(|day| day.to_string()),
            "entries": tree.entries.len(),
            "paragraphs": tree.paragraph_count(),
            "requirement_rows": rows,
            "notes": notes,
            "kept": kept.display().to_string(),
            "replaced": before.map(|tree| tree.digest.to_string()),
        });
        return output::data(&format!("{document}\n"));
    }
    let issue = tree.issue.map_or_else(
        || "the file does not tell its issue".to_owned(),
        |day| format!("issue of {day}"),
    );
    let replaced = before.map_or_else(String::new, |before| {
        format!("replaced: {}\n", before.digest)
    });
    output::data(&format!(
        "{} entries, {} paragraphs, {notes} notes, {rows} requirement rows; {issue}\n{}\nkept in {}\n{replaced}",
        tree.entries.len(),
        tree.paragraph_count(),
        tree.digest,
        kept.display(),
    ))
}

/// Where the text is kept.
pub(super) fn kept_file(data_dir: &Path) -> PathBuf {
    Folders::of(data_dir, Jurisdiction::Us)
        .texts()
        .join("ecfr.xml")
}

/// The attached text, where there is one.
///
/// # Errors
/// `TEXT_DAMAGED` when it is no longer as it was kept.
pub(super) fn attached(data_dir: &Path) -> Result<Option<TextTree>, Failure> {
    let kept = kept_file(data_dir);
    let name = kept.display().to_string();
    let damaged = |what: String| {
        Failure::invalid(
            "TEXT_DAMAGED",
            format!(
                "the attached text is damaged: attach it again (`concord regimes attach-text us ecfr FILE`): {what}"
            ),
        )
    };
    let bytes = match std::fs::read(&kept) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(damaged(format!("`{name}`: {e}"))),
    };
    match TextTree::parse(&name, &bytes) {
        Ok(tree) => Ok(Some(tree)),
        Err(error) => Err(damaged(error.to_string())),
    }
}

/// A text that is not right, as a command's failure.
pub(super) fn refuse(error: &TextError) -> Failure {
    Failure::invalid("INVALID_TEXT", "the regulation file is not right")
        .at(error.at.to_string(), error.kind.to_string())
}

pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let folder = path.parent().unwrap_or(path);
    std::fs::create_dir_all(folder)
        .and_then(|()| concord_kit::files::write_whole(path, bytes))
        .map_err(|e| {
            Failure::usage(
                "CANNOT_WRITE",
                format!("`{}` cannot be written: {e}", path.display()),
            )
        })
}
