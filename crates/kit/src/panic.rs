//! A panic in a handler or in a reply's stream becomes INTERNAL without its text. (Uncaught, it
//! would reach the caller as CANCELLED "h2 protocol error".)

use crate::{
    status::{Problem, reason},
    telemetry::Telemetry,
};
use tonic::{Code, Status};

/// Counts and logs the panic. Its text may hold what a caller sent, so it stays out of the log; the
/// process's panic hook has written its place already.
pub(crate) fn report(telemetry: &Telemetry) -> Status {
    telemetry.instruments().panics.add(1, &[]);
    tracing::error!(service = telemetry.service(), "a handler panicked");
    Problem::new(Code::Internal, reason::INTERNAL, "internal error").into()
}
