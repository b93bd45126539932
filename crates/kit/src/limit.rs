//! Limit and shed: so many calls in flight, and a polite refusal beyond.
//!
//! A shed call is RESOURCE_EXHAUSTED with reason OVERLOADED and RetryInfo: the caller may come
//! back, and nothing was done. Health is never shed: an overloaded server is alive.

use crate::{
    config::LimitsConfig,
    status::{Problem, reason},
};
use std::{sync::Arc, time::Duration};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tonic::Code;

/// At most `concurrency` calls in flight.
#[derive(Debug)]
pub(crate) struct Limit {
    permits: Arc<Semaphore>,
    retry: Duration,
}

/// A call's place; given back when dropped.
#[derive(Debug)]
pub(crate) struct Place(
    #[expect(dead_code, reason = "held, never read")] Option<OwnedSemaphorePermit>,
);

impl Limit {
    pub(crate) fn new(limits: &LimitsConfig) -> Self {
        Self {
            permits: Arc::new(Semaphore::new(
                limits.concurrency.min(Semaphore::MAX_PERMITS),
            )),
            retry: Duration::from_millis(limits.shed_retry_ms),
        }
    }

    /// A place for a call to that path, or the refusal.
    pub(crate) fn admit(&self, path: &str) -> Result<Place, Problem> {
        if path.starts_with("/grpc.health.") {
            return Ok(Place(None));
        }
        match self.permits.clone().try_acquire_owned() {
            Ok(permit) => Ok(Place(Some(permit))),
            Err(_) => Err(Problem::new(
                Code::ResourceExhausted,
                reason::OVERLOADED,
                "too many calls are in flight, nothing was done",
            )
            .retry_after(self.retry)),
        }
    }
}
