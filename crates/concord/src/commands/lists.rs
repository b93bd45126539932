//! `concord lists`: published list files into the snapshots of the deployments.

mod download;
mod good_guys;
mod sources;
mod update;

use std::fmt::Write;
use std::path::{Path, PathBuf};

use concord_lists::{ListError, ReadOptions, Reading, Shrinkage, SourceFile, read};
use concord_screening::{AddOptions, Added, ListStore, Loaded, Policy, StoreError};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};

use crate::cli::{Global, Lists};
use crate::data_dir;
use crate::deployment::{Folders, Jurisdiction};
use crate::failure::Failure;
use crate::output;

/// Runs the command.
///
/// # Errors
/// A file that cannot be read or is damaged (with its line), a list that would become much smaller, a damaged store.
pub fn run(args: &Lists, global: &Global) -> Result<(), Failure> {
    match args {
        Lists::Add {
            paths,
            r#for,
            accept_shrink,
        } => add(paths, r#for, *accept_shrink, global),
        Lists::Update {
            names,
            accept_shrink,
        } => update::run(names, *accept_shrink, global),
        Lists::Inspect { path } => inspect(path, global),
        Lists::Status => status(global),
        Lists::GoodGuys(args) => good_guys::run(args, global),
    }
}

/// The store of a deployment below the data directory.
pub(super) fn store(data_dir: &Path, jurisdiction: Jurisdiction) -> ListStore {
    ListStore::open(Folders::of(data_dir, jurisdiction).lists())
}

/// A store's error as a command's.
pub(super) fn refuse(error: &StoreError) -> Failure {
    let reason = match error {
        StoreError::Shrunk(_) => "LIST_SHRUNK",
        StoreError::Io { .. } | StoreError::Busy { .. } => "STORE_NOT_USABLE",
        StoreError::Pointer { .. } | StoreError::Snapshot { .. } | StoreError::GoodGuys { .. } => {
            "STORE_DAMAGED"
        }
        StoreError::Lists(_) | StoreError::Example(_) => "INVALID_LIST",
    };
    Failure::invalid(reason, error.to_string())
}

/// The deployment that `--for` names.
fn deployment(name: &str) -> Result<Jurisdiction, Failure> {
    let text = || Failure::usage("BAD_USAGE", format!("`--for {name}` is neither us nor kr"));
    Jurisdiction::parse(name).ok_or_else(text)
}

/// `accept_shrink`: a person has looked at lists that became much smaller.
fn add(
    paths: &[PathBuf],
    wanted: &[String],
    accept_shrink: bool,
    global: &Global,
) -> Result<(), Failure> {
    let mut jurisdictions = Vec::new();
    for name in wanted {
        jurisdictions.push(deployment(name)?);
    }
    jurisdictions.sort();
    jurisdictions.dedup();
    let data_dir = data_dir::resolve(global)?;
    let mut documents = Vec::new();
    let mut text = String::new();
    for url in paths.iter().filter_map(|p| update::fetches(p)) {
        let (added, lines) = update::add_url(url, &jurisdictions, accept_shrink, &data_dir)?;
        documents.extend(added);
        text.push_str(&lines);
    }
    let mut readings = Vec::new();
    for path in paths.iter().filter(|p| update::fetches(p).is_none()) {
        readings.push(read_publication(path)?);
    }
    if !readings.is_empty() {
        let options = AddOptions {
            accept_shrink,
            ..AddOptions::at(Timestamp::now())
        };
        let (added, lines) = add_readings(&data_dir, &jurisdictions, &readings, &options)?;
        documents.extend(added);
        text.push_str(&lines);
    }
    if global.json {
        return output::data(&format!("{}\n", json!({"deployments": documents})));
    }
    output::data(&text)
}

/// Adds `readings` to the stores of `jurisdictions`; what was done, as documents and as text.
fn add_readings(
    data_dir: &Path,
    jurisdictions: &[Jurisdiction],
    readings: &[Reading],
    options: &AddOptions,
) -> Result<(Vec<Value>, String), Failure> {
    for reading in readings {
        let source = reading.sources.first();
        eprintln!(
            "{}: {}, {} records of {}",
            source.map_or("", |s| s.file.as_str()),
            reading.format.as_str(),
            reading.records,
            stated(source.map_or("", |s| s.data_date.as_str()))
        );
        for problem in &reading.problems {
            eprintln!("  {}:{}: {}", problem.file, problem.line, problem.message);
        }
    }
    let mut documents = Vec::new();
    let mut text = String::new();
    for jurisdiction in jurisdictions {
        let added = store(data_dir, *jurisdiction)
            .add(readings.to_vec(), options)
            .map_err(|e| refuse(&e))?;
        if let Some(problem) = &added.recovered {
            eprintln!(
                "{}: {problem}; the new snapshot goes on from there",
                jurisdiction.folder()
            );
        }
        documents.push(added_json(*jurisdiction, &added));
        added_text(&mut text, *jurisdiction, &added);
    }
    Ok((documents, text))
}

/// A date, or words for its absence.
fn stated(date: &str) -> &str {
    if date.is_empty() {
        "no stated date"
    } else {
        date
    }
}

fn added_json(jurisdiction: Jurisdiction, added: &Added) -> Value {
    let lists = added.lists.iter().map(|l| {
        json!({
            "source": l.source, "list": l.list, "title": l.title, "parties": l.parties,
            "parties_before": l.before, "added": l.added,
        })
    });
    json!({
        "jurisdiction": jurisdiction.code(),
        "digest": added.digest,
        "previous": added.previous,
        "lists": lists.collect::<Vec<_>>(),
        "shrunk": added.shrinkages.iter().map(shrunk_json).collect::<Vec<_>>(),
    })
}

fn shrunk_json(s: &Shrinkage) -> Value {
    json!({
        "source": s.source, "list": s.list.as_str(), "before": s.before, "after": s.after,
        "lost_per_mille": s.lost_per_mille,
    })
}

fn added_text(out: &mut String, jurisdiction: Jurisdiction, added: &Added) {
    let total: u64 = added.lists.iter().map(|l| l.parties).sum();
    let _ = writeln!(
        out,
        "{}: snapshot {}, {total} parties",
        jurisdiction.folder(),
        added.digest
    );
    for list in &added.lists {
        let how = match (list.added, list.before) {
            (false, _) => "kept".to_owned(),
            (true, None) => "new".to_owned(),
            (true, Some(before)) => format!("was {before}"),
        };
        let _ = writeln!(
            out,
            "  {:>7}  {:<20} {:<12} {how}",
            list.parties, list.list, list.source
        );
    }
}

fn inspect(path: &Path, global: &Global) -> Result<(), Failure> {
    let found = read_publication(path)?.inspect();
    if global.json {
        let problems = found
            .problems
            .iter()
            .map(|p| json!({"file": p.file, "line": p.line, "message": p.message}));
        let document = json!({
            "format": found.format,
            "parties": found.parties,
            "parties_grouped": found.parties_grouped,
            "by_type": found.by_type,
            "names": found.names,
            "problems": problems.collect::<Vec<_>>(),
        });
        return output::data(&format!("{document}\n"));
    }
    let mut text = format!(
        "{}: {} records, {} parties, {} names\n",
        found.format, found.parties, found.parties_grouped, found.names
    );
    for (kind, count) in found.by_type.iter().filter(|(_, count)| **count > 0) {
        let _ = writeln!(text, "  {count:>7}  {kind}");
    }
    for (list, count) in &found.by_list {
        let _ = writeln!(text, "  {count:>7}  {list}");
    }
    for problem in &found.problems {
        let _ = writeln!(
            text,
            "  {}:{}: {}",
            problem.file, problem.line, problem.message
        );
    }
    output::data(&text)
}

fn status(global: &Global) -> Result<(), Failure> {
    let data_dir = data_dir::resolve(global)?;
    let now = Timestamp::now();
    let mut documents = Vec::new();
    let mut text = String::new();
    for jurisdiction in Jurisdiction::ALL {
        let current = store(&data_dir, jurisdiction)
            .current()
            .map_err(|e| refuse(&e))?;
        let Some(current) = current else {
            let _ = writeln!(
                text,
                "{}: no lists; the fictional example is used and every answer is INCOMPLETE",
                jurisdiction.folder()
            );
            documents.push(json!({
                "jurisdiction": jurisdiction.code(), "digest": null, "lists": [], "complete": false,
                "incomplete": [{"reason": "EXAMPLE_LIST_ONLY", "subject": ""}],
            }));
            continue;
        };
        let policy = Policy::by_law(jurisdiction.code())
            .map_err(|e| Failure::usage("INVALID_CONFIG", e.to_string()))?;
        let pointer = current.pointer;
        // As the service has it: also what no search would find.
        let loaded = Loaded::new(current.snapshot, pointer.lists.clone());
        let missing = policy.missing(&loaded, now);
        let snapshot = loaded.snapshot();
        let digest = snapshot.digest();
        let bytes = snapshot.encode().len();
        let _ = writeln!(
            text,
            "{}: snapshot {digest}, {} parties, {bytes} bytes",
            jurisdiction.folder(),
            snapshot.parties().len()
        );
        let mut lists = Vec::new();
        for source in snapshot.sources() {
            let record = pointer.record(&source.source, &source.list);
            let loaded_at = record.map(|r| r.loaded_at.to_string()).unwrap_or_default();
            let _ = writeln!(
                text,
                "  {:>7}  {:<20} {:<12} of {}, loaded {loaded_at}{}",
                source.parties,
                source.list.as_str(),
                source.source,
                stated(&source.data_date),
                lost(record.and_then(|r| r.shrunk.as_ref()))
            );
            lists.push(json!({
                "source": source.source, "list": source.list.as_str(), "title": source.title,
                "publisher": source.publisher, "parties": source.parties, "data_date": source.data_date,
                "loaded_at": loaded_at, "age_days": age_days(&source.data_date, record.map(|r| r.loaded_at), now),
                "file": source.file, "file_sha256": source.file_sha256,
                "shrunk": record.and_then(|r| r.shrunk.as_ref()).map(shrunk_json),
            }));
        }
        for reason in &missing {
            let _ = writeln!(
                text,
                "  INCOMPLETE {}: {}",
                reason.reason,
                global.lang.pick(&reason.text)
            );
        }
        let incomplete = missing
            .iter()
            .map(|r| json!({"reason": r.reason, "subject": r.subject}))
            .collect::<Vec<_>>();
        documents.push(json!({
            "jurisdiction": jurisdiction.code(), "digest": digest, "bytes": bytes, "lists": lists,
            "complete": missing.is_empty(), "incomplete": incomplete,
        }));
    }
    if global.json {
        return output::data(&format!("{}\n", json!({"deployments": documents})));
    }
    output::data(&text)
}

/// Days since the day of the data, else since the list was loaded; null where neither is known.
fn age_days(data_date: &str, loaded_at: Option<Timestamp>, now: Timestamp) -> Option<i32> {
    let utc = |at: Timestamp| at.to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
    let day = data_date.parse::<Date>().ok().or(loaded_at.map(utc))?;
    Some((utc(now) - day).get_days())
}

/// What a list lost when it last changed, in words.
fn lost(shrunk: Option<&Shrinkage>) -> String {
    shrunk.map_or(String::new(), |s| {
        format!(", shrunk from {} to {}", s.before, s.after)
    })
}

/// The publication in a file, or in the CSV files of a folder. A date in the last part of the path (`csl-2026-11-20.csv`)
/// is taken as the day of the data.
fn read_publication(path: &Path) -> Result<Reading, Failure> {
    let cannot = |path: &Path, problem: std::io::Error| {
        Failure::invalid(
            "CANNOT_READ",
            format!("`{}` cannot be read: {problem}", path.display()),
        )
    };
    let mut files = Vec::new();
    if std::fs::metadata(path)
        .map_err(|e| cannot(path, e))?
        .is_dir()
    {
        let mut others = Vec::new();
        for entry in std::fs::read_dir(path).map_err(|e| cannot(path, e))? {
            let file = entry.map_err(|e| cannot(path, e))?.path();
            let name = file_name(&file).to_ascii_lowercase();
            if name.ends_with(".csv") || name.ends_with(".csv.gz") {
                files.push(file);
            } else if file.is_file() {
                others.push(file);
            }
        }
        // A folder for a single file, such as an XML.
        if files.is_empty() && others.len() == 1 {
            files = others;
        }
        files.sort();
        if files.is_empty() {
            let text = format!(
                "`{}` holds neither CSV files nor a single other file; give the folder with the published files of one list",
                path.display()
            );
            return Err(Failure::invalid("INVALID_LIST", text));
        }
    } else {
        files.push(path.to_owned());
    }
    let mut contents = Vec::new();
    for file in &files {
        contents.push((
            file_name(file),
            std::fs::read(file).map_err(|e| cannot(file, e))?,
        ));
    }
    let data_date = date_in(&file_name(path))
        .map(|d| d.to_string())
        .unwrap_or_default();
    publication(&contents, &data_date)
}

/// Reads files, by name and content. `data_date` counts where they state no date themselves.
fn publication(contents: &[(String, Vec<u8>)], data_date: &str) -> Result<Reading, Failure> {
    let files: Vec<SourceFile<'_>> = contents
        .iter()
        .map(|(name, bytes)| SourceFile { name, bytes })
        .collect();
    let options = ReadOptions {
        data_date: data_date.to_owned(),
        ..ReadOptions::default()
    };
    read(&files, &options).map_err(|e| damaged(&e))
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned()
}

/// The only date in a name; none where there are several.
fn date_in(name: &str) -> Option<Date> {
    let mut dates = name
        .char_indices()
        .filter_map(|(i, _)| name.get(i..i + 10))
        .filter(|part| part.bytes().all(|b| b.is_ascii_digit() || b == b'-'))
        .filter_map(|part| part.parse().ok());
    let date = dates.next()?;
    dates.next().is_none().then_some(date)
}

fn damaged(error: &ListError) -> Failure {
    let text = error.to_string();
    let failure = Failure::invalid(
        "INVALID_LIST",
        "the list cannot be used, and nothing of it is kept",
    );
    match error.place() {
        Some(place) => {
            let place = place.to_string();
            let description = text
                .strip_prefix(&place)
                .and_then(|t| t.strip_prefix(": "))
                .unwrap_or(&text);
            failure.at(place, description)
        }
        None => failure.at(error.file(), &text),
    }
}
