//! BatchScreen: elements as they come, a few of them at a time in a task of their own.
//!
//! A message costs more than a short search, and so does handing a search to another thread. What has
//! arrived is therefore taken together, and the tasks run side by side.

use std::sync::Arc;

use concord_kit::status::Problem;
use concord_proto::screening as api;
use concord_proto::types as wire;
use futures_util::{Stream, StreamExt};
use jiff::Timestamp;
use tonic::Status;

use crate::answer;
use crate::loaded::Loaded;
use crate::service::Service;
use crate::wire::decode::Question;
use crate::wire::{decode, encode};

/// Elements that one task takes at once.
const TOGETHER: usize = 32;

/// Answers to the elements of one stream, all from `loaded`; `abreast` tasks at a time.
pub fn answers(
    service: Service,
    loaded: Arc<Loaded>,
    elements: impl Stream<Item = Result<api::BatchScreenRequest, Status>> + Send + 'static,
    abreast: usize,
) -> crate::service::BatchStream {
    let tasks = elements.ready_chunks(TOGETHER).map(move |elements| {
        let (service, loaded) = (service.clone(), loaded.clone());
        async move {
            let task = tokio::spawn(async move {
                let mut answers = Vec::with_capacity(elements.len());
                let mut batch = Batch::new(&service, &loaded);
                for element in elements {
                    answers.push(match element {
                        Ok(element) => Ok(batch.element(element).await),
                        Err(status) => Err(status),
                    });
                }
                answers
            });
            let answers = match task.await.map_err(tokio::task::JoinError::try_into_panic) {
                Ok(answers) => answers,
                Err(Ok(panic)) => std::panic::resume_unwind(panic),
                Err(Err(e)) => vec![Err(Problem::internal(e).into())],
            };
            futures_util::stream::iter(answers)
        }
    });
    Box::pin(tasks.buffer_unordered(abreast).flatten())
}

/// What the elements of one task share.
struct Batch<'a> {
    service: &'a Service,
    loaded: &'a Arc<Loaded>,
    now: Timestamp,
    missing: Arc<[wire::IncompleteReason]>,
}

impl<'a> Batch<'a> {
    fn new(service: &'a Service, loaded: &'a Arc<Loaded>) -> Self {
        let now = Timestamp::now();
        Self {
            service,
            loaded,
            now,
            missing: service.missing(loaded, now),
        }
    }

    async fn element(&mut self, element: api::BatchScreenRequest) -> api::BatchScreenResponse {
        use api::batch_screen_response::Outcome;
        let mut response = api::BatchScreenResponse {
            index: element.index,
            ..Default::default()
        };
        let question = match decode::element(&element) {
            Ok(question) => question,
            Err(status) => {
                response.outcome = Some(Outcome::Problem(problem(&status)));
                return response;
            }
        };
        if element.parties.is_empty() {
            let party = element.party.unwrap_or_default();
            response.outcome = Some(match self.party(&question, &party, 0, "party").await {
                Ok(result) => Outcome::Result(result),
                Err(status) => Outcome::Problem(problem(&status)),
            });
            return response;
        }
        for (party, at) in element.parties.iter().zip(0_u32..) {
            use api::party_outcome::Outcome;
            let path = format!("parties[{at}]");
            let outcome = match self.party(&question, party, at, &path).await {
                Ok(result) => Outcome::Result(result),
                Err(status) => Outcome::Problem(problem(&status)),
            };
            response.results.push(api::PartyOutcome {
                outcome: Some(outcome),
            });
        }
        response
    }

    async fn party(
        &self,
        question: &Question,
        party: &wire::Party,
        index: u32,
        path: &str,
    ) -> Result<wire::PartyScreening, Status> {
        let asked = decode::one_party(party, path)?;
        let role = asked.role.clone();
        let mut found = self.service.found(self.loaded, &asked, question).await?;
        self.loaded
            .cover(&asked, &mut found, answer::today(self.now));
        Ok(encode::screening(index, &role, found, &self.missing))
    }
}

fn problem(status: &Status) -> wire::Problem {
    (&Problem::from_status(status)).into()
}
