//! What surrounds every incoming call: panic guard, trace and metrics, limit, deadline, identity.
//!
//! One future and one body for all of it. Layers of their own, each boxing the next, cost more than
//! what they did.

use crate::{
    deadline::{Deadline, Deadlines},
    limit::{Limit, Place},
    panic,
    peer::{AllowLists, PeerIdentity},
    status,
    telemetry::Telemetry,
    trace::{Call, KnownMethods, annotate},
};
use bytes::Bytes;
use futures_util::FutureExt as _;
use http::{HeaderMap, Request, Response};
use http_body::{Frame, SizeHint};
use hyper::body::Incoming;
use opentelemetry::context::FutureExt as _;
use std::{
    convert::Infallible,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};
use tokio::time::{Sleep, sleep_until};
use tonic::{Code, Status, body::Body, service::Routes};
use tower::Service;

/// A listener's services and what guards them. Cloning is cheap.
#[derive(Clone)]
pub(super) struct Calls {
    guard: Arc<Guard>,
    routes: Routes,
}

/// What every call passes.
pub(super) struct Guard {
    pub telemetry: Telemetry,
    pub methods: KnownMethods,
    pub limit: Limit,
    pub deadlines: Deadlines,
    pub allow: AllowLists,
    pub denied: Option<OnDenied>,
}

/// Is told of calls that an allow list refuses.
pub type OnDenied = Arc<dyn Fn(&PeerIdentity, &str) + Send + Sync>;

/// What a call that may go on holds.
struct Admitted {
    place: Place,
    deadline: Option<Deadline>,
}

impl Calls {
    pub fn new(guard: Guard, routes: Routes) -> Self {
        Self {
            guard: Arc::new(guard),
            routes: routes.prepare(),
        }
    }

    /// Answers one call. Everything that leaves, refusals too, has a span, a duration and a right
    /// status.
    pub fn answer(
        &self,
        peer: &PeerIdentity,
        request: Request<Incoming>,
    ) -> impl Future<Output = Result<Response<Body>, Infallible>> + Send + use<> {
        let path = request.uri().path();
        let telemetry = &self.guard.telemetry;
        let method = self.guard.methods.label(path);
        let mut call = Call::incoming(telemetry, request.headers(), method);
        let admitted = self.guard.admit(&mut call, peer, &request);
        let cx = call.cx.clone();
        let started = admitted.map(|admitted| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(peer.clone());
            // Routes are always ready: limits answer, they do not wait.
            let mut routes = self.routes.clone();
            let _entered = cx.clone().attach();
            let reply = catch_unwind(AssertUnwindSafe(|| routes.call(request)));
            (admitted, reply)
        });
        let work = async move {
            let (Admitted { place, deadline }, reply) = match started {
                Ok(started) => started,
                Err(status) => return Ok(refuse(call, *status)),
            };
            let Ok(reply) = reply else {
                let status = panic::report(call.telemetry());
                return Ok(refuse(call, status));
            };
            let reply = AssertUnwindSafe(reply).catch_unwind();
            let reply = match deadline {
                None => reply.await,
                Some(deadline) => tokio::select! {
                    biased;
                    reply = reply => reply,
                    () = sleep_until(deadline.instant().into()) => {
                        let text = "the deadline passed before the answer";
                        return Ok(refuse(call, status::deadline_exceeded(text)));
                    }
                },
            };
            let mut reply = match reply {
                Ok(reply) => reply?,
                Err(_) => {
                    let status = panic::report(call.telemetry());
                    return Ok(refuse(call, status));
                }
            };
            // An immediate error is in the headers, and then there is no body to watch.
            if let Some(code) = status::correct(reply.headers_mut()) {
                call.finish(code);
                return Ok(reply);
            }
            Ok(reply.map(|inner| {
                Body::new(Watched {
                    inner: Some(inner),
                    call,
                    deadline,
                    sleep: None,
                    _place: place,
                })
            }))
        };
        work.with_context(cx)
    }
}

impl Guard {
    /// Beyond the limit nothing more is spent on a call; with too little time it does not begin; and
    /// only named identities reach a method.
    fn admit(
        &self,
        call: &mut Call,
        peer: &PeerIdentity,
        request: &Request<Incoming>,
    ) -> Result<Admitted, Box<Status>> {
        let path = request.uri().path();
        let place = self.limit.admit(path).map_err(|problem| {
            self.telemetry.instruments().shed.add(1, &[]);
            Box::new(problem.into())
        })?;
        let deadline = self.deadlines.of(path, request.headers())?;
        call.enter(deadline);
        let _entered = call.cx.clone().attach();
        annotate("concord.peer", || peer.id().to_string());
        if let Err(problem) = self.allow.check(path, peer) {
            if let Some(tell) = &self.denied {
                tell(peer, path);
            }
            return Err(Box::new(problem.into()));
        }
        Ok(Admitted { place, deadline })
    }
}

fn refuse(mut call: Call, status: Status) -> Response<Body> {
    call.finish(status.code());
    status.into_http()
}

/// A reply's body. Its trailers say how the call ended; at the deadline it ends with
/// DEADLINE_EXCEEDED, and a panic of the stream ends it with INTERNAL. Dropped, it gives the call's
/// place back.
struct Watched {
    /// `None` when the body ended otherwise than by itself.
    inner: Option<Body>,
    call: Call,
    deadline: Option<Deadline>,
    /// Runs from the first moment that the body had to wait.
    sleep: Option<Pin<Box<Sleep>>>,
    _place: Place,
}

impl Watched {
    /// Ends the body with that status. Drops the stream's producer now, not when the connection gets
    /// round to it.
    fn end(&mut self, status: &Status) -> Option<Result<Frame<Bytes>, Status>> {
        self.inner = None;
        self.call.finish(status.code());
        let mut trailers = HeaderMap::new();
        let added = status.add_header(&mut trailers);
        Some(added.map(|()| Frame::trailers(trailers)))
    }

    /// Whether the deadline has passed; else wakes the task when it does.
    fn is_late(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(deadline) = self.deadline else {
            return false;
        };
        let until = || Box::pin(sleep_until(deadline.instant().into()));
        let sleep = self.sleep.get_or_insert_with(until);
        sleep.as_mut().poll(cx).is_ready()
    }
}

impl http_body::Body for Watched {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = &mut *self;
        let Some(inner) = &mut this.inner else {
            return Poll::Ready(None);
        };
        let _entered = this.call.cx.clone().attach();
        let mut frame = match catch_unwind(AssertUnwindSafe(|| Pin::new(inner).poll_frame(cx))) {
            Ok(Poll::Ready(frame)) => frame,
            Ok(Poll::Pending) => {
                if !this.is_late(cx) {
                    return Poll::Pending;
                }
                let text = "the deadline passed before the last answer";
                return Poll::Ready(this.end(&status::deadline_exceeded(text)));
            }
            Err(_) => {
                let status = panic::report(this.call.telemetry());
                return Poll::Ready(this.end(&status));
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
        self.inner.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.inner
            .as_ref()
            .map_or(SizeHint::with_exact(0), Body::size_hint)
    }
}
