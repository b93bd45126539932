//! One determination: ask everyone at the same time, let the core decide, record, answer.

use std::sync::Arc;
use std::time::Duration;

use concord_controls::item::Item;
use concord_kit::cache::Load;
use concord_kit::deadline::Deadline;
use concord_kit::status::Problem;
use concord_kit::trace::in_span;
use concord_kit::violations::Violations;
use concord_licensing as core;
use concord_proto::audit::{AppendRequest, GetRecordRequest, RecordKey, get_record_request};
use concord_proto::classification::ClassifyRequest;
use concord_proto::determination as api;
use concord_proto::federation::{ConsultRequest, ConsultResponse, DisclosureLevel};
use concord_proto::screening::ScreenRequest;
use concord_proto::types as wire;
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Meter};
use prost::Message;
use tonic::{Code, Status};

use crate::clients::{Clients, Counterpart};
use crate::compose;
use crate::error::{from_service, reason, refuse};
use crate::law::Law;
use crate::lines::{self, Question};
use crate::people;
use crate::refusals::{Refusals, Refused};
use crate::request;
use crate::wire::{decode_transaction, encode_jurisdiction, item_facts, party_step};
use crate::{Disclosure, ENGINE};

/// Full name of the message that a determination's record holds.
const BODY: &str = "concord.determination.v1.Determination";
/// Lines that classification is asked about at once.
const LINES_A_CALL: usize = 32;
/// Calls of one shipment under way at once: more would only be shed by the other side's limit.
const CALLS_AT_ONCE: usize = 4;
/// What a stored record has beyond the request that stored it: leaf, receipt, checkpoint.
const RECEIPT_BYTES: usize = 64 * 1024;
/// Share of the remaining time that a counterpart may take, so that its silence never costs our own answer.
const COUNTERPART_SHARE: (u32, u32) = (3, 5);

/// Decides under one law with the help of the other services.
#[derive(Debug)]
pub struct Decider {
    pub law: Arc<Law>,
    pub clients: Clients,
    pub refusals: Arc<Refusals>,
    decided: Counter<u64>,
}

/// What our own law says, with everything it was made from.
#[derive(Debug)]
pub struct Own {
    /// As it goes out.
    pub determination: wire::JurisdictionDetermination,
    /// As the core made it.
    pub decision: core::JurisdictionDecision,
    /// What the parties were screened against.
    pub screening: Option<wire::ScreeningSummary>,
    /// The same shipment as an export of our own with clean parties, where that can be asked.
    pub export: Option<lines::OwnExport>,
}

impl Decider {
    /// Ready to decide.
    pub fn new(law: Arc<Law>, clients: Clients, refusals: Arc<Refusals>, meter: Meter) -> Self {
        let decided = meter
            .u64_counter("concord.determinations")
            .with_description("determinations made, by outcome and whether they were complete")
            .build();
        Self {
            law,
            clients,
            refusals,
            decided,
        }
    }

    /// Decides one request of the agency `caller`, which came by the method `rpc`; a refusal leaves a record.
    pub async fn determine(
        &self,
        rpc: &'static str,
        caller: &str,
        request: api::DetermineRequest,
    ) -> Result<api::DetermineResponse, Status> {
        let digest = request::determine_digest(&request);
        let id = request.context.as_ref().map(|c| c.request_id.clone());
        let decided = self.determine_once(caller, request, digest).await;
        if let Err(status) = &decided {
            let refused = Refused::read(rpc, caller, id.as_deref().unwrap_or_default(), digest);
            self.refusals.note(&refused, status).await;
        }
        decided
    }

    async fn determine_once(
        &self,
        caller: &str,
        mut request: api::DetermineRequest,
        digest: [u8; 32],
    ) -> Result<api::DetermineResponse, Status> {
        let view = request.view();
        let mut violations = Violations::default();
        request::check_context(request.context.as_ref(), &mut violations);
        let transaction = request.transaction.take().unwrap_or_default();
        let decoded =
            decode_transaction(&transaction, &request.as_of, "transaction", &mut violations);
        for (i, jurisdiction) in request.consult.iter().enumerate() {
            if !self.clients.counterparts.contains_key(jurisdiction) {
                let known: Vec<&str> = self
                    .clients
                    .counterparts
                    .keys()
                    .map(String::as_str)
                    .collect();
                let text = format!(
                    "no such counterpart is configured; configured: {}",
                    known.join(", ")
                );
                violations.add(reason::UNKNOWN_COUNTERPART, format!("consult[{i}]"), text);
            }
        }
        let items = item_facts(self.law.edition.regime(), &transaction, &mut violations);
        violations.finish()?;
        let context = request.context.clone().unwrap_or_default();

        if let Some(stored) = self.stored(caller, &context.request_id, &digest).await? {
            return self.beside_history(stored, view, &context).await;
        }
        let mut violations = Violations::default();
        people::adopted(self, &transaction, &mut violations).await?;
        violations.finish()?;
        let question = Question {
            wire: &transaction,
            core: decoded.transaction,
            as_of: decoded.as_of.unwrap_or_else(|| self.law.today()),
            strict: request.strict,
            parties_withheld: None,
        };
        let consulted = self.counterparts(&request);
        let (own, answers) = tokio::join!(
            self.decide(&question, items),
            self.consult_all(&consulted, caller, &context.request_id, &question)
        );
        let own = own?;
        let determination = compose::determination(
            &self.law,
            compose::Parts {
                context: context.clone(),
                digest,
                transaction: transaction.clone(),
                strict: request.strict,
                own: own.determination,
                decision: own.decision,
                screening: own.screening,
                export: own.export,
                answers,
            },
        );
        let appended = self
            .append(
                caller,
                &context,
                &digest,
                &determination,
                request.wait_for(),
            )
            .await?;
        self.count(&determination);
        self.beside_history(appended, view, &context).await
    }

    /// The answer as it is shown, with what people decided in the same case. The decision stands in its record by now: where the
    /// history cannot be had the call fails, and asked again with the same request id it gives the record.
    async fn beside_history(
        &self,
        response: api::DetermineResponse,
        view: wire::View,
        context: &wire::RequestContext,
    ) -> Result<api::DetermineResponse, Status> {
        let mut shown = compose::show(response, view);
        shown.history = people::of_case(self, &context.case_reference, "").await?;
        Ok(shown)
    }

    /// The stored answer to the same request, if there is one. The same key with another request is refused.
    async fn stored(
        &self,
        caller: &str,
        request_id: &str,
        digest: &[u8; 32],
    ) -> Result<Option<api::DetermineResponse>, Status> {
        let key = RecordKey {
            caller: caller.to_owned(),
            request_id: request_id.to_owned(),
        };
        let request = GetRecordRequest {
            name: Some(get_record_request::Name::Key(key)),
        };
        let record = match self.clients.audit().get_record(request).await {
            Ok(response) => response.into_inner().record.unwrap_or_default(),
            Err(status) if status.code() == Code::NotFound => return Ok(None),
            Err(status) => return Err(from_service("audit", &status)),
        };
        if record.request_digest != digest {
            return Err(request_id_reused());
        }
        let determination = decode_body(&record.body_type, &record.body)?;
        Ok(Some(api::DetermineResponse {
            determination: Some(determination),
            receipt: record.receipt,
            history: None,
        }))
    }

    /// What our own law says: classification and screening at the same time, then the core.
    pub async fn decide(&self, question: &Question<'_>, items: Vec<Item>) -> Result<Own, Status> {
        let (classified, screened) = tokio::join!(self.classify(question), self.screen(question));
        let (classifications, screening) = (classified?, screened?);
        let step = match (&screening, question.parties_withheld) {
            (_, Some(why)) => core::PartyStep::NotExamined(why.to_owned()),
            (Some(summary), None) => party_step(summary),
            (None, None) => core::PartyStep::clean(),
        };
        let mut classifications = classifications;
        let decision = in_span("decide", async {
            lines::decide(&self.law, question, &items, &mut classifications, &step)
        })
        .await
        .map_err(|e| Status::from(Problem::internal(e)))?;
        let export = lines::decide_own_export(&self.law, question, &items, &classifications)
            .map_err(Problem::internal)?;
        let mut determination =
            encode_jurisdiction(&decision, classifications, &question.as_of.to_string());
        if let Some(summary) = &screening {
            determination.incomplete =
                compose::merged(determination.incomplete, &summary.incomplete);
        }
        if !determination.incomplete.is_empty() {
            determination.completeness = wire::Completeness::Incomplete.into();
        }
        Ok(Own {
            determination,
            decision,
            screening,
            export,
        })
    }

    async fn classify(
        &self,
        question: &Question<'_>,
    ) -> Result<Vec<wire::LineClassification>, Status> {
        let mut classified = Vec::with_capacity(question.wire.lines.len());
        for parts in question.wire.lines.chunks(LINES_A_CALL * CALLS_AT_ONCE) {
            let calls = parts.chunks(LINES_A_CALL);
            let calls = calls.map(|lines| self.classify_part(question, lines));
            let answers = futures_util::future::try_join_all(calls).await?;
            classified.extend(answers.into_iter().flatten());
        }
        Ok(classified)
    }

    /// A few lines at a time: the trace of a long shipment is larger than a message may be.
    async fn classify_part(
        &self,
        question: &Question<'_>,
        lines: &[wire::Line],
    ) -> Result<Vec<wire::LineClassification>, Status> {
        let about = |a: &&wire::JudgementAnswer| {
            a.line_id.is_empty() || lines.iter().any(|line| line.line_id == a.line_id)
        };
        let judgements = question.wire.judgements.iter().filter(about);
        let judgements = judgements.cloned().collect();
        let request = ClassifyRequest {
            jurisdiction: self.law.edition.jurisdiction().to_owned(),
            edition: Some(wire::EditionRef {
                jurisdiction: self.law.edition.jurisdiction().to_owned(),
                digest: self.law.edition.digest().to_owned(),
            }),
            as_of: question.as_of.to_string(),
            lines: lines.to_vec(),
            judgements,
            view: wire::View::Full.into(),
        };
        let answer = self
            .clients
            .classification()
            .classify(request)
            .await
            .map_err(|status| from_service("classification", &status))?;
        let mut classified = answer.into_inner().lines;
        if classified.len() != lines.len() {
            return Err(
                Problem::internal("classification answered for another number of lines").into(),
            );
        }
        for line in &mut classified {
            // The edition and the addressed entries tell which these are: hundreds of codes a line.
            line.not_addressed_entries.clear();
        }
        Ok(classified)
    }

    /// `None` when there is nothing to screen or the parties were withheld.
    async fn screen(
        &self,
        question: &Question<'_>,
    ) -> Result<Option<wire::ScreeningSummary>, Status> {
        if question.wire.parties.is_empty() || question.parties_withheld.is_some() {
            return Ok(None);
        }
        let request = ScreenRequest {
            parties: question.wire.parties.clone(),
            view: wire::View::Full.into(),
            ..ScreenRequest::default()
        };
        let answer = self
            .clients
            .screening()
            .screen(request)
            .await
            .map_err(|status| from_service("screening", &status))?;
        let summary = answer.into_inner().summary.unwrap_or_default();
        if summary.parties.len() != question.wire.parties.len() {
            return Err(
                Problem::internal("screening answered for another number of parties").into(),
            );
        }
        Ok(Some(summary))
    }

    /// The counterparts that this request asks for.
    fn counterparts(&self, request: &api::DetermineRequest) -> Vec<(String, Counterpart)> {
        let wanted = |j: &String| request.consult.is_empty() || request.consult.contains(j);
        self.clients
            .counterparts
            .iter()
            .filter(|(j, _)| !request.skip_consult && wanted(j))
            .map(|(j, c)| (j.clone(), c.clone()))
            .collect()
    }

    async fn consult_all(
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

    /// Stores the determination; when a concurrent call with the same key was first, its record is the answer.
    async fn append(
        &self,
        caller: &str,
        context: &wire::RequestContext,
        digest: &[u8; 32],
        determination: &api::Determination,
        wait_for: wire::ReceiptLevel,
    ) -> Result<api::DetermineResponse, Status> {
        let own = determination.own.clone().unwrap_or_default();
        let appended = self
            .append_record(AppendRequest {
                caller: caller.to_owned(),
                context: Some(context.clone()),
                kind: wire::RecordKind::Determination.into(),
                request_digest: digest.to_vec(),
                body: determination.encode_to_vec(),
                body_type: BODY.to_owned(),
                fields: compose::committed(&own, determination),
                content_digests: compose::content_digests(determination),
                counterpart_leaf_hash: determination
                    .counterparts
                    .iter()
                    .find_map(|c| c.receipt.as_ref())
                    .map(|r| r.leaf_hash.clone())
                    .unwrap_or_default(),
                wait_for: wait_for.into(),
                about_record_id: String::new(),
            })
            .await?;
        let determination = decode_body(BODY, &appended.body)?;
        Ok(api::DetermineResponse {
            determination: Some(determination),
            receipt: appended.receipt,
            history: None,
        })
    }

    /// Appends any record.
    pub async fn append_record(
        &self,
        request: AppendRequest,
    ) -> Result<concord_proto::audit::AppendResponse, Status> {
        // It must also come back: as the answer, and whenever it is read again.
        if request.encoded_len() + RECEIPT_BYTES > self.clients.answer_bytes {
            return Err(refuse(
                Code::ResourceExhausted,
                reason::ANSWER_TOO_LARGE,
                "the answer is larger than a record may be; nothing was recorded, send fewer lines or parties",
            ));
        }
        self.clients.audit().append(request).await.map(tonic::Response::into_inner).map_err(|status| {
            match status.code() {
                Code::InvalidArgument => from_service("audit", &status),
                code => {
                    tracing::error!(?code, "the record could not be stored");
                    refuse(
                        Code::Unavailable,
                        reason::NOT_RECORDED,
                        "the record could not be stored for certain; ask again with the same request id",
                    )
                }
            }
        })
    }

    fn count(&self, determination: &api::Determination) {
        let outcome = determination
            .own
            .as_ref()
            .map(|o| o.outcome.clone())
            .unwrap_or_default();
        let complete = determination.completeness() == wire::Completeness::Complete;
        self.decided.add(
            1,
            &[
                KeyValue::new("outcome", outcome),
                KeyValue::new("complete", complete),
            ],
        );
        tracing::debug!(engine = ENGINE, "determined");
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

/// Reads a determination's record body.
pub fn decode_body(body_type: &str, body: &[u8]) -> Result<api::Determination, Status> {
    if body_type != BODY {
        return Err(refuse(
            Code::DataLoss,
            reason::RECORD_DAMAGED,
            "the stored record is not a determination",
        ));
    }
    api::Determination::decode(body).map_err(|e| {
        tracing::error!(error = %e, "stored determination does not decode");
        refuse(
            Code::DataLoss,
            reason::RECORD_DAMAGED,
            "the stored record cannot be read",
        )
    })
}

/// The refusal of a request id that was used for another request.
pub fn request_id_reused() -> Status {
    Problem::invalid(
        reason::REQUEST_ID_REUSED,
        "this request id was used for another request; a new request needs a new id",
    )
    .violation("context.request_id", "already used for another request")
    .into()
}
