//! A log in this process: what its writer and its store do without gRPC, and with records that are encrypted already.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use concord_audit::record::Entry;
use concord_audit::start::open;
use concord_audit::vault::Vault;
use concord_audit::wire::append::decode;
use concord_audit::writer::{self, WriteError, WriterThread};
use concord_audit::{Config, GroupCommitConfig};
use concord_kit::config::TelemetryConfig;
use concord_kit::health::Health;
use concord_kit::telemetry::Telemetry;

use crate::client::request;

/// Records a second that are made beforehand; more than are stored.
const MADE: f64 = 60_000.0;

/// A writer and what encrypts for it.
pub struct Alone {
    thread: WriterThread,
    vault: Arc<Vault>,
    made: u64,
}

impl Alone {
    /// Begins a log with these settings.
    pub fn new(settings: &Path) -> Result<Self> {
        let config: Config = toml::from_str(&std::fs::read_to_string(settings)?)?;
        let log = open(&config.location())?;
        let (vault, origin) = (log.vault.clone(), config.log_origin.clone());
        let telemetry = Telemetry::new("audit", &TelemetryConfig::default())?;
        let component = Health::new("audit").component("log");
        let group = GroupCommitConfig::default();
        let thread = writer::start(log, origin, &group, component, &telemetry.meter())?;
        Ok(Self {
            thread,
            vault,
            made: 0,
        })
    }

    /// Appends for that time, `at_once` records on their way; how many, and the time that they took.
    pub async fn run(
        &mut self,
        at_once: usize,
        body: usize,
        time: Duration,
    ) -> Result<(u64, Duration)> {
        let mut entries: Vec<Entry> = Vec::new();
        for _ in 0..(time.as_secs_f64() * MADE) as u64 {
            self.made += 1;
            let (entry, _) = decode(request(self.made, body), &self.vault)?;
            entries.push(entry);
        }
        let (entries, begun) = (Arc::new(Mutex::new(entries)), Instant::now());
        let workers = (0..at_once).map(|_| {
            let (entries, writer) = (entries.clone(), self.thread.handle());
            let take = move || {
                let mut entries = entries.lock().unwrap_or_else(PoisonError::into_inner);
                entries.pop()
            };
            tokio::spawn(async move {
                let mut done = 0;
                while begun.elapsed() < time
                    && let Some(entry) = take()
                {
                    writer.append(entry).await?;
                    done += 1;
                }
                Ok::<u64, WriteError>(done)
            })
        });
        let mut done = 0;
        for worker in workers.collect::<Vec<_>>() {
            done += worker.await.context("a caller ended")??;
        }
        Ok((done, begun.elapsed()))
    }

    /// Ends the writer.
    pub async fn end(self) {
        self.thread.end().await;
    }
}
