//! `concord search`: control entries by words, at the pure core.

use concord_classification::catalogue::Catalogue;
use concord_classification::finder::{Finder, FinderError};
use concord_classification::wire::search::search;
use concord_proto::classification::{EntryMatch, SearchEntriesRequest, SearchEntriesResponse};

use super::regimes::attach;
use crate::cli::{Global, Search};
use crate::failure::Failure;
use crate::report::Language;
use crate::{data_dir, output};

/// Runs the command.
///
/// # Errors
/// What the core refuses; `TEXT_DAMAGED` when something attached is no longer as it was kept.
pub fn run(args: &Search, global: &Global) -> Result<(), Failure> {
    let catalogue =
        Catalogue::load("US", None).map_err(|e| Failure::usage("INVALID_REGIME", e.to_string()))?;
    let files = attach::attached_files(&data_dir::resolve(global)?);
    let finder = Finder::load(&catalogue, &files).map_err(|e| match e {
        FinderError::Regimes(e) => Failure::usage("INVALID_REGIME", e.to_string()),
        other => Failure::invalid("TEXT_DAMAGED", format!("{other}; attach it again")),
    })?;
    let request = SearchEntriesRequest {
        query: args.text.clone(),
        jurisdictions: args.jurisdiction.iter().map(|j| j.to_uppercase()).collect(),
        page_size: args.limit,
        page_token: args.page_token.clone(),
        as_of: args.as_of.clone(),
    };
    let answer = search(&catalogue, &finder, &request).map_err(|s| Failure::from_status(&s))?;
    if global.json {
        let json = output::json("concord.classification.v1.SearchEntriesResponse", &answer)?;
        return output::data(&format!("{json}\n"));
    }
    output::data(&text(&answer, global.lang))
}

fn text(answer: &SearchEntriesResponse, language: Language) -> String {
    let korean = matches!(language, Language::Ko);
    let mut out = String::new();
    for entry in &answer.entries {
        out.push_str(&line(entry, korean));
    }
    if answer.entries.is_empty() {
        out.push_str(if korean {
            "찾은 항목이 없습니다. 품목을 다른 말로 적어 보십시오.\n"
        } else {
            "nothing found; describe the goods in other words\n"
        });
    }
    let names: Vec<&str> = answer.attached.iter().map(|a| a.name.as_str()).collect();
    let attached = match (names.is_empty(), korean) {
        (true, true) => "자체 용어만 검색함(첨부된 공식 문서 없음)".to_owned(),
        (true, false) => "our own words alone: no official text is attached".to_owned(),
        (false, true) => format!("첨부 문서: {}", names.join(", ")),
        (false, false) => format!("attached: {}", names.join(", ")),
    };
    let candidates = if korean {
        "찾은 항목은 후보일 뿐이며 판정이 아닙니다"
    } else {
        "found entries are candidates to look at, not classifications"
    };
    out.push_str(&format!("\n{candidates}; {attached}\n"));
    if !answer.next_page_token.is_empty() {
        let more = if korean { "다음" } else { "more" };
        out.push_str(&format!(
            "{more}: --page-token {}\n",
            answer.next_page_token
        ));
    }
    out
}

fn line(entry: &EntryMatch, korean: bool) -> String {
    let language = if korean { "ko" } else { "en" };
    let label = entry.label.iter().find(|l| l.language == language);
    let label = label.map_or("", |l| l.text.as_str());
    let mut out = format!(
        "{} {:<6} {:>5}  {label}\n",
        entry.jurisdiction, entry.code, entry.score
    );
    let mut why = entry.matched.join(", ");
    let beside: Vec<&str> = entry
        .found_by
        .iter()
        .map(String::as_str)
        .filter(|w| !matches!(*w, "words" | "code"))
        .collect();
    if !beside.is_empty() {
        if !why.is_empty() {
            why.push_str("; ");
        }
        why.push_str(&beside.join(", "));
    }
    if !why.is_empty() {
        out.push_str(&format!("                  {why}\n"));
    }
    out
}
