//! The client's half: span, inject, watch the status to the end of the body.

use super::{Call, inject, label};
use crate::{status, telemetry::Telemetry};
use bytes::Bytes;
use http::{HeaderMap, Response};
use http_body::{Frame, SizeHint};
use opentelemetry::{Context as TraceContext, trace::SpanKind};
use std::{
    pin::Pin,
    task::{Context, Poll},
};
use tonic::{Code, Status, body::Body};

/// One outgoing call's span.
pub(crate) struct ClientCall(Call);

impl ClientCall {
    /// Starts a child of the current span and writes it into the request's headers.
    pub(crate) fn start(telemetry: &Telemetry, path: &str, headers: &mut HeaderMap) -> Self {
        let parent = TraceContext::current();
        let call = Call::start(telemetry, &parent, label(path), SpanKind::Client);
        inject(&call.cx, headers);
        Self(call)
    }

    /// The call ended without a response.
    pub(crate) fn fail(&mut self, code: Code) {
        self.0.finish(code);
    }

    /// Watches the response to its end, with the peer's wrong statuses corrected.
    pub(crate) fn watch(mut self, mut response: Response<Body>) -> Response<Body> {
        if let Some(code) = status::correct(response.headers_mut()) {
            self.0.finish(code);
            return response;
        }
        response.map(|inner| {
            Body::new(WatchedBody {
                inner,
                call: self.0,
            })
        })
    }
}

/// A response's body; its trailers say how the call ended.
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
        let frame = std::task::ready!(Pin::new(&mut this.inner).poll_frame(cx));
        Poll::Ready(match frame {
            Some(Ok(mut frame)) => {
                if let Some(trailers) = frame.trailers_mut() {
                    let code = status::correct(trailers).unwrap_or(Code::Unknown);
                    this.call.finish(code);
                }
                Some(Ok(frame))
            }
            Some(Err(error)) => {
                let error = status::from_broken_stream(error);
                this.call.finish(error.code());
                Some(Err(error))
            }
            None => {
                this.call.finish(Code::Unknown);
                None
            }
        })
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
