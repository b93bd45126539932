//! `concord screen`: parties against the lists in the data directory, without a network and with the service's own code.

use std::fmt::Write;
use std::path::Path;

use concord_kit::status::Problem;
use concord_names::FULL;
use concord_proto::screening::ScreenRequest;
use concord_proto::types::{Hit, Party, PartyScreening, ScreeningSummary, View};
use concord_screening::{Loaded, Policy};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::lists;
use super::match_names::{self, damaged, decimal};
use crate::cli::{Global, Screen};
use crate::data_dir;
use crate::deployment::Jurisdiction;
use crate::document;
use crate::failure::Failure;
use crate::output;

/// A party and where it stands: `name`, or `parties.csv:3`.
struct Asked {
    place: Option<String>,
    party: Party,
}

/// What a file of parties may say; other columns are kept out and named on stderr.
const COLUMNS: [&str; 6] = [
    "name",
    "country",
    "type",
    "birth_date",
    "gender",
    "identifiers",
];

/// Runs the command. It succeeds whether or not there are hits, and also when the answer is INCOMPLETE.
///
/// # Errors
/// A party that cannot be screened (with its field or line), a damaged CSV or store.
pub fn run(args: &Screen, global: &Global) -> Result<(), Failure> {
    let jurisdiction = Jurisdiction::parse(&args.by).ok_or_else(|| {
        Failure::usage(
            "BAD_USAGE",
            format!("`--by {}` is neither us nor kr", args.by),
        )
    })?;
    let threshold = args.threshold.as_deref().map_or(Ok(0), threshold)?;
    match_names::profile(&args.profile)?;
    let asked = match (&args.file, &args.name) {
        (Some(path), _) => from_file(path)?,
        (None, Some(name)) => {
            let (country, kind) = (args.country.as_deref(), args.kind.as_deref());
            let mut party = party(name, country, kind);
            party.identifiers.clone_from(&args.identifier);
            party.birth_date = args.birth_date.clone().unwrap_or_default();
            party.gender = lower(args.gender.as_deref());
            vec![Asked { place: None, party }]
        }
        (None, None) => {
            return Err(Failure::usage(
                "BAD_USAGE",
                "give --name NAME or --file FILE",
            ));
        }
    };
    let store = lists::store(&data_dir::resolve(global)?, jurisdiction);
    let loaded = Loaded::from_store(&store).map_err(|e| lists::refuse(&e))?;
    let policy = Policy::by_law(jurisdiction.code())
        .map_err(|e| Failure::usage("INVALID_CONFIG", e.to_string()))?;
    let now = Timestamp::now();

    // Everything is answered before anything is printed: half a file must not look like a whole one.
    let mut answers = Vec::with_capacity(asked.len());
    let mut failed: Option<Failure> = None;
    for Asked { place, party } in asked {
        let request = ScreenRequest {
            parties: vec![party.clone()],
            threshold,
            profile: args.profile.clone(),
            view: View::Full.into(),
            ..ScreenRequest::default()
        };
        match concord_screening::screen(&loaded, &policy, now, &request) {
            Ok(answer) => answers.push((party, answer.summary.unwrap_or_default())),
            Err(status) => {
                failed = Some(refuse(
                    failed,
                    &Problem::from_status(&status),
                    place.as_deref(),
                ))
            }
        }
    }
    if let Some(failure) = failed {
        return Err(failure);
    }
    let mut text = String::new();
    for (party, summary) in &answers {
        if global.json {
            let _ = writeln!(text, "{}", document(party, summary)?);
        } else {
            report(&mut text, party, summary);
        }
    }
    if !global.json
        && let Some((_, summary)) = answers.first()
    {
        closing(&mut text, summary, global);
    }
    output::data(&text)
}

/// Adds what is wrong with one party to what was wrong before.
fn refuse(before: Option<Failure>, problem: &Problem, place: Option<&str>) -> Failure {
    let mut failure =
        before.unwrap_or_else(|| Failure::invalid(problem.reason(), problem.message()));
    for (field, description) in problem.violations() {
        // The one party of the request is the one of the command line or of the line.
        let field = field.trim_start_matches("parties[0].");
        match place {
            Some(place) => failure = failure.at(place, format!("{field}: {description}")),
            None => failure = failure.at(field, description),
        }
    }
    if failure.violations.len() > 1 {
        failure.message = format!("{} fields are not valid", failure.violations.len());
    } else if let [(field, description)] = failure.violations.as_slice() {
        failure.message = format!("{field}: {description}");
    }
    failure
}

fn party(name: &str, country: Option<&str>, kind: Option<&str>) -> Party {
    Party {
        name: name.to_owned(),
        country: country.unwrap_or_default().trim().to_ascii_uppercase(),
        kind: lower(kind),
        ..Party::default()
    }
}

fn lower(word: Option<&str>) -> String {
    word.unwrap_or_default().trim().to_ascii_lowercase()
}

fn from_file(path: &Path) -> Result<Vec<Asked>, Failure> {
    let file = path.display().to_string();
    let bytes = document::read_bytes(path)?;
    let mut reader = csv::ReaderBuilder::new().from_reader(bytes.as_slice());
    let header = reader.headers().map_err(|e| damaged(&file, &e))?.clone();
    let named = |h: &str, name: &str| {
        h.trim_start_matches('\u{feff}')
            .trim()
            .eq_ignore_ascii_case(name)
    };
    let column = |name: &str| header.iter().position(|h| named(h, name));
    let unread = |h: &&str| !COLUMNS.iter().any(|name| named(h, name));
    let unread: Vec<&str> = header.iter().filter(unread).collect();
    if !unread.is_empty() {
        eprintln!("{file}: columns that are not read: {}", unread.join(", "));
    }
    let Some(name) = column("name") else {
        let text = "column `name` is missing from the header; expected name and, where known, country, type, birth_date, gender and identifiers";
        return Err(Failure::invalid("INVALID_CSV", text).at(format!("{file}:1"), text));
    };
    let (country, kind) = (column("country"), column("type"));
    let (identifiers, birth_date) = (column("identifiers"), column("birth_date"));
    let gender = column("gender");
    let mut asked = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|e| damaged(&file, &e))?;
        let line = record.position().map_or(0, csv::Position::line);
        let field = |column: Option<usize>| column.and_then(|c| record.get(c));
        let name = record.get(name).unwrap_or_default();
        let mut party = party(name, field(country), field(kind));
        let listed = field(identifiers).unwrap_or_default().split('|');
        let listed = listed.map(str::trim).filter(|i| !i.is_empty());
        party.identifiers = listed.map(str::to_owned).collect();
        party.birth_date = field(birth_date).unwrap_or_default().trim().to_owned();
        party.gender = lower(field(gender));
        asked.push(Asked {
            place: Some(format!("{file}:{line}")),
            party,
        });
    }
    if asked.is_empty() {
        let text = "holds no party";
        return Err(Failure::invalid("INVALID_CSV", format!("`{file}` {text}"))
            .at(format!("{file}:1"), text));
    }
    Ok(asked)
}

/// `0.85` as 8500: exact, so no float.
fn threshold(text: &str) -> Result<u32, Failure> {
    let wrong = || {
        let expected =
            "expected a number above 0 and up to 1 with at most four decimals, such as 0.85";
        Failure::usage("BAD_USAGE", format!("`--threshold {text}`: {expected}"))
    };
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    if whole.len() != 1 || part.len() > 4 || !digits(whole) || !digits(part) {
        return Err(wrong());
    }
    let value: u32 = format!("{whole}{part:0<4}").parse().map_err(|_| wrong())?;
    if value == 0 || value > FULL {
        Err(wrong())
    } else {
        Ok(value)
    }
}

/// One party's answer as JSON: the summary with the party that was asked about, and explanations as objects.
fn document(party: &Party, summary: &ScreeningSummary) -> Result<Value, Failure> {
    let text = output::json("concord.type.v1.ScreeningSummary", summary)?;
    let mut document: Value = serde_json::from_str(&text).map_err(anyhow::Error::new)?;
    if let Value::Object(fields) = &mut document {
        let asked = json!({"name": party.name, "country": party.country, "type": party.kind});
        fields.insert("party".to_owned(), asked);
    }
    Ok(document)
}

fn report(out: &mut String, party: &Party, summary: &ScreeningSummary) {
    let none = PartyScreening::default();
    let screening = summary.parties.first().unwrap_or(&none);
    let least = decimal(summary.threshold);
    let covered = screening
        .hits
        .iter()
        .filter(|h| h.suppressed.is_some())
        .count();
    if covered > 0 {
        let _ = writeln!(
            out,
            "{}: {covered} of the hits are covered by the good-guy list and do not count",
            party.name
        );
    }
    let _ = match screening.hits.len() - covered {
        0 => writeln!(out, "{}: no hit at {least} or above", party.name),
        1 => writeln!(out, "{}: 1 hit at {least} or above", party.name),
        n => writeln!(out, "{}: {n} hits at {least} or above", party.name),
    };
    for hit in &screening.hits {
        write_hit(out, hit);
    }
}

fn write_hit(out: &mut String, hit: &Hit) {
    let countries = hit.countries.join(", ");
    let _ = writeln!(
        out,
        "  {}  {}  {}  {countries}",
        decimal(hit.score),
        hit.list_id,
        hit.name
    );
    if !hit.matched_identifier.is_empty() {
        let _ = writeln!(
            out,
            "          by the identifier {}",
            hit.matched_identifier
        );
    }
    for (what, decision) in [
        ("covered", &hit.suppressed),
        (
            "counts again: the list's entry is another than the one looked at, or the time is over",
            &hit.lapsed,
        ),
    ] {
        if let Some(d) = decision {
            let _ = writeln!(
                out,
                "          {what}: {}, {}: {}",
                d.decided_by, d.decided_on, d.reason
            );
        }
    }
    if hit.matched_name != hit.name {
        let _ = writeln!(
            out,
            "          by the {} name {}",
            hit.matched_quality, hit.matched_name
        );
    }
    let pairs = hit.alignment.iter().map(|a| match a.key.as_str() {
        "literal" => a.query.clone(),
        key => format!("{} = {} ({key})", a.query, a.listed),
    });
    let _ = writeln!(
        out,
        "          agrees: {}",
        pairs.collect::<Vec<_>>().join(", ")
    );
    for (title, words) in [
        ("not on the list", &hit.unmatched_query),
        ("only on the list", &hit.unmatched_listed),
        ("lowered by", &hit.qualifiers),
        ("programmes", &hit.programmes),
    ] {
        if !words.is_empty() {
            let _ = writeln!(out, "          {title}: {}", words.join(", "));
        }
    }
    for (title, text) in [
        ("licence requirement", hit.licence_requirement.as_str()),
        ("licence policy", hit.licence_policy.as_str()),
        (
            "published",
            hit.citation.as_ref().map_or("", |c| c.provision.as_str()),
        ),
    ] {
        if !text.is_empty() {
            let _ = writeln!(out, "          {title}: {text}");
        }
    }
}

/// What the answers rest on.
fn closing(out: &mut String, summary: &ScreeningSummary, global: &Global) {
    let digest = summary.snapshot.as_ref().map_or("", |s| s.digest.as_str());
    let _ = writeln!(out, "lists: {digest}");
    for source in &summary.sources {
        let date = if source.data_date.is_empty() {
            "no stated date"
        } else {
            source.data_date.as_str()
        };
        let _ = writeln!(out, "  {:>7}  {} of {date}", source.parties, source.list_id);
    }
    for reason in &summary.incomplete {
        let _ = writeln!(
            out,
            "INCOMPLETE {}: {}",
            reason.reason,
            global.lang.pick(&reason.text)
        );
    }
    let _ = writeln!(
        out,
        "A hit is a name that is alike, not an identification; no hit is not a clearance. Not legal advice."
    );
}
