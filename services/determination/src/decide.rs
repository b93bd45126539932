//! One determination: ask everyone at the same time, let the core decide, record, answer.

mod consult;
mod record;

pub use record::{decode_body, request_id_reused};

use std::sync::Arc;

use concord_controls::item::Item;
use concord_kit::status::Problem;
use concord_kit::trace::in_span;
use concord_kit::violations::Violations;
use concord_licensing as core;
use concord_proto::classification::ClassifyRequest;
use concord_proto::determination as api;
use concord_proto::screening::ScreenRequest;
use concord_proto::types as wire;
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Meter};
use tonic::Status;

use crate::ENGINE;
use crate::clients::Clients;
use crate::compose;
use crate::error::{from_service, reason};
use crate::law::Law;
use crate::lines::{self, Question};
use crate::people;
use crate::refusals::{Refusals, Refused};
use crate::request;
use crate::wire::{decode_transaction, encode_jurisdiction, item_facts, party_step};

/// Lines that classification is asked about at once.
const LINES_A_CALL: usize = 32;
/// Calls of one shipment under way at once: more would only be shed by the other side's limit.
const CALLS_AT_ONCE: usize = 4;

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
