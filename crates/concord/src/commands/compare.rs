//! `concord compare` and `concord regimes diff`: two lists, or one list at two dates, subtracted from one another.

mod paper;
mod picture;
mod print;
mod text;

use concord_controls::embedded;
use concord_controls::entry::Code;
use concord_controls::period::parse_date;
use concord_controls::regime::RegimeSource;
use concord_licensing::{
    Alignment, LawAt, LawEdition, ListComparison, ListError, compare_editions, compare_lists,
};
use jiff::civil::Date;

use self::print::Printed;
use crate::cli::{Compare, Format, Global, Shown};
use crate::document;
use crate::failure::Failure;

/// Runs `concord compare`.
///
/// # Errors
/// Bad usage (64): a list or date that is not one. `ENTRY_NOT_FOUND` (1): a scope code that neither list has in force.
pub fn run(args: &Compare, global: &Global) -> Result<(), Failure> {
    let source = embedded::source();
    let date = args.as_of.as_deref().map(date).transpose()?;
    let [left, right] = [&args.left, &args.right].map(|name| load(&source, name));
    let (left, right) = (left?, right?);
    let date = date.unwrap_or_else(|| concord_classification::catalogue::today(left.regime()));
    if left.jurisdiction() == right.jurisdiction() {
        let text = "the two lists are the same; `concord regimes diff us@2023-10-01 us@2024-01-01` compares one list at two dates";
        return Err(Failure::usage("BAD_USAGE", text));
    }
    let alignment =
        Alignment::load(&source).map_err(|e| document::refuse("regimes", &e.problems))?;
    let scope = codes(&args.shown.scope)?;
    let laws = [&left, &right].map(|law| LawAt { law, date });
    let [a, b] = laws.map(|at| at.law.regime().at(at.date));
    let found = compare_lists(&alignment, a, b, &scope);
    finish(laws, found, &args.shown, global)
}

/// Runs `concord regimes diff`.
///
/// # Errors
/// As [`run`]; also two different lists.
pub fn diff(editions: [&String; 2], shown: &Shown, global: &Global) -> Result<(), Failure> {
    let source = embedded::source();
    let [left, right] = editions.map(|text| edition(&source, text));
    let ((left, before), (right, after)) = (left?, right?);
    if left.jurisdiction() != right.jurisdiction() {
        let text = "`regimes diff` compares one list at two dates; `concord compare us kr` compares two lists";
        return Err(Failure::usage("BAD_USAGE", text));
    }
    let scope = codes(&shown.scope)?;
    let at = |law, date| LawAt { law, date };
    let laws = [at(&left, before), at(&right, after)];
    let [a, b] = laws.map(|at| at.law.regime().at(at.date));
    let found = compare_editions(a, b, &scope);
    finish(laws, found, shown, global)
}

fn finish(
    laws: [LawAt<'_>; 2],
    found: Result<ListComparison, ListError>,
    shown: &Shown,
    global: &Global,
) -> Result<(), Failure> {
    let found = found.map_err(|e| match e {
        ListError::UnknownCode(text) => Failure::invalid("ENTRY_NOT_FOUND", text),
        e @ ListError::BeforeEveryPeriod { .. } => Failure::usage("INVALID_DATE", e.to_string()),
        ListError::Compare(e) => Failure::invalid("INVALID_REGIME", e.to_string()),
    })?;
    let printed = Printed::new(laws, &found);
    crate::output::data(&match (global.json, shown.format) {
        (true, _) => format!("{}\n", printed.json()),
        (false, Format::Text) => printed.text(shown.most, shown.details, global.lang),
        (false, Format::Markdown) => printed.markdown(global.lang),
    })
}

fn load(source: &RegimeSource, name: &str) -> Result<LawEdition, Failure> {
    let folder = name.to_ascii_lowercase();
    let folders = source.folders();
    if !folders.contains(&folder) {
        let text = format!(
            "there is no list `{name}`; there are: {}",
            folders.join(", ")
        );
        return Err(Failure::usage("UNKNOWN_JURISDICTION", text));
    }
    LawEdition::load(source, &folder).map_err(|e| document::refuse("regimes", &e.problems))
}

/// `us@2023-10-01`.
fn edition(source: &RegimeSource, text: &str) -> Result<(LawEdition, Date), Failure> {
    let Some((name, day)) = text.split_once('@') else {
        let text = format!("`{text}` is not a list and a date such as `us@2023-10-01`");
        return Err(Failure::usage("BAD_USAGE", text));
    };
    Ok((load(source, name)?, date(day)?))
}

fn date(text: &str) -> Result<Date, Failure> {
    parse_date(text).ok_or_else(|| {
        let text = format!("`{text}` is not a date such as `2023-11-17`");
        Failure::usage("INVALID_DATE", text)
    })
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
