//! `concord lists update`: the sources of `lists.toml`, fetched where they have changed.
//!
//! A source is taken as a whole or not at all: whatever is wrong with it, the snapshot and the last good copies stay.

use std::path::Path;

use concord_screening::AddOptions;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::download::{Downloader, Fetched};
use super::sources::{Copies, Copy, SOURCES, Source, Sources, file_name, is_url, max_bytes};
use super::{add_readings, publication};
use crate::cli::Global;
use crate::data_dir;
use crate::deployment::Jurisdiction;
use crate::failure::{Failure, exit};
use crate::output;

/// A file of less than this share (in hundredths) of the copy before it is not believed to be complete.
const LEAST_SHARE: u64 = 50;

/// Fetches and adds the sources `names`, or all.
///
/// # Errors
/// No sources, a name that is none; the first failure where a source could not be brought up to date.
pub fn run(names: &[String], accept_shrink: bool, global: &Global) -> Result<(), Failure> {
    let data_dir = data_dir::resolve(global)?;
    let sources = Sources::load(&data_dir)?.sources;
    if let Some(unknown) = names
        .iter()
        .find(|n| !sources.iter().any(|s| s.name == **n))
    {
        let known: Vec<&str> = sources.iter().map(|s| s.name.as_str()).collect();
        let text = format!(
            "`{unknown}` is not a source of {SOURCES}; known are: {}",
            known.join(", ")
        );
        return Err(Failure::usage("UNKNOWN_SOURCE", text));
    }
    let wanted: Vec<&Source> = sources
        .iter()
        .filter(|s| names.is_empty() || names.contains(&s.name))
        .collect();
    if wanted.is_empty() {
        let text = format!(
            "no sources: write them into `{}`, or use `concord lists add URL`",
            data_dir.join(SOURCES).display()
        );
        return Err(Failure::usage("NO_SOURCES", text));
    }
    let mut documents = Vec::new();
    let mut text = String::new();
    let mut failed: Option<Failure> = None;
    for source in wanted {
        match bring_up_to_date(&data_dir, source, accept_shrink) {
            Ok(done) => {
                text.push_str(&format!("{}: {}\n{}", source.name, done.result, done.text));
                documents.push(json!({
                    "name": source.name, "result": done.result, "files": done.files,
                    "deployments": done.deployments,
                }));
            }
            Err(failure) => {
                eprintln!("{}", failure.to_text());
                text.push_str(&format!("{}: failed; what was there stays\n", source.name));
                documents.push(json!({
                    "name": source.name, "result": "failed", "reason": failure.reason,
                    "message": failure.message,
                }));
                failed.get_or_insert(failure);
            }
        }
    }
    let printed = if global.json {
        format!("{}\n", json!({"sources": documents}))
    } else {
        text
    };
    match failed {
        // Under --json an error is the one document; what was done is on stderr.
        Some(failure) if global.json => {
            eprint!("{printed}");
            Err(failure)
        }
        Some(failure) => output::data(&printed).and(Err(failure)),
        None => output::data(&printed),
    }
}

/// Fetches `url`, adds it and remembers it as a source.
///
/// # Errors
/// As [`run`]; then nothing is remembered.
pub fn add_url(
    url: &str,
    wanted: &[Jurisdiction],
    accept_shrink: bool,
    data_dir: &Path,
) -> Result<(Vec<Value>, String), Failure> {
    let mut sources = Sources::load(data_dir)?;
    let found = sources.sources.iter().position(|s| s.urls == [url]);
    let source = Source {
        name: match found.and_then(|at| sources.sources.get(at)) {
            Some(source) => source.name.clone(),
            None => new_name(url, &sources),
        },
        urls: vec![url.to_owned()],
        r#for: wanted.iter().map(|j| j.folder().to_owned()).collect(),
        max_bytes: max_bytes(),
    };
    let done = bring_up_to_date(data_dir, &source, accept_shrink)?;
    match found {
        Some(at) => {
            if let Some(old) = sources.sources.get_mut(at) {
                old.r#for = source.r#for;
            }
        }
        None => sources.sources.push(source),
    }
    sources.save(data_dir)?;
    Ok((done.deployments, done.text))
}

fn new_name(url: &str, sources: &Sources) -> String {
    let base = Some(file_name(url)).filter(|n| !n.is_empty());
    let base = base.unwrap_or_else(|| "list".to_owned());
    let free = |name: &String| !sources.sources.iter().any(|s| s.name == *name);
    std::iter::once(base.clone())
        .chain((2_u32..).map(|n| format!("{base}-{n}")))
        .find(free)
        .unwrap_or(base)
}

struct Done {
    result: &'static str,
    files: Vec<Value>,
    deployments: Vec<Value>,
    text: String,
}

fn bring_up_to_date(
    data_dir: &Path,
    source: &Source,
    accept_shrink: bool,
) -> Result<Done, Failure> {
    let now = Timestamp::now();
    let mut copies = Copies::open(data_dir, &source.name);
    let downloader = Downloader::new(source.max_bytes);
    let mut files = Vec::new();
    let mut shown = Vec::new();
    let mut changed = false;
    for url in &source.urls {
        let earlier = copies.bytes(url);
        let known = copies
            .files
            .get(url)
            .filter(|_| earlier.is_some())
            .cloned()
            .unwrap_or_default();
        eprintln!("{}: asking {url}", source.name);
        if !url.starts_with("https://") {
            eprintln!("  not https: whoever is on the way can change the list");
        }
        let fetched = downloader
            .get(url, &known.validators())
            .map_err(|problem| unreachable(&source.name, url, &problem))?;
        let (copy, bytes) = match (fetched, earlier) {
            (Fetched::Changed(bytes, validators), earlier) => {
                let size = bytes.len() as u64;
                let least = known.bytes / 100 * LEAST_SHARE;
                if earlier.is_some() && size < least && !accept_shrink {
                    let text = format!(
                        "`{url}` has {size} bytes, and had {}: less than half; look at it, then give --accept-shrink if this is right",
                        known.bytes
                    );
                    return Err(Failure::invalid("LIST_SHRUNK", text));
                }
                let sha256 = concord_lists::sha256_hex(&bytes);
                let same = sha256 == known.sha256;
                changed |= !same;
                let copy = Copy {
                    etag: validators.etag,
                    last_modified: validators.last_modified,
                    sha256,
                    bytes: size,
                    fetched_at: now.to_string(),
                    checked_at: now.to_string(),
                };
                (copy, bytes)
            }
            (Fetched::Unchanged, Some(bytes)) => {
                let copy = Copy {
                    checked_at: now.to_string(),
                    ..known
                };
                (copy, bytes)
            }
            // Asked without conditions, so the server may not say so.
            (Fetched::Unchanged, None) => {
                return Err(unreachable(
                    &source.name,
                    url,
                    "the server answered 304 without being asked whether the file has changed",
                ));
            }
        };
        shown.push(json!({
            "url": url, "bytes": copy.bytes, "sha256": copy.sha256, "fetched_at": copy.fetched_at,
            "last_modified": copy.last_modified,
        }));
        files.push((url.clone(), copy, bytes));
    }
    let contents: Vec<(String, Vec<u8>)> = files
        .iter()
        .map(|(url, _, bytes)| (file_name(url), bytes.clone()))
        .collect();
    let modified = files
        .iter()
        .map(|(_, copy, _)| day_of(&copy.last_modified))
        .min();
    let reading = publication(&contents, &modified.unwrap_or_default())?;
    let wanted: Vec<Jurisdiction> = source
        .r#for
        .iter()
        .filter_map(|f| Jurisdiction::parse(f))
        .collect();
    let options = AddOptions {
        accept_shrink,
        ..AddOptions::at(now)
    };
    // Also when nothing has changed: that it is still the publisher's list is known as of now.
    let (deployments, text) = add_readings(data_dir, &wanted, &[reading], &options)?;
    copies.keep(files).map_err(|e| {
        let text = format!("the copies of `{}` cannot be kept: {e}", source.name);
        Failure::invalid("STORE_NOT_USABLE", text)
    })?;
    Ok(Done {
        result: if changed { "updated" } else { "unchanged" },
        files: shown,
        deployments,
        text,
    })
}

fn unreachable(source: &str, url: &str, problem: &str) -> Failure {
    Failure {
        exit: exit::UNREACHABLE,
        code: "UNAVAILABLE".to_owned(),
        ..Failure::invalid(
            "SOURCE_UNREACHABLE",
            format!("{source}: `{url}`: {problem}"),
        )
    }
}

/// The civil day of an HTTP date (`Sun, 06 Nov 1994 08:49:37 GMT`); empty for anything else.
fn day_of(http_date: &str) -> String {
    jiff::fmt::rfc2822::parse(&http_date.replace("GMT", "+0000"))
        .map(|at| at.date().to_string())
        .unwrap_or_default()
}

/// True where `lists add` is to fetch.
pub fn fetches(path: &Path) -> Option<&str> {
    path.to_str().filter(|p| is_url(p))
}
