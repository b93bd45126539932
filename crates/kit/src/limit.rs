//! Limit and shed: so many calls in flight, and a polite refusal beyond.
//!
//! A shed call is RESOURCE_EXHAUSTED with reason OVERLOADED and RetryInfo: the caller may come
//! back, and nothing was done. Health is never shed: an overloaded server is alive.

use crate::{
    config::LimitsConfig,
    status::{Problem, reason},
    telemetry::Telemetry,
};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Request, Response};
use http_body::{Frame, SizeHint};
use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tonic::{Code, Status, body::Body};
use tower::{Layer, Service};

/// Server layer: at most `concurrency` calls in flight.
#[derive(Clone, Debug)]
pub(crate) struct LimitLayer {
    permits: Arc<Semaphore>,
    retry: Duration,
    telemetry: Telemetry,
}

impl LimitLayer {
    pub(crate) fn new(limits: &LimitsConfig, telemetry: Telemetry) -> Self {
        Self {
            permits: Arc::new(Semaphore::new(
                limits.concurrency.min(Semaphore::MAX_PERMITS),
            )),
            retry: Duration::from_millis(limits.shed_retry_ms),
            telemetry,
        }
    }
}

impl<S> Layer<S> for LimitLayer {
    type Service = LimitService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        LimitService {
            inner,
            limit: self.clone(),
        }
    }
}

/// See [`LimitLayer`].
#[derive(Clone, Debug)]
pub(crate) struct LimitService<S> {
    inner: S,
    limit: LimitLayer,
}

impl<S> Service<Request<Body>> for LimitService<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        if request.uri().path().starts_with("/grpc.health.") {
            return Box::pin(self.inner.call(request));
        }
        let Ok(permit) = self.limit.permits.clone().try_acquire_owned() else {
            self.limit.telemetry.instruments().shed.add(1, &[]);
            let problem = Problem::new(
                Code::ResourceExhausted,
                reason::OVERLOADED,
                "too many calls are in flight, nothing was done",
            );
            let status = Status::from(problem.retry_after(self.limit.retry));
            return Box::pin(async move { Ok(status.into_http()) });
        };
        let reply = self.inner.call(request);
        Box::pin(async move {
            Ok(reply.await?.map(|inner| {
                Body::new(HeldBody {
                    inner,
                    _permit: permit,
                })
            }))
        })
    }
}

/// A reply's body that gives its place back when it is dropped.
struct HeldBody {
    inner: Body,
    _permit: OwnedSemaphorePermit,
}

impl http_body::Body for HeldBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        Pin::new(&mut self.inner).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
