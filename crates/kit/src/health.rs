//! Health, fed by named components: SERVING when all of them are ready, NOT_SERVING before that
//! and from the moment draining begins. Only transitions are logged.

use std::{
    collections::{BTreeMap, BTreeSet},
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::watch;
use tokio_stream::{Stream, StreamExt, wrappers::WatchStream};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};
use tonic_health::pb::{
    HealthCheckRequest, HealthCheckResponse, health_check_response::ServingStatus, health_server,
};

/// The health of one process or service. Cloning shares it; several listeners may.
#[derive(Clone, Debug)]
pub struct Health(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    service: String,
    state: Mutex<State>,
    serving: watch::Sender<bool>,
    /// Ends the watches, which would hold draining up.
    drained: CancellationToken,
}

#[derive(Debug, Default)]
struct State {
    /// Component -> `None` when ready, else why not.
    components: BTreeMap<String, Option<String>>,
    started: bool,
    draining: bool,
}

/// One thing that must be ready before the service is. Starts not ready.
#[derive(Clone, Debug)]
pub struct Component {
    health: Health,
    name: String,
}

// === impl Health ===

impl Health {
    /// A health that is NOT_SERVING until a server serves and all components are ready.
    pub fn new(service: &str) -> Self {
        Self(Arc::new(Inner {
            service: service.to_owned(),
            state: Mutex::default(),
            serving: watch::Sender::new(false),
            drained: CancellationToken::new(),
        }))
    }

    /// Adds a component, not ready yet.
    pub fn component(&self, name: &str) -> Component {
        self.update(|state| {
            state
                .components
                .entry(name.to_owned())
                .or_insert(Some("starting".to_owned()));
        });
        Component {
            health: self.clone(),
            name: name.to_owned(),
        }
    }

    /// Whether the service answers SERVING.
    pub fn is_serving(&self) -> bool {
        *self.0.serving.borrow()
    }

    /// Waits until the service answers SERVING.
    pub async fn serving(&self) {
        // The sender lives in `self`, so this cannot fail while we wait.
        let _ = self
            .0
            .serving
            .subscribe()
            .wait_for(|serving| *serving)
            .await;
    }

    /// The components that are not ready, with the reason of each; for `/readyz`.
    pub fn waiting(&self) -> Vec<(String, String)> {
        let state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut waiting: Vec<_> = state
            .components
            .iter()
            .filter_map(|(name, why)| why.clone().map(|why| (name.clone(), why)))
            .collect();
        if state.draining {
            waiting.push(("server".to_owned(), "draining".to_owned()));
        } else if !state.started {
            waiting.push(("server".to_owned(), "starting".to_owned()));
        }
        waiting
    }

    pub(crate) fn start(&self) {
        self.update(|state| state.started = true);
    }

    pub(crate) fn drain(&self) {
        self.update(|state| state.draining = true);
        self.0.drained.cancel();
    }

    fn update(&self, change: impl FnOnce(&mut State)) {
        let serving = {
            let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
            change(&mut state);
            let serving =
                state.started && !state.draining && state.components.values().all(Option::is_none);
            // Inside the lock, so that two changes cannot be published in the wrong order.
            self.0
                .serving
                .send_if_modified(|now| std::mem::replace(now, serving) != serving)
                .then_some(serving)
        };
        match serving {
            Some(true) => tracing::info!(service = self.0.service, "serving"),
            Some(false) => {
                let waiting = format!("{:?}", self.waiting());
                tracing::warn!(service = self.0.service, waiting, "not serving");
            }
            None => {}
        }
    }

    pub(crate) fn service(
        &self,
        services: BTreeSet<String>,
    ) -> health_server::HealthServer<HealthService> {
        health_server::HealthServer::new(HealthService {
            health: self.clone(),
            services: services.into(),
        })
    }
}

// === impl Component ===

impl Component {
    /// The component can do its work.
    pub fn ready(&self) {
        self.set(None);
    }

    /// The component cannot do its work; `why` is for operators and holds no input.
    pub fn not_ready(&self, why: impl Into<String>) {
        self.set(Some(why.into()));
    }

    fn set(&self, why: Option<String>) {
        let changed = {
            let state = self
                .health
                .0
                .state
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            state
                .components
                .get(&self.name)
                .is_none_or(|old| old.is_none() != why.is_none())
        };
        if changed {
            let (service, component) = (&self.health.0.service, &self.name);
            match &why {
                None => tracing::info!(service, component, "component ready"),
                Some(why) => tracing::warn!(service, component, why, "component not ready"),
            }
        }
        self.health.update(|state| {
            state.components.insert(self.name.clone(), why);
        });
    }
}

/// grpc.health.v1.Health over [`Health`].
#[derive(Clone, Debug)]
pub(crate) struct HealthService {
    health: Health,
    services: Arc<BTreeSet<String>>,
}

impl HealthService {
    fn knows(&self, service: &str) -> bool {
        service.is_empty() || self.services.contains(service)
    }
}

fn reply(serving: bool) -> HealthCheckResponse {
    let status = if serving {
        ServingStatus::Serving
    } else {
        ServingStatus::NotServing
    };
    HealthCheckResponse {
        status: status.into(),
    }
}

#[tonic::async_trait]
impl health_server::Health for HealthService {
    async fn check(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        if !self.knows(&request.get_ref().service) {
            return Err(Status::not_found("this server has no service of that name"));
        }
        Ok(Response::new(reply(self.health.is_serving())))
    }

    type WatchStream =
        Pin<Box<dyn Stream<Item = Result<HealthCheckResponse, Status>> + Send + 'static>>;

    async fn watch(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        if !self.knows(&request.get_ref().service) {
            // The protocol keeps the stream open: the service might appear. Ours cannot.
            let unknown = HealthCheckResponse {
                status: ServingStatus::ServiceUnknown.into(),
            };
            let stream = tokio_stream::once(Ok(unknown)).chain(tokio_stream::pending());
            let stream = futures_util::StreamExt::take_until(
                stream,
                self.health.0.drained.clone().cancelled_owned(),
            );
            return Ok(Response::new(Box::pin(stream)));
        }
        let stream = WatchStream::new(self.health.0.serving.subscribe()).map(|s| Ok(reply(s)));
        let stream = futures_util::StreamExt::take_until(
            stream,
            self.health.0.drained.clone().cancelled_owned(),
        );
        let stream = stream.chain(tokio_stream::once(Ok(reply(false))));
        Ok(Response::new(Box::pin(stream)))
    }
}
