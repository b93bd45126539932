//! `concord log show` and `concord log search`: records for a person, or as JSON.

use concord_audit::offline::Log as AuditLog;
use concord_audit::record::{Held, Shown};
use concord_audit::search::{Criteria, Page};
use concord_tlog::commitment::Field;
use concord_tlog::leaf::RecordKind;
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{refuse, time};
use crate::cli::{Global, LogSearch};
use crate::failure::Failure;
use crate::output;

/// The log's head and its last records.
pub fn show(log: &AuditLog, limit: u32, global: &Global) -> Result<(), Failure> {
    let checkpoint = log.checkpoint().map_err(|e| refuse(&e))?;
    let page = log.search(&Criteria::default(), u64::MAX, limit);
    let page = page.map_err(|e| refuse(&e))?;
    if global.json {
        let document = json!({
            "origin": log.origin(), "verifier_key": log.verifier_key(), "size": checkpoint.size,
            "root": checkpoint.root.to_string(), "checkpoint": checkpoint.note,
            "records": described(&page),
        });
        return output::data(&format!("{document}\n"));
    }
    let mut text = format!(
        "log {}\nverifier key {}\nsize {}, root {}\n",
        log.origin(),
        log.verifier_key(),
        checkpoint.size,
        checkpoint.root
    );
    text.push_str(&lines(&page));
    if !log.has_key() {
        text.push_str("what records say is encrypted: name the agency's key with --kek\n");
    }
    output::data(&text)
}

/// The records that were asked for.
pub fn search(log: &AuditLog, args: &LogSearch, global: &Global) -> Result<(), Failure> {
    let criteria = criteria(args)?;
    let size = log.checkpoint().map_err(|e| refuse(&e))?.size;
    let before = args.before.unwrap_or(size).min(size);
    let page = log.search(&criteria, before, args.limit);
    let page = page.map_err(|e| refuse(&e))?;
    if global.json {
        let document = json!({
            "origin": log.origin(), "size": size, "records": described(&page), "next_before": page.next,
        });
        return output::data(&format!("{document}\n"));
    }
    let mut text = lines(&page);
    let more = match page.next {
        Some(next) => format!(", go on with --before {next}"),
        None => String::new(),
    };
    text.push_str(&format!(
        "{} of the {size} records{more}\n",
        page.records.len()
    ));
    output::data(&text)
}

fn criteria(args: &LogSearch) -> Result<Criteria, Failure> {
    let bad = |option: &str, value: &str, text: &str| {
        Failure::usage("BAD_USAGE", format!("`--{option} {value}`: {text}"))
    };
    let mut criteria = Criteria::default();
    for (option, field, value) in [
        ("agency", Field::Agency, &args.agency),
        ("outcome", Field::Outcome, &args.outcome),
        ("item", Field::Items, &args.item),
        ("party", Field::Parties, &args.party),
        ("case", Field::CaseReference, &args.case),
        ("caller", Field::Caller, &args.caller),
    ] {
        if let Some(value) = value {
            let added = criteria.with_value(field, value);
            added.map_err(|text| bad(option, value, text))?;
        }
    }
    for name in &args.kind {
        let known = RecordKind::ALL.into_iter();
        let kind = known
            .into_iter()
            .find(|kind| kind.name().eq_ignore_ascii_case(name));
        let names: Vec<String> = RecordKind::ALL.map(|k| k.name().to_lowercase()).into();
        let text = format!("must be one of {}", names.join(", "));
        criteria
            .kinds
            .push(kind.ok_or_else(|| bad("kind", name, &text))?);
    }
    criteria.about = match &args.about {
        None => None,
        Some(id) => {
            let text = "must be the id of a record, a UUID";
            Some(Uuid::try_parse(id).map_err(|_| bad("about", id, text))?)
        }
    };
    let moment = |option: &str, value: &Option<String>| match value {
        None => Ok(None),
        Some(value) => {
            let text = "must be a date or a time in RFC 3339, for example 2026-01-31";
            micros(value)
                .map(Some)
                .ok_or_else(|| bad(option, value, text))
        }
    };
    criteria.from = moment("from", &args.from)?;
    criteria.to = moment("to", &args.to)?;
    let to = args.to.as_deref().unwrap_or_default();
    criteria
        .check_times()
        .map_err(|text| bad("to", to, &format!("{text}, `--from`")))?;
    Ok(criteria)
}

/// Microseconds since 1970 of a time, or of the beginning of a day in UTC.
fn micros(text: &str) -> Option<u64> {
    let day = text.parse::<Date>().ok().filter(|_| text.len() == 10);
    let time = match day {
        Some(day) => format!("{day}T00:00:00Z").parse::<Timestamp>().ok()?,
        None => text.parse().ok()?,
    };
    Some(u64::try_from(time.as_microsecond()).unwrap_or(0))
}

fn described(page: &Page) -> Vec<Value> {
    page.records.iter().map(describe).collect()
}

fn describe(shown: &Shown) -> Value {
    let (logged, record) = (&shown.logged, &shown.logged.record);
    let contents = shown.held.contents();
    let field = |field: Field| contents.and_then(|c| c.fields.get(&field));
    let context = |text: fn(&concord_audit::record::Contents) -> &String| contents.map(text);
    json!({
        "index": logged.index,
        "record_id": record.id.to_string(),
        "kind": record.kind.name(),
        "logged_at": time(logged.time_micros),
        "caller": record.caller,
        "request_id": record.request_id,
        "about": record.about.map(|id| id.to_string()),
        "agency": field(Field::Agency),
        "case_reference": context(|c| &c.case_reference),
        "actor": context(|c| &c.actor),
        "outcome": field(Field::Outcome),
        "items": field(Field::Items),
        "route": field(Field::Route),
        "parties": field(Field::Parties).map(|names| names.lines().collect::<Vec<_>>()),
        "erased": shown.held == Held::Erased,
        "locked": shown.held == Held::Locked,
    })
}

fn lines(page: &Page) -> String {
    let mut text = String::new();
    for shown in &page.records {
        let described = describe(shown);
        let word = |key: &str| described[key].as_str().unwrap_or("").to_owned();
        let said = match shown.held {
            Held::Open(_) => format!("{}  {}  {}", word("outcome"), word("items"), word("route")),
            Held::Locked => "(encrypted)".to_owned(),
            Held::Erased => "(erased)".to_owned(),
        };
        text.push_str(&format!(
            "{:>8}  {}  {}  {}\n",
            shown.logged.index,
            word("logged_at"),
            word("kind"),
            said.trim_end(),
        ));
    }
    text
}
