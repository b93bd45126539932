//! Log lines on stderr, as JSON with the ids of the span they were written in.

use super::TelemetryError;
use crate::config::{LogFormat, TelemetryConfig};
use crate::trace::Scope;
use opentelemetry::{Context, trace::TraceContextExt};
use serde_json::{Map, Value};
use std::{fmt, sync::OnceLock};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    EnvFilter,
    fmt::{
        FmtContext, FormatEvent, FormatFields,
        format::Writer,
        time::{FormatTime, SystemTime},
    },
    layer::SubscriberExt,
    registry::LookupSpan,
    util::SubscriberInitExt,
};

static INSTALLED: OnceLock<()> = OnceLock::new();

/// Installs the process's log subscriber. The first call decides; later calls (other services in
/// the same process) do nothing.
pub fn init_logs(config: &TelemetryConfig) -> Result<(), TelemetryError> {
    let filter = EnvFilter::try_new(&config.filter).map_err(|e| TelemetryError::Filter {
        filter: config.filter.clone(),
        problem: e.to_string(),
    })?;
    if INSTALLED.set(()).is_err() {
        return Ok(());
    }
    let registry = tracing_subscriber::registry().with(filter);
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(false);
    if config.log_format == LogFormat::Json {
        std::panic::set_hook(Box::new(log_panic));
    }
    // A subscriber that someone else installed stays: theirs is the process.
    let _ = match config.log_format {
        LogFormat::Json => registry.with(lines.event_format(Json)).try_init(),
        LogFormat::Text => registry.with(lines).try_init(),
    };
    Ok(())
}

/// A panic's place. Its text may hold what a caller sent, so it is not written.
fn log_panic(info: &std::panic::PanicHookInfo<'_>) {
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    tracing::error!(place, "panic");
}

/// One JSON object per line.
struct Json;

impl<S, N> FormatEvent<S, N> for Json
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut line = Map::new();
        let mut now = String::new();
        SystemTime.format_time(&mut Writer::new(&mut now))?;
        let metadata = event.metadata();
        line.insert("timestamp".into(), now.into());
        line.insert("level".into(), metadata.level().as_str().into());
        line.insert("target".into(), metadata.target().into());
        Context::map_current(|cx| {
            let scope = cx.get::<Scope>();
            if let Some(telemetry) = scope.and_then(|scope| scope.telemetry.as_ref()) {
                line.insert("service".into(), telemetry.service().into());
                line.insert("deployment".into(), telemetry.deployment().into());
            }
            let span = cx.span().span_context().clone();
            if span.is_valid() {
                line.insert("trace_id".into(), span.trace_id().to_string().into());
                line.insert("span_id".into(), span.span_id().to_string().into());
            }
        });
        event.record(&mut Fields(&mut line));
        writeln!(writer, "{}", Value::Object(line))
    }
}

struct Fields<'a>(&'a mut Map<String, Value>);

impl Fields<'_> {
    fn put(&mut self, field: &Field, value: Value) {
        self.0.insert(field.name().to_owned(), value);
    }
}

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, format!("{value:?}").into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::Telemetry;
    use opentelemetry::trace::Tracer;
    use std::sync::{Arc, Mutex};
    use tracing_subscriber::fmt::MakeWriter;

    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl<'a> MakeWriter<'a> for Buffer {
        type Writer = Self;

        fn make_writer(&'a self) -> Self {
            self.clone()
        }
    }

    #[test]
    fn a_line_is_one_json_object_with_the_ids_of_its_span() {
        let buffer = Buffer::default();
        let lines = tracing_subscriber::fmt::layer()
            .with_writer(buffer.clone())
            .event_format(Json);
        let subscriber = tracing_subscriber::registry().with(lines);
        let config = TelemetryConfig {
            deployment: "us".to_owned(),
            ..Default::default()
        };
        let telemetry = Telemetry::new("screening", &config).unwrap();
        let span = telemetry.tracer().start("work");
        let cx = Context::new().with_span(span).with_value(Scope {
            telemetry: Some(telemetry.clone()),
            deadline: None,
        });
        let trace_id = cx.span().span_context().trace_id().to_string();
        tracing::subscriber::with_default(subscriber, || {
            let _entered = cx.attach();
            tracing::info!(count = 3, codes = ?["a", "b"], "two\nlines");
        });
        let text = String::from_utf8(buffer.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text.lines().count(), 1, "{text}");
        let line: Value = serde_json::from_str(&text).unwrap();
        for (key, wanted) in [
            ("level", "INFO"),
            ("service", "screening"),
            ("deployment", "us"),
            ("trace_id", &trace_id),
            ("message", "two\nlines"),
            ("codes", "[\"a\", \"b\"]"),
        ] {
            assert_eq!(line[key], wanted, "{key} in {text}");
        }
        assert_eq!(line["count"], 3);
        assert_eq!(line["span_id"].as_str().unwrap().len(), 16);
    }
}
