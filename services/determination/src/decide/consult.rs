//! What the counterparts say; whatever goes wrong there becomes part of the answer.

use std::time::Duration;

use concord_kit::cache::Load;
use concord_kit::deadline::Deadline;
use concord_kit::status::Problem;
use concord_proto::determination as api;
use concord_proto::federation::{ConsultRequest, ConsultResponse, DisclosureLevel};
use concord_proto::types as wire;
use prost::Message;
use tonic::{Code, Status};

use super::Decider;
use crate::clients::Counterpart;
use crate::compose;
use crate::lines::Question;
use crate::{Disclosure, ENGINE};

/// Share of the remaining time that a counterpart may take, so that its silence never costs our own answer.
const COUNTERPART_SHARE: (u32, u32) = (3, 5);

impl Decider {
    /// The counterparts that this request asks for.
    pub(super) fn counterparts(
        &self,
        request: &api::DetermineRequest,
    ) -> Vec<(String, Counterpart)> {
        let wanted = |j: &String| request.consult.is_empty() || request.consult.contains(j);
        self.clients
            .counterparts
            .iter()
            .filter(|(j, _)| !request.skip_consult && wanted(j))
            .map(|(j, c)| (j.clone(), c.clone()))
            .collect()
    }

    pub(super) async fn consult_all(
        &self,
        counterparts: &[(String, Counterpart)],
        caller: &str,
        request_id: &str,
        question: &Question<'_>,
    ) -> Vec<api::CounterpartAnswer> {
        let calls = counterparts
            .iter()
            .map(|(j, c)| self.consult(j, c, caller, request_id, question));
        futures_util::future::join_all(calls).await
    }

    /// Asks one counterpart; whatever goes wrong becomes part of the answer.
    async fn consult(
        &self,
        jurisdiction: &str,
        counterpart: &Counterpart,
        caller: &str,
        request_id: &str,
        question: &Question<'_>,
    ) -> api::CounterpartAnswer {
        let (level, word) = match counterpart.disclosure {
            Disclosure::None => (DisclosureLevel::None, "NONE"),
            Disclosure::RoleAndCountry => (DisclosureLevel::RoleAndCountry, "ROLE_AND_COUNTRY"),
            Disclosure::Named => (DisclosureLevel::Named, "NAMED"),
        };
        let request = ConsultRequest {
            // Unique for our identity: two of our callers may use the same id.
            request_id: compose::consult_id(caller, request_id, &question.as_of.to_string()),
            transaction: Some(compose::disclosed(question.wire, counterpart.disclosure)),
            as_of: question.as_of.to_string(),
            disclosure: level.into(),
            view: wire::View::Full.into(),
            strict: question.strict,
        };
        let mut answer = api::CounterpartAnswer {
            jurisdiction: jurisdiction.to_owned(),
            disclosure: word.to_owned(),
            ..Default::default()
        };
        let call = self.ask(jurisdiction, counterpart, request);
        let reply = match Deadline::current() {
            Some(deadline) => {
                let (n, d) = COUNTERPART_SHARE;
                let limit = deadline.remaining() * n / d;
                tokio::time::timeout(limit.max(Duration::from_millis(1)), call)
                    .await
                    .unwrap_or_else(|_| Err(Status::deadline_exceeded("")))
            }
            None => call.await,
        };
        match reply {
            Ok(response) => match response.determination {
                Some(mut determination) if answers(&determination, jurisdiction, question) => {
                    compose::restore_line_ids(&mut determination, question.wire);
                    answer.status = api::CounterpartStatus::Answered.into();
                    answer.determination = Some(determination);
                    answer.receipt = response.receipt;
                    answer.own_export = response
                        .own_export
                        .filter(|e| answers(e, jurisdiction, question));
                    if let Some(export) = &mut answer.own_export {
                        compose::restore_line_ids(export, question.wire);
                    }
                }
                _ => {
                    answer.status = api::CounterpartStatus::Unavailable.into();
                    answer.reason = "ANSWER_NOT_USABLE".to_owned();
                }
            },
            Err(status) => {
                let refused = matches!(
                    status.code(),
                    Code::InvalidArgument
                        | Code::PermissionDenied
                        | Code::Unauthenticated
                        | Code::FailedPrecondition
                );
                let (state, word) = if refused {
                    (
                        api::CounterpartStatus::Refused,
                        Problem::from_status(&status).reason().to_owned(),
                    )
                } else {
                    (
                        api::CounterpartStatus::Unavailable,
                        "COUNTERPART_UNAVAILABLE".to_owned(),
                    )
                };
                tracing::warn!(counterpart = jurisdiction, code = ?status.code(), reason = word, "consultation failed");
                answer.status = state.into();
                answer.reason = word;
            }
        }
        answer
    }

    /// The counterpart's answer, or the one it gave to the very same question a moment ago. Only complete answers are kept,
    /// and never an error.
    async fn ask(
        &self,
        jurisdiction: &str,
        counterpart: &Counterpart,
        request: ConsultRequest,
    ) -> Result<ConsultResponse, Status> {
        let mut client = counterpart.client();
        if counterpart.keep.is_zero() {
            return client
                .consult(request)
                .await
                .map(tonic::Response::into_inner);
        }
        let question = ConsultRequest {
            request_id: String::new(),
            ..request.clone()
        }
        .encode_to_vec();
        let key: [&[u8]; 4] = [
            jurisdiction.as_bytes(),
            counterpart.agency.as_bytes(),
            ENGINE.as_bytes(),
            &question,
        ];
        let bytes = self
            .clients
            .answers
            .get_or_load(&key, counterpart.keep, move || async move {
                let answer = client.consult(request).await?.into_inner();
                let complete = answer
                    .determination
                    .as_ref()
                    .is_some_and(|d| d.completeness() == wire::Completeness::Complete);
                let bytes = answer.encode_to_vec();
                Ok(if complete {
                    Load::keep(bytes)
                } else {
                    Load::pass(bytes)
                })
            })
            .await?;
        ConsultResponse::decode(bytes).map_err(|e| Problem::internal(e).into())
    }
}

/// Whether a counterpart's determination is about what it was asked: its own law, that date, as many lines.
fn answers(
    d: &wire::JurisdictionDetermination,
    jurisdiction: &str,
    question: &Question<'_>,
) -> bool {
    d.jurisdiction == jurisdiction
        && d.as_of == question.as_of.to_string()
        && d.lines.len() == question.wire.lines.len()
}
