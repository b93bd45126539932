//! Reads the tables of the United States (`docs/regimes.md`).

mod asked;
mod end_uses;
mod exceptions;
mod overlays;
mod reach;
mod reviews;
mod sanctions;

use std::collections::{BTreeMap, BTreeSet};

use concord_controls::problem::Problems;
use concord_controls::yaml::Cursor;

use super::fields::{Fields, each};
use super::us_tables::{Chart, ChartChange, Country, Group, GroupChange, Row};
use crate::destination::{self, Destinations};
pub(crate) use end_uses::end_uses;
pub(crate) use exceptions::exceptions;
pub(crate) use overlays::overlays;
pub(crate) use reach::reach;
pub(crate) use reviews::{ReviewTables, reviews};
pub(crate) use sanctions::{parties, sanctions};

/// `countries.yaml`.
pub(crate) fn chart(root: Cursor<'_>, problems: &mut Problems) -> Option<Chart> {
    let file = Fields::open(root, &["chart", "countries"], problems)?;
    let head = Fields::open(
        file.map().required("chart", problems)?,
        &["cite", "observed", "earliest", "columns"],
        problems,
    )?;
    let columns = head.set("columns", problems);
    let earliest = head.map().required("earliest", problems)?.date(problems)?;
    let mut countries = BTreeMap::new();
    const KEYS: &[&str] = &[
        "code",
        "en",
        "ko",
        "marks",
        "footnotes",
        "before",
        "row",
        "pointer",
        "no_row",
        "home",
        "cite",
    ];
    for cursor in file.required_items("countries", problems) {
        let Some(fields) = Fields::open(cursor, KEYS, problems) else {
            continue;
        };
        if let Some((code, country)) = country(&fields, &columns, problems)
            && countries.insert(code.clone(), country).is_some()
        {
            fields.refuse(format!("`{code}` is given twice"), problems);
        }
    }
    Some(Chart {
        cite: head.text("cite", problems)?,
        earliest,
        countries,
    })
}

fn country(
    fields: &Fields<'_>,
    columns: &BTreeSet<String>,
    problems: &mut Problems,
) -> Option<(String, Country)> {
    let code = fields.text("code", problems)?;
    let name = fields.name(problems)?;
    let cite = fields.optional("cite", problems);
    let marks = fields.optional_words("marks", problems);
    let of = fields.optional("row", problems);
    let pointer = fields.optional("pointer", problems);
    let missing = fields.flag("no_row", problems);
    let home = fields.flag("home", problems);
    let known = usize::from(marks.is_some())
        + usize::from(of.is_some())
        + usize::from(pointer.is_some())
        + usize::from(missing)
        + usize::from(home);
    if known != 1 {
        let what = "a destination has exactly one of marks, row, pointer, no_row, home".to_owned();
        fields.refuse(what, problems);
        return None;
    }
    let before = each(
        fields.items("before", problems),
        &["to", "add", "remove"],
        problems,
        |change, problems| {
            Some(ChartChange {
                to: change.map().required("to", problems)?.date(problems)?,
                add: change.words("add", problems),
                remove: change.words("remove", problems),
            })
        },
    );
    let mentioned = marks
        .iter()
        .flatten()
        .chain(before.iter().flat_map(|c| &c.add));
    for mark in mentioned {
        if !columns.contains(mark) {
            fields.refuse(format!("`{mark}` is not a column of the chart"), problems);
        }
    }
    let row = match (marks, of, pointer) {
        (Some(marks), ..) => Row::Own {
            marks: marks.into_iter().collect(),
            before,
        },
        (_, Some(of), _) => Row::Of(of),
        (_, _, Some(pointer)) => Row::Pointer(pointer),
        _ if home => Row::Home,
        _ => Row::Missing,
    };
    let un_noted = fields.words("footnotes", problems).iter().any(|f| f == "1");
    Some((
        code,
        Country {
            name,
            row,
            un_noted,
            cite,
        },
    ))
}

/// `groups.yaml`.
pub(crate) fn groups(root: Cursor<'_>, problems: &mut Problems) -> Option<Vec<Group>> {
    let file = Fields::open(root, &["groups"], problems)?;
    let body = Fields::open(
        file.map().required("groups", problems)?,
        &["cite", "observed", "list"],
        problems,
    )?;
    Some(each(
        body.required_items("list", problems),
        &["id", "en", "ko", "members", "changes"],
        problems,
        |group, problems| {
            let changes = each(
                group.items("changes", problems),
                &["code", "member", "to"],
                problems,
                |change, problems| {
                    Some(GroupChange {
                        code: change.text("code", problems)?,
                        member: change.flag("member", problems),
                        to: change.map().required("to", problems)?.date(problems)?,
                    })
                },
            );
            Some(Group {
                id: group.text("id", problems)?,
                members: group.set("members", problems),
                changes,
            })
        },
    ))
}

/// Whether a rule says of itself that it was not compared with its text (`basis: recalled`).
fn recalled(fields: &Fields<'_>, problems: &mut Problems) -> bool {
    match fields.optional("basis", problems).as_deref() {
        None => false,
        Some("recalled") => true,
        Some(other) => {
            let what = format!("`basis` knows only recalled, not `{other}`");
            fields.refuse(what, problems);
            false
        }
    }
}

fn to(fields: &Fields<'_>, problems: &mut Problems) -> Destinations {
    fields
        .map()
        .optional("to")
        .and_then(|c| destination::read(c, problems))
        .unwrap_or_else(Destinations::worldwide)
}
