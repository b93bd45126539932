//! The RPCs for counterparts: what our own law says about their transaction, and the exchange of checkpoints.

use std::sync::Arc;

use concord_kit::peer::PeerIdentity;
use concord_kit::violations::Violations;
use concord_proto::audit::{
    AppendRequest, ExchangeCheckpointRequest as AuditExchange, GetRecordRequest, RecordKey,
    get_record_request,
};
use concord_proto::federation as api;
use concord_proto::federation::federation_service_server::FederationService;
use concord_proto::types as wire;
use prost::Message;
use tonic::{Code, Request, Response, Status};

use crate::compose;
use crate::decide::{Decider, request_id_reused};
use crate::error::{from_service, reason, refuse};
use crate::lines::Question;
use crate::refusals::{Refused, rpc};
use crate::request;
use crate::wire::{decode_transaction, item_facts};

/// Full name of the message that a consultation is stored as.
const BODY: &str = "concord.federation.v1.ConsultResponse";

/// The handlers.
#[derive(Debug)]
pub struct Federation {
    decider: Arc<Decider>,
}

impl Federation {
    /// Handlers that decide with `decider`.
    pub fn new(decider: Arc<Decider>) -> Self {
        Self { decider }
    }

    /// The agency of a caller that is a configured counterpart. The allow lists let only determination services come here;
    /// this makes sure that it is the one we know.
    fn counterpart(&self, peer: &PeerIdentity) -> Result<String, Status> {
        let agency = peer.id().agency();
        let known = self
            .decider
            .clients
            .counterparts
            .values()
            .any(|c| c.agency == agency);
        if known {
            return Ok(agency.to_owned());
        }
        let text = "the caller's agency is not a counterpart of this deployment";
        Err(refuse(
            Code::PermissionDenied,
            reason::NOT_A_COUNTERPART,
            text,
        ))
    }

    /// The stored answer to the same consultation.
    async fn stored(
        &self,
        caller: &str,
        request_id: &str,
        digest: &[u8; 32],
    ) -> Result<Option<api::ConsultResponse>, Status> {
        let key = RecordKey {
            caller: caller.to_owned(),
            request_id: request_id.to_owned(),
        };
        let name = Some(get_record_request::Name::Key(key));
        match self
            .decider
            .clients
            .audit()
            .get_record(GetRecordRequest { name })
            .await
        {
            Ok(response) => {
                let record = response.into_inner().record.unwrap_or_default();
                if record.request_digest != digest {
                    return Err(request_id_reused());
                }
                let mut answer = decode(&record.body)?;
                answer.receipt = record.receipt;
                Ok(Some(answer))
            }
            Err(status) if status.code() == Code::NotFound => Ok(None),
            Err(status) => Err(from_service("audit", &status)),
        }
    }

    /// What our own law says about a counterpart's transaction, recorded.
    async fn answer(
        &self,
        agency: String,
        caller: &str,
        request: api::ConsultRequest,
        digest: [u8; 32],
    ) -> Result<api::ConsultResponse, Status> {
        let view = request.view();
        let mut violations = Violations::default();
        request::check_request_id(&request.request_id, "request_id", &mut violations);
        let transaction = request.transaction.clone().unwrap_or_default();
        let decoded =
            decode_transaction(&transaction, &request.as_of, "transaction", &mut violations);
        let items = item_facts(
            self.decider.law.edition.regime(),
            &transaction,
            &mut violations,
        );
        violations.finish()?;
        if let Some(stored) = self.stored(caller, &request.request_id, &digest).await? {
            return Ok(show(stored, view));
        }
        let named = request.disclosure() == api::DisclosureLevel::Named;
        let question = Question {
            wire: &transaction,
            core: decoded.transaction,
            as_of: decoded.as_of.unwrap_or_else(|| self.decider.law.today()),
            strict: request.strict,
            parties_withheld: (!named).then_some("parties_not_disclosed"),
        };
        let own = self.decider.decide(&question, items).await?;
        let answer = api::ConsultResponse {
            determination: Some(own.determination.clone()),
            receipt: None,
            own_export: own.export.map(|e| e.determination),
        };
        let context = wire::RequestContext {
            request_id: request.request_id.clone(),
            case_reference: String::new(),
            actor: agency,
            purpose: "consultation".to_owned(),
        };
        let about = concord_proto::determination::Determination {
            own: Some(own.determination.clone()),
            screening: own.screening,
            transaction: Some(transaction.clone()),
            ..Default::default()
        };
        let mut fields = compose::committed(&own.determination, &about);
        fields.push(compose::field(
            "counterpart_answer",
            format!("disclosed={}", request.disclosure().as_str_name()),
        ));
        let appended = self
            .decider
            .append_record(AppendRequest {
                caller: caller.to_owned(),
                context: Some(context),
                kind: wire::RecordKind::Determination.into(),
                request_digest: digest.to_vec(),
                body: answer.encode_to_vec(),
                body_type: BODY.to_owned(),
                fields,
                content_digests: compose::content_digests(&about),
                ..AppendRequest::default()
            })
            .await?;
        let mut answer = decode(&appended.body)?;
        answer.receipt = appended.receipt;
        Ok(show(answer, view))
    }
}

fn decode(body: &[u8]) -> Result<api::ConsultResponse, Status> {
    api::ConsultResponse::decode(body).map_err(|_| {
        refuse(
            Code::DataLoss,
            reason::RECORD_DAMAGED,
            "the stored record cannot be read",
        )
    })
}

fn show(mut answer: api::ConsultResponse, view: wire::View) -> api::ConsultResponse {
    if view != wire::View::Full {
        answer.determination.iter_mut().for_each(compose::trim);
    }
    answer
}

#[tonic::async_trait]
impl FederationService for Federation {
    async fn consult(
        &self,
        request: Request<api::ConsultRequest>,
    ) -> Result<Response<api::ConsultResponse>, Status> {
        let peer = PeerIdentity::of(&request)?;
        let caller = peer.id().to_string();
        let request = request.into_inner();
        let digest = request::consult_digest(&request);
        let id = request.request_id.clone();
        let answer = match self.counterpart(&peer) {
            Ok(agency) => self.answer(agency, &caller, request, digest).await,
            Err(status) => Err(status),
        };
        if let Err(status) = &answer {
            let refused = Refused::read(rpc::CONSULT, &caller, &id, digest);
            self.decider.refusals.note(&refused, status).await;
        }
        answer.map(Response::new)
    }

    async fn exchange_checkpoint(
        &self,
        request: Request<api::ExchangeCheckpointRequest>,
    ) -> Result<Response<api::ExchangeCheckpointResponse>, Status> {
        let agency = self.counterpart(&PeerIdentity::of(&request)?)?;
        let request = request.into_inner();
        let answer = self
            .decider
            .clients
            .audit()
            .exchange_checkpoint(AuditExchange {
                agency,
                checkpoint: request.checkpoint,
                consistency: request.consistency,
                old_size: request.old_size,
            })
            .await
            .map_err(|status| from_service("audit", &status))?
            .into_inner();
        Ok(Response::new(api::ExchangeCheckpointResponse {
            checkpoint: answer.checkpoint,
            remembered_size: answer.remembered_size,
        }))
    }
}
