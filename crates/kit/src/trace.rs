//! Spans and durations of calls, and the W3C trace context that joins them.
//!
//! The span, the service's [`Telemetry`] and the call's deadline travel together in the
//! OpenTelemetry context of the task. Handlers need nothing; a task they spawn needs [`spawn`].

mod outgoing;

pub(crate) use outgoing::ClientCall;

use crate::{deadline::Deadline, status::code_name, telemetry::Telemetry};
use http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::{
    Context, KeyValue, Value,
    context::FutureExt,
    propagation::{Extractor, Injector, TextMapPropagator},
    trace::{Span, SpanKind, Status as SpanStatus, TraceContextExt, Tracer},
};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use std::{collections::HashMap, sync::Arc, time::Instant};
use tokio::task::JoinHandle;
use tonic::Code;

/// What unknown methods are called, so that callers cannot invent metric labels.
const OTHER: &str = "_OTHER";

/// What a task knows of the call that it serves, besides the span.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    pub telemetry: Option<Telemetry>,
    pub deadline: Option<Deadline>,
}

impl Scope {
    /// Asks the current task's scope, if it has one.
    pub(crate) fn current<T>(ask: impl FnOnce(&Self) -> T) -> Option<T> {
        Context::map_current(|cx| cx.get::<Self>().map(ask))
    }

    /// The current context with another deadline.
    pub(crate) fn with_deadline(deadline: Deadline) -> Context {
        let scope = Self::current(Self::clone).unwrap_or_default();
        Context::current_with_value(Self {
            deadline: Some(deadline),
            ..scope
        })
    }
}

/// Runs a piece of work in a child span of the current call's span; outside a call, in none.
/// `name` is fixed text: never put input into it.
pub async fn in_span<F: Future>(name: &'static str, work: F) -> F::Output {
    let cx = Context::current();
    let telemetry = cx.get::<Scope>().and_then(|scope| scope.telemetry.clone());
    let Some(telemetry) = telemetry else {
        return work.await;
    };
    let tracer = telemetry.tracer();
    let span = tracer
        .span_builder(name)
        .with_kind(SpanKind::Internal)
        .start_with_context(tracer, &cx);
    let cx = cx.with_span(span);
    let output = work.with_context(cx.clone()).await;
    cx.span().end();
    output
}

/// Adds an attribute to the current span: ids, digests, codes, counts; never a name. `value` is only asked
/// for where the span is recorded.
pub fn annotate<V: Into<Value>>(key: &'static str, value: impl FnOnce() -> V) {
    Context::map_current(|cx| {
        let span = cx.span();
        if span.is_recording() {
            span.set_attribute(KeyValue::new(key, value()));
        }
    });
}

/// Spawns a task that keeps the current span, telemetry and deadline.
pub fn spawn<F>(work: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    tokio::spawn(work.with_current_context())
}

/// The trace id of the current span in hex, for records that name it; `None` outside a call.
pub fn current_trace_id() -> Option<String> {
    Context::map_current(|cx| {
        let span = cx.span().span_context().clone();
        span.is_valid().then(|| span.trace_id().to_string())
    })
}

/// Ends the span and records the duration when the status is known, and at the latest when it is
/// dropped: then the caller has gone, or the handler has panicked.
pub(crate) struct Call {
    pub(crate) cx: Context,
    telemetry: Telemetry,
    method: Arc<str>,
    started: Instant,
    kind: SpanKind,
    done: bool,
}

impl Call {
    /// An incoming call, in the trace that its headers name.
    pub(crate) fn incoming(telemetry: &Telemetry, headers: &HeaderMap, method: Arc<str>) -> Self {
        Self::start(telemetry, &extract(headers), method, SpanKind::Server)
    }

    fn start(telemetry: &Telemetry, parent: &Context, method: Arc<str>, kind: SpanKind) -> Self {
        let tracer = telemetry.tracer();
        let mut span = tracer
            .span_builder(method.to_string())
            .with_kind(kind.clone())
            .start_with_context(tracer, parent);
        // Most calls of a busy server are not recorded, and then nobody reads these.
        if span.is_recording() {
            span.set_attribute(KeyValue::new("rpc.system.name", "grpc"));
            span.set_attribute(KeyValue::new("rpc.method", Arc::clone(&method)));
        }
        Self {
            cx: parent.with_span(span),
            telemetry: telemetry.clone(),
            method,
            started: Instant::now(),
            kind,
            done: false,
        }
    }

    /// Tells the tasks of the call whose it is and how long it may take.
    pub(crate) fn enter(&mut self, deadline: Option<Deadline>) {
        self.cx = self.cx.with_value(Scope {
            telemetry: Some(self.telemetry.clone()),
            deadline,
        });
    }

    /// Whose call it is.
    pub(crate) fn telemetry(&self) -> &Telemetry {
        &self.telemetry
    }

    pub(crate) fn finish(&mut self, code: Code) {
        if std::mem::replace(&mut self.done, true) {
            return;
        }
        let name = code_name(code);
        let status = KeyValue::new("rpc.response.status_code", name);
        let span = self.cx.span();
        if span.is_recording() {
            span.set_attribute(status.clone());
            if is_failure(code, &self.kind) {
                span.set_attribute(KeyValue::new("error.type", name));
                span.set_status(SpanStatus::error(""));
            }
        }
        span.end();
        let instruments = self.telemetry.instruments();
        let histogram = match self.kind {
            SpanKind::Server => &instruments.server_duration,
            _ => &instruments.client_duration,
        };
        let attributes = [
            KeyValue::new("rpc.system.name", "grpc"),
            KeyValue::new("rpc.method", Arc::clone(&self.method)),
            status,
        ];
        histogram.record(self.started.elapsed().as_secs_f64(), &attributes);
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.finish(if std::thread::panicking() {
            Code::Internal
        } else {
            Code::Cancelled
        });
    }
}

/// Which codes are errors of the span: at a client all but OK, at a server only those that are
/// the server's fault (OpenTelemetry semantic conventions for gRPC).
fn is_failure(code: Code, kind: &SpanKind) -> bool {
    match kind {
        SpanKind::Server => matches!(
            code,
            Code::Unknown
                | Code::DeadlineExceeded
                | Code::Unimplemented
                | Code::Internal
                | Code::Unavailable
                | Code::DataLoss
        ),
        _ => code != Code::Ok,
    }
}

/// The methods that a server has: full path -> what spans and metrics call it.
#[derive(Clone, Debug)]
pub(crate) struct KnownMethods {
    labels: Arc<HashMap<String, Arc<str>>>,
    other: Arc<str>,
}

impl KnownMethods {
    /// The methods with these full paths.
    pub(crate) fn new(paths: impl IntoIterator<Item = String>) -> Self {
        let labels = paths.into_iter().map(|path| {
            let label = label(&path);
            (path, label)
        });
        Self {
            labels: Arc::new(labels.collect()),
            other: OTHER.into(),
        }
    }

    /// Whether the server has the method with this full path.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.labels.contains_key(path)
    }

    /// The full paths, in no order.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &String> {
        self.labels.keys()
    }

    /// What spans and metrics call that path.
    pub(crate) fn label(&self, path: &str) -> Arc<str> {
        Arc::clone(self.labels.get(path).unwrap_or(&self.other))
    }
}

/// A method's name as the semantic conventions want it: without the leading slash.
fn label(path: &str) -> Arc<str> {
    path.trim_start_matches('/').into()
}

fn extract(headers: &HeaderMap) -> Context {
    TraceContextPropagator::new().extract_with_context(&Context::new(), &Headers(headers))
}

fn inject(cx: &Context, headers: &mut HeaderMap) {
    TraceContextPropagator::new().inject_context(cx, &mut HeadersMut(headers));
}

struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).and_then(|v| v.to_str().ok())
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}

struct HeadersMut<'a>(&'a mut HeaderMap);

impl Injector for HeadersMut<'_> {
    fn set(&mut self, key: &str, value: String) {
        if let (Ok(name), Ok(value)) = (
            HeaderName::from_bytes(key.as_bytes()),
            HeaderValue::from_str(&value),
        ) {
            self.0.insert(name, value);
        }
    }
}
