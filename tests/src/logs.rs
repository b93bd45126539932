//! Everything that the process logs, kept for tests that look for what must not be there.

use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tracing_subscriber::fmt::MakeWriter;

/// The lines so far.
#[derive(Debug, Clone, Default)]
pub struct Logs(Arc<Mutex<Vec<u8>>>);

/// Begins to keep every log line of this process; there is one subscriber per process, so calling it again gives the same.
///
/// Ours at every level, other crates from `debug` on: below that they print the bytes of connections.
pub fn keep() -> Logs {
    static LOGS: OnceLock<Logs> = OnceLock::new();
    let begin = || {
        let logs = Logs::default();
        let filter = "debug,concord_kit=trace,concord_audit=trace,concord_classification=trace,\
                      concord_screening=trace,concord_determination=trace";
        tracing_subscriber::fmt()
            .json()
            .with_env_filter(filter)
            .with_writer(logs.clone())
            .try_init()
            .expect("no other subscriber in this process");
        logs
    };
    LOGS.get_or_init(begin).clone()
}

impl Logs {
    /// The lines so far, as text.
    pub fn text(&self) -> String {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Write for Logs {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Logs {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
