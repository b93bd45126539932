//! The codes of two decisions: the same control, another number, or an entry that only one list has.

use concord_controls::compare::Comparer;
use concord_controls::entry::Code;
use jiff::civil::Date;

use super::{Divergence, DivergenceKind, Side, plain};
use crate::alignment::{Alignment, Evidence, Record, Relation};
use crate::classified::under;
use crate::decision::Text;
use crate::law::LawEdition;

fn entry_of(code: &str) -> &str {
    code.split('.').next().unwrap_or_default()
}

pub(super) fn codes(
    own: Side<'_>,
    other: Side<'_>,
    alignment: &Alignment,
    found: &mut Vec<Divergence>,
) {
    match (own.listed(), other.listed()) {
        (true, true) => both_listed(own, other, alignment, found),
        (true, false) => one_listed(own, other, alignment, found),
        (false, true) => one_listed(other, own, alignment, found),
        (false, false) => {
            for (lister, rest) in [(own, other), (other, own)] {
                let listed = lister.decision.finding("situational_list") == Some("listed");
                if listed && rest.known_unlisted() {
                    let mut gap = plain(
                        DivergenceKind::ListScopeGap,
                        [own.view(own.entry_cites()), other.view(other.entry_cites())],
                        Text::new(
                            format!("only {} lists the item for this destination", lister.name()),
                            format!("{}만 이 목적지에 대해 품목을 지정함", lister.name()),
                        ),
                    );
                    gap.controlled_by = Some(lister.name().to_owned());
                    gap.evidence = Evidence::Subject;
                    found.push(gap);
                }
            }
        }
    }
}

fn both_listed(own: Side<'_>, other: Side<'_>, alignment: &Alignment, found: &mut Vec<Divergence>) {
    let (a, b) = (own.decision.code.as_str(), other.decision.code.as_str());
    let pair = |r: &Record| {
        r.relation != Relation::OnlyOneSide
            && r.members
                .iter()
                .any(|m| m.jurisdiction == other.name() && under(b, &m.code))
    };
    let record = alignment.find(own.name(), a, pair);
    let sides = || [own.view(own.entry_cites()), other.view(other.entry_cites())];
    let (kind, evidence, partial) = match record {
        Some(r) if r.relation == Relation::NotTheSame => {
            (DivergenceKind::Classification, r.evidence, r.partial)
        }
        // Numbers are compared where the record pairs them: a deeper paragraph of the one is no other number.
        Some(r) if r.relation == Relation::Same => {
            let same_numbers = r
                .members
                .iter()
                .filter(|m| {
                    (m.jurisdiction == own.name() && under(a, &m.code))
                        || (m.jurisdiction == other.name() && under(b, &m.code))
                })
                .map(|m| m.code.as_str())
                .collect::<std::collections::BTreeSet<_>>()
                .len()
                == 1;
            if same_numbers {
                return;
            }
            (DivergenceKind::NumberingOnly, r.evidence, r.partial)
        }
        Some(r) => (DivergenceKind::Classification, r.evidence, true),
        None if a == b => return,
        // The same entry, and nothing compared below it: a hint, and no more.
        None if entry_of(a) == entry_of(b) => return,
        None => (DivergenceKind::Classification, Evidence::Code, true),
    };
    let label = match kind {
        DivergenceKind::NumberingOnly => Text::new(
            format!("the same control: {a} and {b}"),
            format!("같은 통제: {a}, {b}"),
        ),
        _ => Text::new(
            format!("{a} and {b} are not the same control"),
            format!("{a}와(과) {b}은(는) 같은 통제가 아님"),
        ),
    };
    let mut divergence = plain(kind, sides(), label);
    divergence.evidence = evidence;
    divergence.partial = partial;
    found.push(divergence);
}

fn one_listed(
    lister: Side<'_>,
    rest: Side<'_>,
    alignment: &Alignment,
    found: &mut Vec<Divergence>,
) {
    let code = lister.decision.code.as_str();
    let sides = [
        lister.view(lister.entry_cites()),
        rest.view(rest.entry_cites()),
    ];
    let paired = alignment.find(lister.name(), code, |r| {
        matches!(r.relation, Relation::Same | Relation::Overlaps)
            && r.members.iter().any(|m| m.jurisdiction == rest.name())
    });
    if let Some(record) = paired {
        let member = record
            .members
            .iter()
            .find(|m| m.jurisdiction == rest.name());
        let member = member.map_or("", |m| m.code.as_str());
        let day = rest.decision.as_of;
        if let Some((from, to)) = rest.law.and_then(|law| out_of_force(law, member, day)) {
            let mut gap = plain(
                DivergenceKind::Temporal,
                sides,
                Text::new(
                    format!("{member} of {} is not in force on {day}", rest.name()),
                    format!("{}의 {member}은(는) {day}에 시행되지 않음", rest.name()),
                ),
            );
            gap.controlled_by = Some(lister.name().to_owned());
            gap.stricter = Some(lister.name().to_owned());
            gap.evidence = record.evidence;
            gap.partial = record.partial;
            (gap.from, gap.to) = (to, from);
            found.push(gap);
        } else if rest.known_unlisted() {
            let mut other = plain(
                DivergenceKind::Classification,
                sides,
                Text::new(
                    format!("{code} is met and its counterpart {member} is not"),
                    format!("{code}은(는) 충족되나 상대 항목 {member}은(는) 충족되지 않음"),
                ),
            );
            other.controlled_by = Some(lister.name().to_owned());
            other.stricter = Some(lister.name().to_owned());
            other.evidence = record.evidence;
            other.partial = record.partial;
            // Aligned by what they measure: it is the thresholds that part here, and the item is the witness.
            if record.evidence == Evidence::Parameters {
                let mut gap = other.clone();
                gap.kind = DivergenceKind::ParameterThresholdGap;
                let region = region(lister, rest, record);
                let region = region.map_or_else(String::new, |text| format!(": {text}"));
                gap.label = Text::new(
                    format!("the item lies between the thresholds of {code} and {member}{region}"),
                    format!("품목이 {code}와(과) {member}의 기준 사이에 있음{region}"),
                );
                found.push(gap);
            }
            found.push(other);
        }
        return;
    }
    let alone = alignment.find(lister.name(), code, |r| r.relation == Relation::OnlyOneSide);
    // Without a record, an entry number that the other list does not have is a gap only as far as our data goes.
    let absent = rest
        .law
        .is_some_and(|law| law.regime().entry(entry_of(code)).is_none());
    if alone.is_none() && !absent {
        return;
    }
    let mut gap = plain(
        DivergenceKind::ListScopeGap,
        sides,
        Text::new(
            format!("only {} has an entry for this: {code}", lister.name()),
            format!("{}에만 해당 항목이 있음: {code}", lister.name()),
        ),
    );
    gap.controlled_by = Some(lister.name().to_owned());
    gap.evidence = alone.map_or(Evidence::Code, |r| r.evidence);
    gap.partial = alone.is_none_or(|r| r.partial);
    found.push(gap);
}

/// When a code that the list knows is not in force on a day: the first day it is, and since when it is not.
fn out_of_force(law: &LawEdition, code: &str, day: Date) -> Option<(Option<Date>, Option<Date>)> {
    let entry = law.regime().entry(entry_of(code))?;
    let mut periods = vec![entry.period];
    if entry.period.contains(day) {
        let versions: Vec<_> = entry
            .paragraphs
            .iter()
            .filter(|p| under(&p.code, code))
            .map(|p| p.period)
            .collect();
        if versions.is_empty() || versions.iter().any(|p| p.contains(day)) {
            return None;
        }
        periods = versions;
    }
    let next = periods
        .iter()
        .filter_map(|p| p.from)
        .filter(|from| *from > day)
        .min();
    let ended = periods
        .iter()
        .filter_map(|p| p.to)
        .filter(|to| *to <= day)
        .max();
    Some((next, ended))
}

/// Regions that a label names before it only says that there are more.
const NAMED_REGIONS: usize = 2;

/// What the paragraph that was met controls and the other list's counterpart does not, in the formula language. `None`: a
/// law is not loaded here, or nothing of it could be compared.
fn region(lister: Side<'_>, rest: Side<'_>, record: &Record) -> Option<String> {
    let [left, right] = [lister, rest].map(|side| Some(side.law?.regime().at(side.decision.as_of)));
    let members = |side: Side<'_>| {
        let members = record.members.iter();
        let own = members.filter(move |m| m.jurisdiction == side.name());
        own.filter_map(|m| Code::parse(&m.code)).collect::<Vec<_>>()
    };
    let mut comparer = Comparer::new(left?, right?).ok()?;
    let found = comparer.codes(&members(lister), &members(rest));
    let code = lister.decision.code.as_str();
    let regions = found.only_left.iter();
    let mut regions = regions.filter(|r| r.paragraphs.iter().any(|p| under(p, code)));
    let named = regions.by_ref().take(NAMED_REGIONS);
    let named: Vec<String> = named.map(|r| r.inequalities.join(" and ")).collect();
    let more = if regions.next().is_some() {
        "; …"
    } else {
        ""
    };
    (!named.is_empty()).then(|| format!("{}{more}", named.join("; or ")))
}
