//! Expectations against an answer: outcomes exactly, paragraphs and sections by prefix.

use concord_proto::types::{
    Divergence, DivergenceKind, ExceptionStatus, JurisdictionDetermination, LineDetermination,
};

use super::{Check, Expectation, ExpectedDivergence};

/// What came out for one check.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// What US law says.
    pub us: Option<JurisdictionDetermination>,
    /// What Korean law says.
    pub kr: Option<JurisdictionDetermination>,
    /// Where the two part.
    pub divergences: Vec<Divergence>,
}

/// One line per expectation that does not hold; empty when all do.
pub fn failures(check: &Check, answer: &Answer) -> Vec<String> {
    let mut out = Vec::new();
    for (name, expected, got) in [("us", &check.us, &answer.us), ("kr", &check.kr, &answer.kr)] {
        if expected.is_empty() {
            continue;
        }
        let Some(line) = got.as_ref().and_then(|j| j.lines.first()) else {
            out.push(format!("{}.{name}: no determination", check.part));
            continue;
        };
        for e in expected {
            if let Err(found) = holds(e, line) {
                out.push(format!(
                    "{}.{name}: expected {e:?}, found {found}",
                    check.part
                ));
            }
        }
    }
    for e in &check.divergences {
        if !answer.divergences.iter().any(|d| same_divergence(e, d)) {
            let found: Vec<String> = answer
                .divergences
                .iter()
                .map(|d| {
                    format!(
                        "{} (stricter `{}`, controlled by `{}`)",
                        kind_word(d.kind),
                        d.stricter,
                        d.controlled_by
                    )
                })
                .collect();
            out.push(format!(
                "{}.divergence: expected {e:?}, found {found:?}",
                check.part
            ));
        }
    }
    out
}

fn holds(expected: &Expectation, line: &LineDetermination) -> Result<(), String> {
    let classification = line.classification.clone().unwrap_or_default();
    let met = || classification.matches.iter().map(|p| p.code.as_str());
    let check = |ok: bool, found: String| if ok { Ok(()) } else { Err(found) };
    match expected {
        Expectation::Classification(any) => check(
            any.iter().any(|code| {
                if code == "none_found" {
                    classification.code.is_empty()
                } else {
                    within(&classification.code, code)
                }
            }),
            format!("`{}`", classification.code),
        ),
        Expectation::Match(code) => check(
            met().any(|m| within(m, code)),
            format!("{:?}", met().collect::<Vec<_>>()),
        ),
        Expectation::NoMatch(code) => check(
            !met().any(|m| within(m, code)),
            format!("{:?}", met().collect::<Vec<_>>()),
        ),
        Expectation::Outcome(word) => check(line.outcome == *word, format!("`{}`", line.outcome)),
        Expectation::OutcomeIsNot(word) => {
            check(line.outcome != *word, format!("`{}`", line.outcome))
        }
        Expectation::Requirement {
            reason,
            column,
            basis,
            row_used,
        } => check(
            line.requirements.iter().any(|r| {
                r.reason == *reason
                    && column.as_ref().is_none_or(|c| r.column == *c)
                    && basis.as_ref().is_none_or(|b| same_section(&r.basis, b))
                    && row_used.as_ref().is_none_or(|u| r.row_used == *u)
            }),
            format!(
                "{:?}",
                line.requirements
                    .iter()
                    .map(|r| format!("{} {} {} {}", r.reason, r.column, r.basis, r.row_used))
                    .collect::<Vec<_>>()
            ),
        ),
        Expectation::Exception { symbol, list } => {
            let found = line
                .exceptions
                .iter()
                .find(|e| e.symbol == *symbol)
                .map(|e| e.status());
            let ok = matches!(
                (list.as_str(), found),
                ("candidates", Some(ExceptionStatus::Candidate))
                    | ("foreclosed", Some(ExceptionStatus::Foreclosed))
                    | (
                        "candidates_to_check",
                        Some(ExceptionStatus::ToCheck | ExceptionStatus::Candidate)
                    )
            );
            check(ok, format!("{found:?}"))
        }
        Expectation::ReviewPolicy(word) => check(
            line.review_policy == *word,
            format!("`{}`", line.review_policy),
        ),
        Expectation::Overlay {
            id,
            literal,
            enforced,
        } => check(
            line.overlays.iter().any(|o| {
                id.as_ref().is_none_or(|i| o.id == *i)
                    && literal.as_ref().is_none_or(|l| o.literal_outcome == *l)
                    && enforced.as_ref().is_none_or(|e| o.enforced_outcome == *e)
            }),
            format!(
                "{:?}",
                line.overlays
                    .iter()
                    .map(|o| (
                        o.id.clone(),
                        o.literal_outcome.clone(),
                        o.enforced_outcome.clone()
                    ))
                    .collect::<Vec<_>>()
            ),
        ),
        Expectation::Basis(section) => {
            let bases = bases(line);
            check(
                bases.iter().any(|b| same_section(b, section)),
                format!("{bases:?}"),
            )
        }
        Expectation::Pointer { kind, id } => check(
            line.pointers.iter().any(|p| {
                p.kind == *kind && (p.id == *id || is_section(id) && same_section(&p.id, id))
            }),
            format!(
                "{:?}",
                line.pointers
                    .iter()
                    .map(|p| (&p.kind, &p.id))
                    .collect::<Vec<_>>()
            ),
        ),
        Expectation::Finding { key, value } => {
            let found = line.findings.iter().find(|f| f.key == *key);
            check(
                found.is_some_and(|f| f.value == *value),
                format!("{:?}", found.map(|f| &f.value)),
            )
        }
    }
}

/// Every section that the answer rests on.
fn bases(line: &LineDetermination) -> Vec<String> {
    let strip = |c: &str| c.rsplit(' ').next().unwrap_or(c).to_owned();
    let mut out: Vec<String> = line.requirements.iter().map(|r| r.basis.clone()).collect();
    out.extend(
        line.findings
            .iter()
            .filter_map(|f| f.citation.as_ref())
            .map(|c| strip(&c.provision)),
    );
    out.extend(
        line.steps
            .iter()
            .flat_map(|s| &s.citations)
            .map(|c| strip(&c.provision)),
    );
    out
}

/// Whether `code` is `prefix` or lies below it.
fn within(code: &str, prefix: &str) -> bool {
    code.strip_prefix(prefix)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Sections by prefix after removing spaces; words that are no section numbers are not compared.
fn same_section(found: &str, expected: &str) -> bool {
    let compact = |s: &str| s.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    let (found, expected) = (compact(found), compact(expected));
    if !is_section(&expected) {
        return true;
    }
    found
        .strip_prefix(&expected)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '(', ',', ';']))
}

fn is_section(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

fn same_divergence(expected: &ExpectedDivergence, found: &Divergence) -> bool {
    kind_word(found.kind) == expected.kind
        && expected
            .controlled_by
            .as_ref()
            .is_none_or(|c| found.controlled_by == *c)
        && expected
            .stricter
            .as_ref()
            .is_none_or(|s| found.stricter == *s)
}

/// The kind as the case files word it.
fn kind_word(kind: i32) -> &'static str {
    match DivergenceKind::try_from(kind).unwrap_or_default() {
        DivergenceKind::Unspecified => "",
        DivergenceKind::Classification => "classification",
        DivergenceKind::ListScopeGap => "list_scope_gap",
        DivergenceKind::ParameterThresholdGap => "parameter_threshold_gap",
        DivergenceKind::NumberingOnly => "numbering_only",
        DivergenceKind::LicenceRequirement => "licence_requirement",
        DivergenceKind::Exception => "exception",
        DivergenceKind::Party => "party",
        DivergenceKind::Temporal => "temporal",
        DivergenceKind::Jurisdiction => "jurisdiction",
        DivergenceKind::Process => "process",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_and_sections_compare_by_prefix_at_their_own_boundaries() {
        assert!(within("3A090.a.1", "3A090.a"));
        assert!(!within("3A0901", "3A090"));
        assert!(same_section("742.6 (a)(6)(iii)(A)", "742.6(a)(6)(iii)"));
        assert!(same_section("746.7", "746"));
        assert!(!same_section("7461", "746"));
        assert!(!same_section("744.11", "746"));
    }
}
