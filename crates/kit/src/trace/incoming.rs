//! The server's layer: extract, span, watch the status to the end of the body.

use super::{Call, KnownMethods, extract};
use crate::{status, telemetry::Telemetry};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Request, Response};
use http_body::{Frame, SizeHint};
use opentelemetry::{context::FutureExt, trace::SpanKind};
use std::{
    convert::Infallible,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    pin::Pin,
    task::{Context, Poll},
};
use tonic::{Code, Status, body::Body};
use tower::{Layer, Service};

/// Server layer: see the module.
#[derive(Clone, Debug)]
pub(crate) struct ServerTraceLayer {
    pub telemetry: Telemetry,
    pub methods: KnownMethods,
}

impl<S> Layer<S> for ServerTraceLayer {
    type Service = ServerTraceService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        ServerTraceService {
            inner,
            trace: self.clone(),
        }
    }
}

/// See [`ServerTraceLayer`].
#[derive(Clone, Debug)]
pub(crate) struct ServerTraceService<S> {
    inner: S,
    trace: ServerTraceLayer,
}

impl<S> Service<Request<Body>> for ServerTraceService<S>
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
        let parent = extract(request.headers());
        let method = self.trace.methods.label(request.uri().path());
        let mut call = Call::start(&self.trace.telemetry, &parent, method, SpanKind::Server);
        let _entered = call.cx.clone().attach();
        let reply = self.inner.call(request).with_context(call.cx.clone());
        Box::pin(async move {
            let mut reply = reply.await?;
            // An immediate error is in the headers, and then there is no body to watch.
            if let Some(code) = status::correct(reply.headers_mut()) {
                call.finish(code);
                return Ok(reply);
            }
            Ok(reply.map(|inner| Body::new(WatchedBody { inner, call })))
        })
    }
}

/// A reply's body; its trailers say how the call ended.
struct WatchedBody {
    inner: Body,
    call: Call,
}

impl http_body::Body for WatchedBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = &mut *self;
        let _entered = this.call.cx.clone().attach();
        let inner = Pin::new(&mut this.inner);
        let mut frame = match catch_unwind(AssertUnwindSafe(|| inner.poll_frame(cx))) {
            Ok(Poll::Ready(frame)) => frame,
            Ok(Poll::Pending) => return Poll::Pending,
            Err(panic) => {
                // The outer layer answers; here only the books are kept.
                this.call.finish(Code::Internal);
                resume_unwind(panic)
            }
        };
        match &mut frame {
            Some(Ok(frame)) => {
                if let Some(trailers) = frame.trailers_mut() {
                    let code = status::correct(trailers).unwrap_or(Code::Unknown);
                    this.call.finish(code);
                }
            }
            Some(Err(status)) => this.call.finish(status.code()),
            None => this.call.finish(Code::Unknown),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
