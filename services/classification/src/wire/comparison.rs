//! CompareRegimes: two lists, or one list at two dates, subtracted from one another, with what both laws ask of the difference.

use concord_controls::entry::Code as EntryCode;
use concord_kit::status::Problem;
use concord_kit::violations::{Violations, shorten};
use concord_licensing::{
    self as core, Gap, LawAt, LawEdition, ListComparison, ListError, ListSide, Pair, Subject,
    Weighed,
};
use concord_proto::classification as api;
use concord_proto::types as wire;
use sha2::{Digest, Sha256};
use tonic::{Code, Status};

use super::decode;
use crate::catalogue::Catalogue;
use crate::error::{reason, refuse};

/// Regions of a page where the caller does not say.
const PAGE: u32 = 100;
/// Most regions of a page.
const MOST: u32 = 1_000;
/// Most codes of a scope.
const MOST_CODES: usize = 1_000;

/// One CompareRegimes call.
///
/// # Errors
/// As docs/api.md says for CompareRegimes.
pub fn compare(
    catalogue: &Catalogue,
    request: &api::CompareRegimesRequest,
) -> Result<api::CompareRegimesResponse, Status> {
    let left = law(catalogue, "left", &request.left)?;
    let right = law(catalogue, "right", &request.right)?;
    for (i, pinned) in request.editions.iter().enumerate() {
        let of = [left, right]
            .into_iter()
            .find(|law| law.jurisdiction() == pinned.jurisdiction);
        let Some(law) = of else {
            let text = format!(
                "`{}` is neither `left` nor `right`",
                shorten(&pinned.jurisdiction)
            );
            return Err(invalid(format!("editions[{i}].jurisdiction"), text));
        };
        super::loaded(law.regime(), pinned)?;
    }
    let date = decode::as_of(left.regime(), &request.as_of)?;
    let over_time = left.jurisdiction() == right.jurisdiction();
    let right_date = match request.right_as_of.as_str() {
        "" if over_time => {
            let text = "one list is compared with itself at another date, which is missing";
            return Err(invalid("right_as_of", text));
        }
        "" => date,
        text => decode::date("right_as_of", text)?,
    };
    let scope = scope(&request.scope)?;
    let (a, b) = (left.regime().at(date), right.regime().at(right_date));
    let found = if over_time {
        core::compare_editions(a, b, &scope)
    } else {
        core::compare_lists(catalogue.alignment(), a, b, &scope)
    };
    let found = found.map_err(refused)?;
    let laws = [
        LawAt { law: left, date },
        LawAt {
            law: right,
            date: right_date,
        },
    ];
    let weighed = core::weigh(&found, laws);
    let page = Page::read(request, laws, weighed.len())?;
    let names = [left.jurisdiction(), right.jurisdiction()];
    let names = if over_time {
        laws.map(|at| format!("{}@{}", at.law.jurisdiction(), at.date))
    } else {
        names.map(str::to_owned)
    };
    let shown = weighed.get(page.from..page.to).unwrap_or_default();
    Ok(api::CompareRegimesResponse {
        editions: [left, right]
            .map(|law| super::encode::edition(law.regime()))
            .to_vec(),
        regions: shown.iter().map(|w| region(w, &names)).collect(),
        as_of: laws.map(|at| at.date.to_string()).to_vec(),
        pairs_compared: count(found.pairs.len()),
        regions_in_all: count(weighed.len()),
        not_compared: if page.from == 0 {
            not_compared(&found, &names)
        } else {
            Vec::new()
        },
        next_page_token: page.next,
    })
}

fn law<'c>(
    catalogue: &'c Catalogue,
    field: &str,
    jurisdiction: &str,
) -> Result<&'c LawEdition, Status> {
    if jurisdiction.is_empty() {
        let text = "the jurisdiction is missing, for example `US`";
        return Err(
            Problem::invalid("MISSING_FIELD", format!("{field}: {text}"))
                .violation(field, text)
                .into(),
        );
    }
    catalogue.law(jurisdiction).ok_or_else(|| {
        let known: Vec<&str> = catalogue.all().map(|r| &**r.jurisdiction()).collect();
        let text = format!(
            "no list of jurisdiction `{}` is loaded; loaded: {}",
            shorten(jurisdiction),
            known.join(", ")
        );
        Problem::new(Code::NotFound, reason::UNKNOWN_JURISDICTION, text.clone())
            .violation(field, text)
            .into()
    })
}

fn invalid(field: impl Into<String>, text: impl Into<String>) -> Status {
    let (field, text) = (field.into(), text.into());
    Problem::invalid(reason::INVALID_REQUEST, format!("{field}: {text}"))
        .violation(field, text)
        .into()
}

fn scope(codes: &[String]) -> Result<Vec<EntryCode>, Status> {
    let mut violations = Violations::default();
    if codes.len() > MOST_CODES {
        let text = format!("{} codes; at most {MOST_CODES} are accepted", codes.len());
        violations.add("TOO_MANY", "scope", text);
        violations.finish()?;
        return Ok(Vec::new());
    }
    let mut out = Vec::with_capacity(codes.len());
    for (i, text) in codes.iter().enumerate() {
        match EntryCode::parse(text) {
            Some(code) => out.push(code),
            None => violations.add(
                "INVALID_FORMAT",
                format!("scope[{i}]"),
                format!(
                    "`{}` is not a code such as `3A090` or `3B001.a`",
                    shorten(text)
                ),
            ),
        }
    }
    violations.finish()?;
    Ok(out)
}

fn refused(error: ListError) -> Status {
    let text = error.to_string();
    match error {
        ListError::UnknownCode(_) => {
            Problem::new(Code::NotFound, reason::ENTRY_NOT_FOUND, text.clone())
                .violation("scope", text)
                .into()
        }
        ListError::BeforeEveryPeriod { side, .. } => {
            let field = match side {
                ListSide::Left => "as_of",
                ListSide::Right => "right_as_of",
            };
            Problem::invalid("INVALID_DATE", format!("{field}: {text}"))
                .violation(field, text)
                .into()
        }
        // One program holds one vocabulary: the lists that it loaded share it.
        ListError::Compare(e) => Problem::internal(e).into(),
    }
}

/// A part of the regions.
struct Page {
    from: usize,
    to: usize,
    next: String,
}

impl Page {
    fn read(
        request: &api::CompareRegimesRequest,
        laws: [LawAt<'_>; 2],
        all: usize,
    ) -> Result<Self, Status> {
        let size = match request.page_size {
            0 => PAGE,
            size if size > MOST => {
                let text = format!("{size}; at most {MOST}");
                return Err(invalid("page_size", text));
            }
            size => size,
        };
        let query = query(request, laws);
        let from = match request.page_token.split_once('.') {
            None if request.page_token.is_empty() => Some(0),
            Some((from, of)) if of == query => from.parse().ok().filter(|from| *from < all),
            _ => None,
        };
        let from = from.ok_or_else(|| {
            let text = "the page token is not of this query, or not ours; begin at the first page";
            refuse(Code::InvalidArgument, reason::INVALID_PAGE_TOKEN, text)
        })?;
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let to = from.saturating_add(size).min(all);
        let next = if to < all {
            format!("{to}.{query}")
        } else {
            String::new()
        };
        Ok(Self { from, to, next })
    }
}

/// What a page token belongs to: the question, and the editions and dates that answer it.
fn query(request: &api::CompareRegimesRequest, laws: [LawAt<'_>; 2]) -> String {
    let mut hash = Sha256::new();
    let editions = laws
        .iter()
        .flat_map(|at| [at.law.digest().to_owned(), at.date.to_string()]);
    for part in editions.chain(request.scope.iter().cloned()) {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let digest = hash.finalize();
    digest.iter().take(8).map(|b| format!("{b:02x}")).collect()
}

fn region(weighed: &Weighed<'_>, names: &[String; 2]) -> api::ComparedRegion {
    let burdens = &weighed.burdens;
    let reached_by = match weighed.side {
        ListSide::Left => burdens.codes.last(),
        ListSide::Right => burdens.codes.first(),
    };
    let mut out = api::ComparedRegion {
        controlled_by: name(weighed.side, names),
        kind: weighed.kind.as_str().to_owned(),
        burdens: burdens.third.iter().map(burden_pair).collect(),
        mutual: burdens.mutual.map(|(left, right)| api::BurdenPair {
            left: burden(left).into(),
            right: burden(right).into(),
            destinations: Vec::new(),
        }),
        destinations_affected: count(weighed.affected()),
        reached_by: reached_by.cloned().unwrap_or_default(),
        ..api::ComparedRegion::default()
    };
    match weighed.subject {
        Subject::Region(pair, region) => of_pair(&mut out, pair, region, names),
        Subject::Gap(gap) => of_gap(&mut out, gap, names),
    }
    out
}

fn of_pair(
    out: &mut api::ComparedRegion,
    pair: &Pair,
    region: &concord_controls::compare::Region,
    names: &[String; 2],
) {
    out.entries = entries(&pair.left, &pair.right, names);
    let parts = region.inequalities.iter().chain(&region.apart);
    out.inequalities = parts.cloned().collect();
    let witnesses = region.witnesses.iter();
    out.witnesses = witnesses.map(|w| w.facts().join(" and ")).collect();
    out.paragraphs = region.paragraphs.iter().map(ToString::to_string).collect();
    out.evidence = pair.evidence.as_str().to_owned();
    out.coverage = coverage(pair.partial);
}

fn of_gap(out: &mut api::ComparedRegion, gap: &Gap, names: &[String; 2]) {
    out.entries = vec![side(&name(gap.side, names), &gap.code)];
    out.paragraphs = vec![gap.code.clone()];
    out.evidence = gap.evidence.as_str().to_owned();
    out.coverage = coverage(gap.partial);
}

fn not_compared(found: &ListComparison, names: &[String; 2]) -> Vec<api::NotCompared> {
    let missing = found.not_compared.iter();
    missing
        .map(|missing| api::NotCompared {
            entries: entries(&missing.left, &missing.right, names),
            reason: missing.why.as_str().to_owned(),
            side: missing
                .why
                .side()
                .map(|side| name(side, names))
                .unwrap_or_default(),
        })
        .collect()
}

fn entries(left: &[String], right: &[String], [a, b]: &[String; 2]) -> Vec<wire::DivergenceSide> {
    let left = left.iter().map(|code| side(a, code));
    left.chain(right.iter().map(|code| side(b, code))).collect()
}

fn side(jurisdiction: &str, code: &str) -> wire::DivergenceSide {
    wire::DivergenceSide {
        jurisdiction: jurisdiction.to_owned(),
        code: code.to_owned(),
        ..wire::DivergenceSide::default()
    }
}

fn name(side: ListSide, [left, right]: &[String; 2]) -> String {
    match side {
        ListSide::Left => left.clone(),
        ListSide::Right => right.clone(),
    }
}

fn burden_pair(pair: &core::BurdenPair) -> api::BurdenPair {
    api::BurdenPair {
        left: burden(pair.left).into(),
        right: burden(pair.right).into(),
        destinations: pair.destinations.iter().map(ToString::to_string).collect(),
    }
}

/// The numbers of the core are those of the contract; one that the contract does not have is never read as mild.
fn burden(b: core::Burden) -> wire::Burden {
    wire::Burden::try_from(i32::from(b as u16)).unwrap_or(wire::Burden::Unknown)
}

fn coverage(partial: bool) -> String {
    if partial { "partial" } else { "full" }.to_owned()
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
