//! Between the wire and the core.

pub mod answer;
mod comparison;
pub mod decode;
pub mod encode;
mod protobuf;
pub mod search;

use concord_controls::classify::Detail;
use concord_controls::regime::Regime;
use concord_kit::status::Problem;
use concord_kit::violations::{Violations, shorten};
use concord_proto::classification as api;
use concord_proto::types as wire;
use prost::Message as _;
use tonic::{Code, Status};

use protobuf::Message;

pub use comparison::{compare, compare_kept};

use crate::catalogue::Catalogue;
use crate::error::{reason, refuse};

/// Room for the usual answer to one line: a chip's has some 13 KB.
const LINE_BYTES: usize = 16 * 1024;

/// One Classify call as a message: what [`classify_written`] writes, read. For batches and offline use.
///
/// # Errors
/// As docs/api.md says for Classify.
pub fn classify(
    catalogue: &Catalogue,
    request: &api::ClassifyRequest,
) -> Result<api::ClassifyResponse, Status> {
    let written = classify_written(catalogue, request)?;
    api::ClassifyResponse::decode(written.as_slice()).map_err(|e| Problem::internal(e).into())
}

/// One Classify call: decode, ask the core, write the bytes of a `ClassifyResponse`.
///
/// # Errors
/// As docs/api.md says for Classify.
pub fn classify_written(
    catalogue: &Catalogue,
    request: &api::ClassifyRequest,
) -> Result<Vec<u8>, Status> {
    let (regime, listed) = decode::listed(catalogue, &request.jurisdiction)?;
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
    let mut written = Message::with_capacity(LINE_BYTES);
    let edition = encode::edition(regime);
    written.message(1, |m| {
        m.text(1, &edition.jurisdiction);
        m.text(2, &edition.digest);
    });
    written.text(2, &date.to_string());
    for (line_id, item) in items {
        let answers = judgements.of(&line_id);
        let answer = regime
            .at(date)
            .classify(&item, answers, detail)
            .map_err(|e| Status::from(Problem::internal(e)))?;
        written.message(3, |m| {
            listed.classification(m, regime, &line_id, &answer, detail)
        });
    }
    let own = catalogue.is_own(regime.jurisdiction());
    let authority = if own {
        wire::Authority::Official
    } else {
        wire::Authority::Unofficial
    };
    written.choice(4, authority);
    Ok(written.into_bytes())
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

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;

    static CATALOGUE: LazyLock<Catalogue> =
        LazyLock::new(|| Catalogue::load("US", None).expect("the lists load"));

    fn request(jurisdiction: &str, item: wire::Item, view: wire::View) -> api::ClassifyRequest {
        api::ClassifyRequest {
            jurisdiction: jurisdiction.to_owned(),
            as_of: "2026-10-01".to_owned(),
            lines: vec![wire::Line {
                line_id: "one".to_owned(),
                item: Some(item),
            }],
            view: view.into(),
            ..api::ClassifyRequest::default()
        }
    }

    fn item(kind: &str, parameters: &[(&str, &str, &str)]) -> wire::Item {
        let quantity = |(id, value, unit): &(&str, &str, &str)| {
            let quantity = wire::Quantity {
                value: (*value).to_owned(),
                unit: (*unit).to_owned(),
            };
            ((*id).to_owned(), quantity)
        };
        wire::Item {
            name: "x".to_owned(),
            r#type: kind.to_owned(),
            parameters: parameters.iter().map(quantity).collect(),
            ..wire::Item::default()
        }
    }

    /// What is written reads as a message, and is the bytes that the message would make: every field in its place, none twice,
    /// no default written.
    #[test]
    fn what_is_written_is_what_the_generated_types_would_write() {
        let stated = wire::Item {
            stated_classifications: vec![wire::StatedClassification {
                jurisdiction: "US".to_owned(),
                code: "3A001.a.5".to_owned(),
                source: wire::StatedSource::Vendor.into(),
                reference: "D-7".to_owned(),
            }],
            ..item("integrated_circuit", &[("adc_resolution", "12", "bit")])
        };
        let ruled_out = wire::Item {
            flags: [("other_paragraphs_excluded".to_owned(), true)].into(),
            ..item("integrated_circuit", &[("tpp", "1700", "TPP")])
        };
        let substance = wire::Item {
            cas: "142-84-7".to_owned(),
            ..wire::Item::default()
        };
        let items = [
            item(
                "integrated_circuit",
                &[
                    ("tpp", "4800", "TPP"),
                    ("performance_density", "6", "TPP/mm2"),
                ],
            ),
            item("integrated_circuit", &[("tpp", "1700", "TPP")]),
            item("machine_tool", &[("contouring_axes", "5", "1")]),
            item("camera", &[("frame_rate", "30", "Hz")]),
            wire::Item::default(),
            stated,
            ruled_out,
            substance,
        ];
        for item in items {
            for jurisdiction in ["US", "KR"] {
                for view in [wire::View::Basic, wire::View::Full] {
                    let request = request(jurisdiction, item.clone(), view);
                    let written = classify_written(&CATALOGUE, &request).expect("an answer");
                    let read =
                        api::ClassifyResponse::decode(written.as_slice()).expect("a message");
                    assert_eq!(read.encode_to_vec(), written, "{request:?}");
                    let line = read.lines.first().expect("a line");
                    assert_eq!(line.line_id, "one");
                    let all = line.matches.iter().chain(&line.open).chain(&line.not_met);
                    for p in all.filter(|p| !p.by_type_alone) {
                        assert!(!p.code.is_empty() && !p.formula.is_empty(), "{p:?}");
                        assert!(p.citation.is_some() && p.label.len() == 2, "{p:?}");
                    }
                }
            }
        }
    }
}
