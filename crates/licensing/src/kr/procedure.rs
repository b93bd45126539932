//! Plain facts about procedures: who may classify, how long a licence holds, what a file needs.

use concord_controls::vocabulary::Attribute;

use super::{Ctx, entry_code, region, situational};
use crate::decision::{Cite, Finding, PointerKind, Text};
use crate::draft::Draft;

/// Facts that need neither classification nor destination.
pub(super) fn facts(ctx: &Ctx<'_>, draft: &mut Draft) {
    for key in ["self_classification", "expert_classification"] {
        let rule = ctx.tables.classification.iter().find(|rule| {
            let kind = rule.kinds.is_empty() || rule.kinds.iter().any(|k| k == ctx.kind());
            let excepted = ctx
                .grade()
                .is_some_and(|g| rule.except_grades.iter().any(|x| x == g));
            rule.key == key && kind && !excepted
        });
        if let Some(rule) = rule {
            let label = Text::new("who may classify the item", "판정 방법");
            draft.find(key, rule.value.clone(), &rule.cite, label);
        }
    }
    match ctx.kind() {
        "procedure" => named_procedure(ctx, draft),
        "list" => counted_list(ctx, draft),
        _ => {}
    }
}

/// `kind: procedure`: the item's name is a procedure's key, and its facts at the date are the answer.
fn named_procedure(ctx: &Ctx<'_>, draft: &mut Draft) {
    let Some(name) = ctx.facts.item.attribute(Attribute::Name) else {
        return;
    };
    if let Some(procedure) = ctx.tables.procedures.iter().find(|p| *p.key == **name) {
        dated(ctx, procedure, draft);
    } else {
        unknown_key(name, draft);
    }
}

fn unknown_key(name: &str, draft: &mut Draft) {
    draft.skip(
        "item",
        "unknown_key",
        Text::new(
            format!("`{name}` is not a key of our data"),
            format!("`{name}`은(는) 데이터에 없는 키"),
        ),
    );
}

fn dated(ctx: &Ctx<'_>, procedure: &crate::law::kr_tables::Procedure, draft: &mut Draft) {
    for fact in procedure
        .facts
        .iter()
        .filter(|f| f.period.contains(ctx.facts.as_of))
    {
        draft.findings.push(Finding {
            key: fact.key.clone(),
            value: fact.value.clone(),
            cite: Cite {
                provision: fact.cite.clone(),
                from: fact.period.from,
                to: fact.period.to,
            },
            label: Text::new(procedure.key.clone(), procedure.key.clone()),
        });
    }
}

/// `kind: list`: how many items the list holds at the date.
fn counted_list(ctx: &Ctx<'_>, draft: &mut Draft) {
    let Some(name) = ctx.facts.item.attribute(Attribute::Name) else {
        return;
    };
    let list = &ctx.tables.situational;
    if **name != *list.list_id {
        unknown_key(name, draft);
        return;
    }
    let edition = list
        .editions
        .iter()
        .filter(|e| e.from <= ctx.facts.as_of)
        .max_by_key(|e| e.from);
    let count = edition.map_or(0, |e| e.count);
    situational::removed(ctx, draft);
    draft.findings.push(Finding {
        key: "count".to_owned(),
        value: count.to_string(),
        cite: Cite {
            provision: list.list_cite.clone(),
            from: edition.map(|e| e.from),
            to: None,
        },
        label: Text::new("items on the list", "목록 품목 수"),
    });
}

/// Documents, days and validity of the licence that an export needs.
pub(super) fn process(ctx: &Ctx<'_>, region: &region::Found<'_>, draft: &mut Draft) {
    if region.simplified {
        let label = Text::new("fewer documents, shorter time", "제출서류 간소화");
        draft.find(
            "procedure",
            "simplified_documents",
            &ctx.tables.regions_cite,
            label,
        );
    }
    let row = ctx
        .tables
        .process
        .iter()
        .find(|p| p.regions.is_empty() || p.regions.iter().any(|r| r == region.id));
    if let Some(row) = row {
        let label = Text::new("usual days of processing", "통상 처리일수");
        draft.find("processing_days", row.days.clone(), &row.cite, label);
        let label = Text::new("documents of the file", "제출서류");
        draft.find("documents", row.documents.join(", "), &row.cite, label);
    }
    if let Some(procedure) = ctx
        .tables
        .procedures
        .iter()
        .find(|p| p.key == "individual_licence")
    {
        dated(ctx, procedure, draft);
    }
}

/// The authority of an entry, as it was called on the day.
pub(super) fn authority(ctx: &Ctx<'_>, id: &str, entry_cite: &str, draft: &mut Draft) {
    let mut named = ctx.tables.authorities.iter();
    let named = named.find(|a| a.id == id && a.period.contains(ctx.facts.as_of));
    let Some(named) = named else {
        let label = Text::new("licensing authority", "허가기관");
        draft.find("authority", id.to_owned(), entry_cite, label);
        return;
    };
    draft.findings.push(Finding {
        key: "authority".to_owned(),
        value: named.value.clone(),
        cite: Cite {
            provision: named.cite.clone(),
            from: named.period.from,
            to: named.period.to,
        },
        label: named.label.clone(),
    });
}

/// Small consignments of items of the Wassenaar list: an exemption to look at.
pub(super) fn low_value(ctx: &Ctx<'_>, draft: &mut Draft) {
    // The third figure of a number tells the regime; 0 is Wassenaar.
    let wassenaar = entry_code(&ctx.facts.classification.code)
        .chars()
        .nth(2)
        .is_some_and(|figure| figure == '0');
    if let Some(rule) = ctx.tables.low_value.as_ref().filter(|_| wassenaar) {
        draft.point(
            PointerKind::ExemptionToCheck,
            rule.cite.clone(),
            rule.label.clone(),
        );
    }
}

/// Encryption to a country of Annex 23: an exemption to look at, which turns on the end use.
pub(super) fn encryption(ctx: &Ctx<'_>, draft: &mut Draft) {
    let exempt = &ctx.tables.encryption_exempt;
    let destination = ctx.facts.transaction.destination.as_deref();
    let named = exempt
        .entries
        .contains(entry_code(&ctx.facts.classification.code));
    if named && destination.is_some_and(|d| exempt.codes.contains(d)) {
        draft.point(
            PointerKind::ExemptionToCheck,
            exempt.cite.clone(),
            Text::new(
                "encryption to a country of Annex 23: exempt only under the condition on the end use",
                "별표 23 국가로의 암호 품목: 최종용도 조건을 충족하는 경우에만 면제",
            ),
        );
    }
}
