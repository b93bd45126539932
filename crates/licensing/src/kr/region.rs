//! The export region of a destination at a date (Public Notice, Annex 6).

use super::Ctx;
use crate::decision::{Cite, Finding, StepStatus, Text};
use crate::draft::Draft;

/// The region and what it means.
pub(super) struct Found<'a> {
    pub id: &'a str,
    pub label: Text,
    pub simplified: bool,
    pub exemptions_open: bool,
}

/// Finds it; every destination but Korea itself has one.
pub(super) fn find<'a>(ctx: &Ctx<'a>, destination: &str, draft: &mut Draft) -> Found<'a> {
    let tables = ctx.tables;
    let as_of = ctx.facts.as_of;
    let member = tables
        .members
        .iter()
        .find(|m| m.codes.contains(destination) && m.period.contains(as_of));
    let id = member.map_or(&*tables.default_region, |m| &m.region);
    let region = tables
        .regions
        .iter()
        .find(|r| r.id == id && r.period.contains(as_of));
    let cite = member.map_or_else(
        || Cite::new(tables.regions_cite.clone()),
        |m| Cite {
            provision: m.cite.clone(),
            from: m.period.from,
            to: m.period.to,
        },
    );
    let label = region.map_or_else(Text::default, |r| r.label.clone());
    // Korea itself is in no region; the word would mislead.
    if !ctx.is_home(destination) {
        draft.findings.push(Finding {
            key: "region".to_owned(),
            value: id.to_owned(),
            cite: cite.clone(),
            label: label.clone(),
        });
        draft.step("region", StepStatus::Done, label.clone(), vec![cite]);
    }
    Found {
        id,
        label,
        simplified: region.is_some_and(|r| r.simplified),
        exemptions_open: region.is_some_and(|r| r.exemptions_open),
    }
}
