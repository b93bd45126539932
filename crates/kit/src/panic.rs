//! Outermost layer: a panic in a handler or in a reply's stream becomes INTERNAL without its text.
//! (Uncaught, it would reach the caller as CANCELLED "h2 protocol error".)

use crate::{
    status::{Problem, reason},
    telemetry::Telemetry,
};
use bytes::Bytes;
use futures_util::{FutureExt, future::BoxFuture};
use http::{HeaderMap, Request, Response};
use http_body::{Frame, SizeHint};
use std::{
    convert::Infallible,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll},
};
use tonic::{Code, Status, body::Body};
use tower::{Layer, Service};

/// Server layer: see the module.
#[derive(Clone, Debug)]
pub(crate) struct PanicLayer(pub Telemetry);

impl<S> Layer<S> for PanicLayer {
    type Service = PanicService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        PanicService {
            inner,
            telemetry: self.0.clone(),
        }
    }
}

/// See [`PanicLayer`].
#[derive(Clone, Debug)]
pub(crate) struct PanicService<S> {
    inner: S,
    telemetry: Telemetry,
}

impl<S> Service<Request<Body>> for PanicService<S>
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
        let telemetry = self.telemetry.clone();
        let reply = match catch_unwind(AssertUnwindSafe(|| self.inner.call(request))) {
            Ok(reply) => reply,
            Err(_) => {
                let status = report(&telemetry);
                return Box::pin(async move { Ok(status.into_http()) });
            }
        };
        Box::pin(async move {
            match AssertUnwindSafe(reply).catch_unwind().await {
                Ok(reply) => Ok(reply?.map(|body| {
                    Body::new(GuardedBody {
                        inner: Some(body),
                        telemetry,
                    })
                })),
                Err(_) => Ok(report(&telemetry).into_http()),
            }
        })
    }
}

/// Counts and logs the panic. Its text may hold what a caller sent, so it stays out of the log; the
/// process's panic hook has written its place already.
fn report(telemetry: &Telemetry) -> Status {
    telemetry.instruments().panics.add(1, &[]);
    tracing::error!(service = telemetry.service(), "a handler panicked");
    Problem::new(Code::Internal, reason::INTERNAL, "internal error").into()
}

/// A reply's body whose stream may panic.
struct GuardedBody {
    inner: Option<Body>,
    telemetry: Telemetry,
}

impl http_body::Body for GuardedBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let Some(body) = &mut self.inner else {
            return Poll::Ready(None);
        };
        match catch_unwind(AssertUnwindSafe(|| Pin::new(body).poll_frame(cx))) {
            Ok(frame) => frame,
            Err(_) => {
                self.inner = None;
                let mut trailers = HeaderMap::new();
                let status = report(&self.telemetry);
                Poll::Ready(Some(
                    status
                        .add_header(&mut trailers)
                        .map(|()| Frame::trailers(trailers)),
                ))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.inner
            .as_ref()
            .map_or(SizeHint::with_exact(0), Body::size_hint)
    }
}
