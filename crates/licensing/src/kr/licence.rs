//! The licence types that are open to an exporter (Public Notice Arts. 19, 28 to 38).

use concord_controls::entry::Sensitivity;

use super::{Ctx, entry_code, region};
use crate::decision::Text;

/// The licence types that are open.
pub(super) struct Licence {
    pub types: Vec<String>,
    pub comprehensive: bool,
    pub label: Text,
    pub cite: String,
    /// What the sources do not agree on.
    pub doubt: Option<Text>,
}

/// By sensitivity, region and the grade of the exporter: the first row that fits.
pub(super) fn open_to(ctx: &Ctx<'_>, region: &region::Found<'_>, sensitivity: &str) -> Licence {
    let any = |list: &[String], word: &str| list.is_empty() || list.iter().any(|w| w == word);
    let grade = ctx.grade().unwrap_or("none");
    let row = ctx.tables.licence_rows.iter().find(|row| {
        any(&row.sensitivity, sensitivity)
            && any(&row.regions, region.id)
            && any(&row.grades, grade)
            && (row.word.as_ref()).is_none_or(|word| ctx.judged(word) == Some(true))
    });
    let types = row.map_or_else(|| vec!["individual".to_owned()], |r| r.types.clone());
    let known: Vec<_> = ctx
        .tables
        .licence_types
        .iter()
        .filter(|t| types.contains(&t.id))
        .collect();
    let joined = |word: fn(&Text) -> &str| {
        known
            .iter()
            .map(|t| word(&t.label))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let cite = row
        .map(|r| r.cite.clone())
        .or_else(|| known.first().map(|t| t.cite.clone()));
    Licence {
        comprehensive: known.iter().any(|t| t.comprehensive),
        label: Text::new(joined(|t| &t.en), joined(|t| &t.ko)),
        types,
        cite: cite.unwrap_or_default(),
        doubt: row.and_then(|r| r.doubt.clone()),
    }
}

/// How sensitive the entry of the code is.
pub(super) fn sensitivity(ctx: &Ctx<'_>, code: &str) -> String {
    let entry = ctx.at.regime().entry(entry_code(code));
    match entry.and_then(|e| e.sensitivity) {
        Some(Sensitivity::Normal) => "normal".to_owned(),
        Some(Sensitivity::Sensitive) => "sensitive".to_owned(),
        Some(Sensitivity::VerySensitive) => "very_sensitive".to_owned(),
        None => ctx.tables.default_sensitivity.clone(),
    }
}
