//! `concord lists good-guys`: decisions that a hit is another party.

use std::fmt::Write;

use concord_lists::{CountryCode, Snapshot};
use concord_screening::GoodGuy;
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::{deployment, refuse, store};
use crate::cli::{DecideGoodGuy, Global, GoodGuys};
use crate::data_dir;
use crate::deployment::Jurisdiction;
use crate::failure::Failure;
use crate::output;

/// Runs the command.
///
/// # Errors
/// A party that the current lists do not have, a blank actor or reason, an id that is not there, a damaged store.
pub fn run(args: &GoodGuys, global: &Global) -> Result<(), Failure> {
    match args {
        GoodGuys::Add(wanted) => add(wanted, global),
        GoodGuys::List => list(global),
        GoodGuys::Remove { id, r#for } => remove(id, r#for, global),
    }
}

fn today() -> Date {
    let utc = Timestamp::now().to_zoned_datetime(jiff::tz::TimeZone::UTC);
    utc.date()
}

fn add(wanted: &DecideGoodGuy, global: &Global) -> Result<(), Failure> {
    let jurisdiction = deployment(&wanted.r#for)?;
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    for (option, text) in [
        ("--name", &wanted.name),
        ("--by", &wanted.by),
        ("--reason", &wanted.reason),
    ] {
        if text.trim().is_empty() {
            return Err(Failure::usage("BAD_USAGE", format!("`{option}` is blank")));
        }
    }
    let country = wanted.country.trim().to_ascii_uppercase();
    if !country.is_empty() && CountryCode::new(&country).is_none() {
        let text = format!("`--country {country}` is not an ISO 3166 alpha-2 code such as `KR`");
        return Err(Failure::usage("BAD_USAGE", text));
    }
    let today = today();
    let until = wanted.until.trim();
    if !until.is_empty() && !until.parse::<Date>().is_ok_and(|until| until >= today) {
        let text = format!("`--until {until}` is not a day YYYY-MM-DD from today on");
        return Err(Failure::usage("BAD_USAGE", text));
    }
    let store = store(&data_dir::resolve(global)?, jurisdiction);
    let current = store.current().map_err(|e| refuse(&e))?;
    let party = current
        .as_ref()
        .and_then(|current| current.snapshot.party(&wanted.party))
        .ok_or_else(|| {
            let text = format!(
                "`{}` is no party of the current lists; give the `party_id` of the hit",
                wanted.party
            );
            Failure::invalid("PARTY_NOT_FOUND", text)
        })?;
    let entry = GoodGuy {
        name: words(&wanted.name),
        country,
        birth_date: wanted.birth_date.trim().to_owned(),
        party_id: party.id.clone(),
        party_digest: party.digest(),
        decided_by: words(&wanted.by),
        decided_on: today.to_string(),
        until: until.to_owned(),
        reason: words(&wanted.reason),
    };
    // The same pair decided again replaces what was decided before.
    store
        .change_good_guys(|entries| {
            let same = |e: &GoodGuy| {
                (&e.name, &e.country, &e.birth_date, &e.party_id)
                    == (
                        &entry.name,
                        &entry.country,
                        &entry.birth_date,
                        &entry.party_id,
                    )
            };
            entries.retain(|e| !same(e));
            entries.push(entry.clone());
        })
        .map_err(|e| refuse(&e))?;
    let snapshot = current.as_ref().map(|current| &current.snapshot);
    if global.json {
        return output::data(&format!("{}\n", document(jurisdiction, &entry, snapshot)));
    }
    let mut text = String::new();
    line(&mut text, jurisdiction, &entry, snapshot);
    output::data(&text)
}

/// Whether a decision holds today against the current lists, in a word.
fn state(entry: &GoodGuy, snapshot: Option<&Snapshot>) -> &'static str {
    let party = snapshot.and_then(|s| s.party(&entry.party_id));
    match party {
        None => "not_listed",
        Some(party) if party.digest() != entry.party_digest => "entry_changed",
        Some(_) if !entry.until.is_empty() && entry.until < today().to_string() => "ended",
        Some(_) => "holds",
    }
}

fn document(jurisdiction: Jurisdiction, entry: &GoodGuy, snapshot: Option<&Snapshot>) -> Value {
    json!({
        "jurisdiction": jurisdiction.code(), "id": entry.id(), "name": entry.name,
        "country": entry.country, "birth_date": entry.birth_date, "party_id": entry.party_id,
        "party_digest": entry.party_digest, "decided_by": entry.decided_by,
        "decided_on": entry.decided_on, "until": entry.until, "reason": entry.reason,
        "state": state(entry, snapshot),
    })
}

fn line(
    out: &mut String,
    jurisdiction: Jurisdiction,
    entry: &GoodGuy,
    snapshot: Option<&Snapshot>,
) {
    let until = match entry.until.as_str() {
        "" => String::new(),
        until => format!(" until {until}"),
    };
    let _ = writeln!(
        out,
        "{}: {}  {} is not {} ({}): {}, {}{until}: {}",
        jurisdiction.folder(),
        entry.id(),
        entry.name,
        entry.party_id,
        state(entry, snapshot),
        entry.decided_by,
        entry.decided_on,
        entry.reason
    );
}

fn list(global: &Global) -> Result<(), Failure> {
    let data_dir = data_dir::resolve(global)?;
    let mut documents = Vec::new();
    let mut text = String::new();
    for jurisdiction in Jurisdiction::ALL {
        let store = store(&data_dir, jurisdiction);
        let list = store.good_guys().map_err(|e| refuse(&e))?;
        let current = store.current().map_err(|e| refuse(&e))?;
        let snapshot = current.as_ref().map(|current| &current.snapshot);
        for entry in list.entries() {
            documents.push(document(jurisdiction, entry, snapshot));
            line(&mut text, jurisdiction, entry, snapshot);
        }
    }
    if global.json {
        return output::data(&format!("{}\n", json!({"good_guys": documents})));
    }
    output::data(&text)
}

fn remove(id: &str, deployment_name: &str, global: &Global) -> Result<(), Failure> {
    let store = store(&data_dir::resolve(global)?, deployment(deployment_name)?);
    let mut removed = 0;
    store
        .change_good_guys(|entries| {
            let before = entries.len();
            entries.retain(|e| e.id() != id);
            removed = before - entries.len();
        })
        .map_err(|e| refuse(&e))?;
    if removed == 0 {
        let text = format!(
            "`{id}` is no decision of this deployment; `concord lists good-guys list` shows them"
        );
        return Err(Failure::invalid("ENTRY_NOT_FOUND", text));
    }
    if global.json {
        return output::data(&format!("{}\n", json!({"removed": id})));
    }
    output::data(&format!("removed {id}: its hits count again\n"))
}
