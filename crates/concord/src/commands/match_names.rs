//! `concord match`: how alike two names are. No lists are involved, so every word counts as rare.

use concord_lists::{BirthDate, CountryCode, Gender};
use concord_names::{Corpus, Explanation, FULL, Form, Profile, Qualifiers, Subject, explain};
use concord_screening::explanation;
use concord_screening::loaded::possible_days;
use serde_json::{Map, Value, json};

use crate::cli::{Global, Match};
use crate::document;
use crate::failure::Failure;
use crate::output;

/// Runs the command. It succeeds whether or not the names match.
///
/// # Errors
/// An unknown profile, a file without the columns `name1` and `name2`, a damaged CSV.
pub fn run(args: &Match, global: &Global) -> Result<(), Failure> {
    let profile = profile(&args.profile)?;
    match (&args.pairs, args.names.as_slice()) {
        (Some(path), _) => pairs(path, profile, global),
        (None, [a, b]) => one(a, b, profile, global),
        (None, _) => Err(Failure::usage(
            "BAD_USAGE",
            "give two names, or a file with --pairs",
        )),
    }
}

/// The profile of that name.
pub(super) fn profile(id: &str) -> Result<&'static Profile, Failure> {
    Profile::named(id).ok_or_else(|| {
        let known: Vec<&str> = Profile::ALL.iter().map(|p| p.id).collect();
        let text = format!("there is no profile `{id}`; there are {}", known.join(", "));
        Failure::usage("UNKNOWN_PROFILE", text)
    })
}

/// The best score over the forms of both names, as a search of lists compares them.
fn compare(
    [a, b]: [&str; 2],
    [mine_facts, their_facts]: &[Qualifiers; 2],
    profile: &Profile,
) -> Explanation {
    let corpus = Corpus::default();
    let forms = |name: &str| {
        let forms = Form::all(name)
            .into_iter()
            .filter(|(form, _)| *form != Form::Parenthesised);
        forms.map(|(_, text)| text).collect::<Vec<_>>()
    };
    let (mine, theirs) = (forms(a), forms(b));
    let pairs = mine.iter().flat_map(|x| theirs.iter().map(move |y| (x, y)));
    let mut best = explain(a, mine_facts, b, their_facts, &corpus, profile);
    for (x, y) in pairs {
        let found = explain(x, mine_facts, y, their_facts, &corpus, profile);
        if found.score > best.score {
            best = found;
        }
    }
    best
}

fn one(a: &str, b: &str, profile: &Profile, global: &Global) -> Result<(), Failure> {
    let found = compare([a, b], &Default::default(), profile);
    let matches = found.score >= profile.threshold;
    if global.json {
        let account: Value =
            serde_json::from_str(&explanation::to_json(&found)).unwrap_or_default();
        let document = json!({
            "name1": a, "name2": b, "score": number(found.score), "match": matches,
            "threshold": number(profile.threshold), "explanation": account,
        });
        return output::data(&format!("{document}\n"));
    }
    let word = if matches { "match" } else { "no match" };
    let mut text = format!(
        "{} {word} (threshold {})\n",
        decimal(found.score),
        decimal(profile.threshold)
    );
    for pair in &found.alignment.aligned {
        let words = |positions: &[usize], of: &[concord_names::WeighedToken]| {
            let words: Vec<&str> = positions
                .iter()
                .filter_map(|i| of.get(*i))
                .map(|t| t.text.as_str())
                .collect();
            words.join(" ")
        };
        text.push_str(&format!(
            "  {} = {}  {} {}, {} edits\n",
            words(&pair.query, &found.query_tokens),
            words(&pair.list, &found.list_tokens),
            pair.key.as_str(),
            decimal(pair.similarity),
            pair.edits
        ));
    }
    for (tokens, left) in [
        (&found.query_tokens, &found.unmatched_query),
        (&found.list_tokens, &found.unmatched_list),
    ] {
        for token in left.iter().filter_map(|i| tokens.get(*i)) {
            text.push_str(&format!("  {} stands alone\n", token.text));
        }
    }
    output::data(&text)
}

fn pairs(path: &std::path::Path, profile: &Profile, global: &Global) -> Result<(), Failure> {
    let file = path.display().to_string();
    let bytes = document::read_bytes(path)?;
    let mut reader = csv::ReaderBuilder::new().from_reader(bytes.as_slice());
    let header = reader.headers().map_err(|e| damaged(&file, &e))?.clone();
    let column = |name: &str| {
        header
            .iter()
            .position(|h| h.trim_start_matches('\u{feff}').trim() == name)
    };
    let wanted = |name: &str| {
        column(name).ok_or_else(|| {
            let text = format!(
                "column `{name}` is missing from the header; expected name1, name2 and, where known, schema, country1, country2, birth_date1, birth_date2, gender1 and gender2"
            );
            Failure::invalid("INVALID_CSV", text.clone()).at(format!("{file}:1"), text)
        })
    };
    let (first, second, schema) = (wanted("name1")?, wanted("name2")?, column("schema"));
    let beside = [
        ["country1", "birth_date1", "gender1"].map(column),
        ["country2", "birth_date2", "gender2"].map(column),
    ];
    let mut writer = csv::Writer::from_writer(Vec::new());
    let cannot = |e: csv::Error| Failure::local(&anyhow::Error::new(e).context("cannot write CSV"));
    let mut lines = String::new();
    if !global.json {
        writer
            .write_record(header.iter().chain(["score", "match"]))
            .map_err(cannot)?;
    }
    for record in reader.records() {
        let record = record.map_err(|e| damaged(&file, &e))?;
        let field = |i: usize| record.get(i).unwrap_or_default();
        let subject = schema.map_or(Subject::Unknown, |i| subject(field(i)));
        let line = record.position().map_or(0, csv::Position::line);
        let facts = |columns: [Option<usize>; 3]| {
            let texts = columns.map(|c| c.map_or("", |c| field(c).trim()));
            facts(subject, texts).map_err(|text| {
                Failure::invalid("INVALID_CSV", format!("{file}:{line}: {text}"))
                    .at(format!("{file}:{line}"), text)
            })
        };
        let [mine, theirs] = beside;
        let facts = [facts(mine)?, facts(theirs)?];
        let score = compare([field(first), field(second)], &facts, profile).score;
        let matches = score >= profile.threshold;
        if global.json {
            let mut document: Map<String, Value> = header
                .iter()
                .zip(record.iter())
                .map(|(h, v)| (h.to_owned(), v.into()))
                .collect();
            document.insert("score".to_owned(), number(score));
            document.insert("match".to_owned(), matches.into());
            lines.push_str(&format!("{}\n", Value::Object(document)));
        } else {
            let (score, matches) = (decimal(score), matches.to_string());
            let row = record.iter().chain([score.as_str(), matches.as_str()]);
            writer.write_record(row).map_err(cannot)?;
        }
    }
    if global.json {
        return output::data(&lines);
    }
    let bytes = writer
        .into_inner()
        .map_err(|e| Failure::local(&anyhow::anyhow!("cannot write CSV: {}", e.error())))?;
    output::data(&String::from_utf8_lossy(&bytes))
}

/// What a row says of one party beside its name; empty fields say nothing.
fn facts(subject: Subject, [country, birth, gender]: [&str; 3]) -> Result<Qualifiers, String> {
    let mut facts = Qualifiers {
        subject,
        ..Qualifiers::default()
    };
    if !country.is_empty() {
        let code = CountryCode::new(&country.to_ascii_uppercase());
        let code = code.ok_or_else(|| {
            format!("country `{country}` is not an ISO 3166 alpha-2 code such as `KR`")
        })?;
        facts.countries.push(code.as_str().to_owned());
    }
    if !birth.is_empty() {
        let days = possible_days(&BirthDate::parse(birth)).ok_or_else(|| {
            format!("date of birth `{birth}` is not a year, a month, a day or a range of these, such as `1961`, `1961-04`, `1961-04-02` or `1961 to 1963`")
        })?;
        facts.births.push(days);
    }
    if !gender.is_empty() {
        let word = Gender::of_word(gender)
            .ok_or_else(|| format!("gender `{gender}` is neither `female` nor `male`"))?;
        facts.gender = Some(concord_screening::loaded::gender(word));
    }
    Ok(facts)
}

/// The kind of party that a schema word names; a word that is not known says nothing.
fn subject(schema: &str) -> Subject {
    match schema.trim().to_ascii_lowercase().as_str() {
        "person" => Subject::Person,
        "company" | "organization" | "organisation" | "publicbody" => Subject::Organisation,
        "vessel" | "airplane" | "aircraft" => Subject::Craft,
        _ => Subject::Unknown,
    }
}

/// A CSV error with its line.
pub(super) fn damaged(file: &str, error: &csv::Error) -> Failure {
    let line = error.position().map_or(1, csv::Position::line);
    let text = match error.kind() {
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => {
            format!("record has {len} columns; expected {expected_len}")
        }
        csv::ErrorKind::Utf8 { .. } => "the record is not UTF-8".to_owned(),
        _ => error.to_string(),
    };
    Failure::invalid("INVALID_CSV", format!("{file}:{line}: {text}"))
        .at(format!("{file}:{line}"), text)
}

/// A score of 10,000 as a decimal from 0 to 1 with four places.
pub(super) fn decimal(score: u32) -> String {
    format!("{}.{:04}", score / FULL, score % FULL)
}

fn number(score: u32) -> Value {
    // For printing only: nothing is decided by it.
    (f64::from(score) / f64::from(FULL)).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_beside_names_lower_a_pair_and_what_is_not_stated_does_not() {
        let person = |texts| facts(Subject::Person, texts).unwrap();
        let score = |a, b| {
            let names = ["Anna Kestrel", "Anna Kestrel"];
            compare(names, &[person(a), person(b)], &Profile::DEFAULT).score
        };
        let none = ["", "", ""];
        let full = ["kr", "1961-04-02", "F"];
        for (a, b, expected) in [
            (none, none, 10_000),
            (full, none, 10_000),
            (full, full, 10_000),
            (full, ["KR", "1961", "female"], 10_000),
            (full, ["RU", "", ""], 9_700),
            (full, ["", "1961-04-03", ""], 9_500),
            (full, ["", "1960 to 1962", ""], 10_000),
            (full, ["", "1962", ""], 9_000),
            (full, ["", "", "male"], 9_000),
        ] {
            assert_eq!(score(a, b), expected, "{b:?}");
            assert_eq!(score(b, a), expected, "{b:?}");
        }
        for wrong in [["Korea", "", ""], ["", "1961-13-02", ""], ["", "", "x"]] {
            assert!(facts(Subject::Person, wrong).is_err(), "{wrong:?}");
        }
    }
}
