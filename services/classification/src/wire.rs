//! Between the wire and the core.

mod comparison;
pub mod decode;
pub mod encode;
pub mod search;

use concord_controls::classify::Detail;
use concord_controls::regime::Regime;
use concord_kit::violations::{Violations, shorten};
use concord_proto::classification as api;
use concord_proto::types as wire;
use tonic::{Code, Status};

pub use comparison::{compare, compare_kept};

use crate::catalogue::Catalogue;
use crate::error::{reason, refuse};

/// One Classify call: decode, ask the core, encode. Shared by the unary and the batch handler and by offline use.
///
/// # Errors
/// As docs/api.md says for Classify.
pub fn classify(
    catalogue: &Catalogue,
    request: &api::ClassifyRequest,
) -> Result<api::ClassifyResponse, Status> {
    let regime = decode::regime(catalogue, &request.jurisdiction)?;
    if let Some(pinned) = &request.edition {
        loaded(regime, pinned)?;
    }
    let date = decode::as_of(regime, &request.as_of)?;
    let detail = match request.view() {
        wire::View::Full => Detail::Full,
        wire::View::Basic | wire::View::Unspecified => Detail::Basic,
    };
    let mut violations = Violations::default();
    let items = decode::lines(regime, &request.lines, &mut violations);
    let judgements = decode::judgements(regime, request, &mut violations);
    violations.finish()?;
    let mut lines = Vec::with_capacity(items.len());
    for (line_id, item) in items {
        let answers = judgements.of(&line_id);
        let answer = regime
            .at(date)
            .classify(&item, answers, detail)
            .map_err(|e| Status::from(concord_kit::status::Problem::internal(e)))?;
        lines.push(encode::classification(regime, line_id, &answer, detail));
    }
    let own = catalogue.is_own(regime.jurisdiction());
    let authority = if own {
        wire::Authority::Official
    } else {
        wire::Authority::Unofficial
    };
    Ok(api::ClassifyResponse {
        edition: Some(encode::edition(regime)),
        as_of: date.to_string(),
        lines,
        authority: authority.into(),
    })
}

/// Refuses an edition that is pinned and not the one that is loaded.
fn loaded(regime: &Regime, pinned: &wire::EditionRef) -> Result<(), Status> {
    if pinned.digest.is_empty() || *pinned.digest == **regime.digest() {
        return Ok(());
    }
    let text = format!(
        "edition `{}` of {} is not loaded here; `{}` is",
        shorten(&pinned.digest),
        regime.jurisdiction(),
        regime.digest()
    );
    Err(refuse(
        Code::FailedPrecondition,
        reason::EDITION_NOT_LOADED,
        text,
    ))
}
