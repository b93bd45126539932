//! CompareRegimes: two lists, or one list at two dates, subtracted from one another, with what both laws ask of the difference.

mod encode;

use std::sync::Arc;

use concord_controls::entry::Code as EntryCode;
use concord_kit::status::Problem;
use concord_kit::violations::{Violations, shorten};
use concord_licensing::{self as core, LawAt, LawEdition, ListError, ListSide};
use concord_proto::classification as api;
use sha2::{Digest, Sha256};
use tonic::{Code, Status};

use self::encode::{count, not_compared, region};
use super::decode;
use crate::catalogue::Catalogue;
use crate::error::{reason, refuse};
use crate::kept::{Compared, Kept};

/// Regions of a page where the caller does not say.
const PAGE: u32 = 100;
/// Most regions of a page.
const MOST: u32 = 1_000;
/// Most codes of a scope.
const MOST_CODES: usize = 1_000;

/// One CompareRegimes call. A comparison that was made before is not made again.
///
/// # Errors
/// As docs/api.md says for CompareRegimes.
pub fn compare(
    catalogue: &Catalogue,
    kept: &Kept,
    request: &api::CompareRegimesRequest,
) -> Result<api::CompareRegimesResponse, Status> {
    let question = Question::read(catalogue, request)?;
    let key = question.key();
    let compared = match kept.get(&key) {
        Some(known) => known,
        None => {
            let made = Arc::new(question.compare(catalogue)?);
            kept.keep(key, Arc::clone(&made));
            made
        }
    };
    question.page(&compared, request)
}

/// The same where the comparison was made before; `None` where it was not.
///
/// # Errors
/// As [`compare`].
pub fn compare_kept(
    catalogue: &Catalogue,
    kept: &Kept,
    request: &api::CompareRegimesRequest,
) -> Result<Option<api::CompareRegimesResponse>, Status> {
    let question = Question::read(catalogue, request)?;
    let known = kept.get(&question.key());
    known
        .map(|known| question.page(&known, request))
        .transpose()
}

/// What is compared.
struct Question<'c> {
    laws: [LawAt<'c>; 2],
    scope: Vec<EntryCode>,
}

impl<'c> Question<'c> {
    fn read(
        catalogue: &'c Catalogue,
        request: &api::CompareRegimesRequest,
    ) -> Result<Self, Status> {
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
        let right_date = match request.right_as_of.as_str() {
            "" if left.jurisdiction() == right.jurisdiction() => {
                let text = "one list is compared with itself at another date, which is missing";
                return Err(invalid("right_as_of", text));
            }
            "" => date,
            text => decode::date("right_as_of", text)?,
        };
        let scope = scope(&request.scope)?;
        let at = |law, date| LawAt { law, date };
        let laws = [at(left, date), at(right, right_date)];
        Ok(Self { laws, scope })
    }

    fn over_time(&self) -> bool {
        let [left, right] = self.laws;
        left.law.jurisdiction() == right.law.jurisdiction()
    }

    /// What the answer depends on: the editions, the dates at which they are read, and the scope.
    fn key(&self) -> String {
        let mut hash = Sha256::new();
        let editions = self.laws.iter();
        let editions = editions.flat_map(|at| [at.law.digest().to_owned(), at.date.to_string()]);
        for part in editions.chain(self.scope.iter().map(ToString::to_string)) {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        hash.finalize().iter().map(|b| format!("{b:02x}")).collect()
    }

    fn compare(&self, catalogue: &Catalogue) -> Result<Compared, Status> {
        let [a, b] = self.laws.map(|at| at.law.regime().at(at.date));
        let found = if self.over_time() {
            core::compare_editions(a, b, &self.scope)
        } else {
            core::compare_lists(catalogue.alignment(), a, b, &self.scope)
        };
        let found = found.map_err(refused)?;
        Ok(Compared {
            weighed: core::weigh(&found, self.laws),
            pairs: found.pairs.len(),
            not_compared: found.not_compared,
        })
    }

    /// `US` and `KR`, or `US@2023-10-01` and `US@2024-01-01`.
    fn names(&self) -> [String; 2] {
        self.laws.map(|at| match self.over_time() {
            true => format!("{}@{}", at.law.jurisdiction(), at.date),
            false => at.law.jurisdiction().to_owned(),
        })
    }

    fn page(
        &self,
        compared: &Compared,
        request: &api::CompareRegimesRequest,
    ) -> Result<api::CompareRegimesResponse, Status> {
        let Compared { weighed, .. } = compared;
        let page = Page::read(request, &self.key(), weighed.len())?;
        let names = self.names();
        let shown = weighed.get(page.from..page.to).unwrap_or_default();
        let editions = self.laws.map(|at| super::encode::edition(at.law.regime()));
        Ok(api::CompareRegimesResponse {
            editions: editions.to_vec(),
            regions: shown.iter().map(|w| region(w, &names)).collect(),
            as_of: self.laws.map(|at| at.date.to_string()).to_vec(),
            pairs_compared: count(compared.pairs),
            regions_in_all: count(weighed.len()),
            not_compared: if page.from == 0 {
                not_compared(&compared.not_compared, &names)
            } else {
                Vec::new()
            },
            next_page_token: page.next,
        })
    }
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
    /// `key`: what is paged; a token begins with the position and ends with the first letters of it.
    fn read(request: &api::CompareRegimesRequest, key: &str, all: usize) -> Result<Self, Status> {
        let size = match request.page_size {
            0 => PAGE,
            size if size > MOST => {
                let text = format!("{size}; at most {MOST}");
                return Err(invalid("page_size", text));
            }
            size => size,
        };
        let query = key.get(..16).unwrap_or(key);
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

#[cfg(test)]
mod tests;
