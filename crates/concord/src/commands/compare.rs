//! `concord compare` and `concord regimes diff`: two lists, or one list at two dates, subtracted from one another.

mod print;

use std::sync::Arc;

use concord_controls::embedded;
use concord_controls::entry::Code;
use concord_controls::period::parse_date;
use concord_controls::regime::{Regime, RegimeSource};
use concord_licensing::{Alignment, ListComparison, ListError, compare_editions, compare_lists};
use jiff::civil::Date;

use self::print::Printed;
use crate::cli::{Compare, Format, Global};
use crate::document;
use crate::failure::Failure;

/// A list at a date.
struct Edition {
    regime: Arc<Regime>,
    date: Date,
}

/// Runs `concord compare`.
///
/// # Errors
/// Bad usage (64): a list or date that is not one. `ENTRY_NOT_FOUND` (1): a scope code that neither list has in force.
pub fn run(args: &Compare, global: &Global) -> Result<(), Failure> {
    let source = embedded::source();
    let date = args.as_of.as_deref().map(date).transpose()?;
    let [left, right] = [&args.left, &args.right].map(|name| load(&source, name));
    let (left, right) = (left?, right?);
    let date = date.unwrap_or_else(|| today(&left));
    let [left, right] = [left, right].map(|regime| Edition { regime, date });
    if left.regime.jurisdiction() == right.regime.jurisdiction() {
        let text = "the two lists are the same; `concord regimes diff us@2023-10-01 us@2024-01-01` compares one list at two dates";
        return Err(Failure::usage("BAD_USAGE", text));
    }
    let alignment =
        Alignment::load(&source).map_err(|e| document::refuse("regimes", &e.problems))?;
    let scope = codes(&args.scope)?;
    let found = compare_lists(
        &alignment,
        left.regime.at(left.date),
        right.regime.at(right.date),
        &scope,
    );
    finish([left, right], found, args.format, global)
}

/// Runs `concord regimes diff`.
///
/// # Errors
/// As [`run`]; also two different lists.
pub fn diff(
    editions: [&String; 2],
    scope: &[String],
    format: Format,
    global: &Global,
) -> Result<(), Failure> {
    let source = embedded::source();
    let [left, right] = editions.map(|text| edition(&source, text));
    let (left, right) = (left?, right?);
    if left.regime.jurisdiction() != right.regime.jurisdiction() {
        let text = "`regimes diff` compares one list at two dates; `concord compare us kr` compares two lists";
        return Err(Failure::usage("BAD_USAGE", text));
    }
    let scope = codes(scope)?;
    let found = compare_editions(
        left.regime.at(left.date),
        right.regime.at(right.date),
        &scope,
    );
    finish([left, right], found, format, global)
}

fn finish(
    editions: [Edition; 2],
    found: Result<ListComparison, ListError>,
    format: Format,
    global: &Global,
) -> Result<(), Failure> {
    let found = found.map_err(|e| match e {
        ListError::UnknownCode(text) => Failure::invalid("ENTRY_NOT_FOUND", text),
        e @ ListError::BeforeEveryPeriod { .. } => Failure::usage("INVALID_DATE", e.to_string()),
        ListError::Compare(e) => Failure::invalid("INVALID_REGIME", e.to_string()),
    })?;
    let printed = Printed::new(&editions, &found);
    crate::output::data(&match (global.json, format) {
        (true, _) => format!("{}\n", printed.json()),
        (false, Format::Text) => printed.text(),
        (false, Format::Markdown) => printed.markdown(),
    })
}

fn load(source: &RegimeSource, name: &str) -> Result<Arc<Regime>, Failure> {
    let folder = name.to_ascii_lowercase();
    let folders = source.folders();
    if !folders.contains(&folder) {
        let text = format!(
            "there is no list `{name}`; there are: {}",
            folders.join(", ")
        );
        return Err(Failure::usage("UNKNOWN_JURISDICTION", text));
    }
    let regime = Regime::load(source, &folder);
    let regime = regime.map_err(|e| document::refuse("regimes", &e.problems))?;
    Ok(Arc::new(regime))
}

/// `us@2023-10-01`.
fn edition(source: &RegimeSource, text: &str) -> Result<Edition, Failure> {
    let Some((name, day)) = text.split_once('@') else {
        let text = format!("`{text}` is not a list and a date such as `us@2023-10-01`");
        return Err(Failure::usage("BAD_USAGE", text));
    };
    let regime = load(source, name)?;
    let date = date(day)?;
    Ok(Edition { regime, date })
}

fn date(text: &str) -> Result<Date, Failure> {
    parse_date(text).ok_or_else(|| {
        let text = format!("`{text}` is not a date such as `2023-11-17`");
        Failure::usage("INVALID_DATE", text)
    })
}

fn today(regime: &Regime) -> Date {
    concord_classification::catalogue::today(regime)
}

fn codes(texts: &[String]) -> Result<Vec<Code>, Failure> {
    let read = |text: &String| {
        let text = text.trim();
        Code::parse(text).ok_or_else(|| {
            let text = format!("`{text}` is not a code such as `3A090` or `3B001.a`");
            Failure::usage("BAD_USAGE", text)
        })
    };
    texts.iter().map(read).collect()
}
