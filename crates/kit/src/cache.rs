//! A cache that can be lost at any moment: memory first, then Redis if configured.
//!
//! Redis is trusted with nothing. Its keys are keyed hashes, so they tell no names; its values are
//! encrypted and authenticated together with key and expiry, so whoever can read or write Redis
//! cannot read an answer, plant one, move one to another key, or lengthen its life: what is not
//! ours is a miss, and counted. An operation that takes longer than its budget is a miss, and
//! after a few failures Redis is left alone for a while. Errors are never cached.

mod breaker;
mod redis;
mod seal;

use self::redis::{Redis, Reply};
use crate::{
    config::{CacheConfig, ConfigError, RedisConfig, ms},
    deadline::Deadline,
    status::{self, Problem},
    telemetry::Telemetry,
    trace::Scope,
};
use bytes::Bytes;
use moka::{Expiry, future::Cache as Memory};
use opentelemetry::{KeyValue, context::FutureExt};
use seal::{Key, Seal};
use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::sync::watch;
use tonic::Status;

/// A client for `settings` and the name under which replicas with the same secret meet about `topic`.
pub(crate) fn channel(
    topic: &str,
    settings: &RedisConfig,
) -> Result<(::redis::Client, String), ConfigError> {
    let key = Seal::from_file(&settings.secret_file)?.key("announcements", &[topic.as_bytes()]);
    Ok((redis::client(settings)?, redis::name(&key)))
}

type Outcome = Option<Result<Bytes, Status>>;

/// A loaded value, and whether it may be kept.
#[derive(Clone, Debug)]
pub struct Load {
    value: Bytes,
    keep: bool,
}

impl Load {
    /// A value that may be kept for the time given to [`Cache::get_or_load`].
    pub fn keep(value: impl Into<Bytes>) -> Self {
        Self {
            value: value.into(),
            keep: true,
        }
    }

    /// A value for those who wait for it now, and nobody later: an answer that is not complete.
    pub fn pass(value: impl Into<Bytes>) -> Self {
        Self {
            value: value.into(),
            keep: false,
        }
    }
}

/// What a cache has done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheStats {
    /// Answered from memory.
    pub memory_hits: u64,
    /// Answered from Redis.
    pub redis_hits: u64,
    /// Loaded.
    pub loads: u64,
    /// Waited for a load that another call had begun.
    pub joined: u64,
    /// Redis values refused because we did not seal them so.
    pub forged: u64,
    /// Redis operations that failed or took too long.
    pub redis_failures: u64,
}

/// See the module. Cloning shares it.
#[derive(Clone)]
pub struct Cache(Arc<Inner>);

struct Inner {
    name: &'static str,
    seal: Seal,
    memory: Memory<Key, Kept>,
    redis: Option<Redis>,
    flights: Mutex<HashMap<Key, watch::Receiver<Outcome>>>,
    load_limit: Duration,
    counts: Counts,
    telemetry: Telemetry,
}

#[derive(Clone)]
struct Kept {
    value: Bytes,
    time: Duration,
}

#[derive(Default)]
struct Counts {
    memory_hits: AtomicU64,
    redis_hits: AtomicU64,
    loads: AtomicU64,
    joined: AtomicU64,
    forged: AtomicU64,
    redis_failures: AtomicU64,
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache")
            .field("name", &self.0.name)
            .finish_non_exhaustive()
    }
}

impl Cache {
    /// A cache; `name` separates its keys from those of other caches on the same Redis. Connects
    /// when first used, so Redis may come later or never.
    pub fn new(
        name: &'static str,
        config: &CacheConfig,
        telemetry: Telemetry,
    ) -> Result<Self, ConfigError> {
        let memory = Memory::builder()
            .max_capacity(config.memory_bytes)
            .weigher(|_, kept: &Kept| u32::try_from(kept.value.len() + 128).unwrap_or(u32::MAX))
            .expire_after(PerEntry)
            .build();
        let (seal, redis) = match &config.redis {
            Some(settings) => (
                Seal::from_file(&settings.secret_file)?,
                Some(Redis::new(settings)?),
            ),
            // Nothing leaves the process, and a random secret hides what its memory is keyed by.
            None => (Seal::random()?, None),
        };
        Ok(Self(Arc::new(Inner {
            name,
            seal,
            memory,
            redis,
            flights: Mutex::default(),
            load_limit: ms(config.load_ms),
            counts: Counts::default(),
            telemetry,
        })))
    }

    /// The value for a key, loaded at most once at a time.
    ///
    /// `key` holds everything that the value depends on: editions, engine version, normalised
    /// input. The load runs in a task of its own with its own deadline (`load_ms`), so that one
    /// caller's cancellation does not decide for all. Errors go to everyone who waited and are
    /// not kept; a value is kept for `time` unless it came as [`Load::pass`].
    pub async fn get_or_load<F, Fut>(
        &self,
        key: &[&[u8]],
        time: Duration,
        load: F,
    ) -> Result<Bytes, Status>
    where
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output = Result<Load, Status>> + Send + 'static,
    {
        let inner = &self.0;
        let key = inner.seal.key(inner.name, key);
        if let Some(kept) = inner.memory.get(&key).await {
            inner.count(&inner.counts.memory_hits, "memory_hit");
            return Ok(kept.value);
        }
        let mut flight = self.flight(key, time, load);
        match flight
            .wait_for(Option::is_some)
            .await
            .map(|outcome| outcome.clone())
        {
            Ok(Some(outcome)) => outcome,
            // The task ended without an outcome: it panicked.
            Ok(None) | Err(_) => Err(Problem::internal("a cache load panicked").into()),
        }
    }

    /// What this cache has done so far.
    pub fn stats(&self) -> CacheStats {
        let counts = &self.0.counts;
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        CacheStats {
            memory_hits: read(&counts.memory_hits),
            redis_hits: read(&counts.redis_hits),
            loads: read(&counts.loads),
            joined: read(&counts.joined),
            forged: read(&counts.forged),
            redis_failures: read(&counts.redis_failures),
        }
    }

    /// Joins the flight for the key, or starts one.
    fn flight<F, Fut>(&self, key: Key, time: Duration, load: F) -> watch::Receiver<Outcome>
    where
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output = Result<Load, Status>> + Send + 'static,
    {
        let mut flights = self
            .0
            .flights
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = flights.get(&key) {
            self.0.count(&self.0.counts.joined, "joined");
            return flight.clone();
        }
        let (sender, receiver) = watch::channel(None);
        flights.insert(key, receiver.clone());
        drop(flights);
        let landing = Landing {
            inner: self.0.clone(),
            key,
        };
        let limit = self.0.load_limit;
        let cx = Scope::with_deadline(Deadline::after(limit));
        let work = async move {
            let inner = landing.inner.clone();
            let (outcome, write) = inner.find_or_load(key, time, limit, load).await;
            // Off the list first: whoever comes now finds the value in memory.
            drop(landing);
            let _ = sender.send(Some(outcome));
            if let (Some(value), Some(redis)) = (write, &inner.redis)
                && let Some(sealed) = inner.seal.seal(&key, &value, time)
            {
                inner.redis_failed(redis.set(&key, sealed, time).await.err());
            }
        };
        tokio::spawn(work.with_context(cx));
        receiver
    }
}

/// Takes the flight off the list, also when its load panics.
struct Landing {
    inner: Arc<Inner>,
    key: Key,
}

impl Drop for Landing {
    fn drop(&mut self) {
        self.inner
            .flights
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.key);
    }
}

impl Inner {
    /// The outcome, and the value that is still to be written to Redis.
    async fn find_or_load<F, Fut>(
        &self,
        key: Key,
        time: Duration,
        limit: Duration,
        load: F,
    ) -> (Result<Bytes, Status>, Option<Bytes>)
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<Load, Status>>,
    {
        // Another flight may have landed since the caller looked.
        if let Some(kept) = self.memory.get(&key).await {
            self.count(&self.counts.memory_hits, "memory_hit");
            return (Ok(kept.value), None);
        }
        if let Some((value, left)) = self.look_in_redis(&key).await {
            self.count(&self.counts.redis_hits, "redis_hit");
            let kept = Kept {
                value: value.clone(),
                time: left.min(time),
            };
            self.memory.insert(key, kept).await;
            return (Ok(value), None);
        }
        self.count(&self.counts.loads, "load");
        match tokio::time::timeout(limit, load()).await {
            Ok(Ok(Load { value, keep: true })) => {
                self.memory
                    .insert(
                        key,
                        Kept {
                            value: value.clone(),
                            time,
                        },
                    )
                    .await;
                (Ok(value.clone()), Some(value))
            }
            Ok(Ok(Load { value, keep: false })) => (Ok(value), None),
            Ok(Err(status)) => (Err(status), None),
            Err(_) => (
                Err(status::deadline_exceeded(
                    "the deadline of a cache load passed",
                )),
                None,
            ),
        }
    }

    async fn look_in_redis(&self, key: &Key) -> Option<(Bytes, Duration)> {
        let reply = match self.redis.as_ref()?.get(key).await {
            Ok(Reply::Value(bytes)) => bytes,
            Ok(Reply::Absent | Reply::LeftAlone) => return None,
            Err(error) => {
                self.redis_failed(Some(error));
                return None;
            }
        };
        let opened = self.seal.open(key, &reply);
        if opened.is_err() {
            self.count(&self.counts.forged, "forged");
            tracing::error!(
                cache = self.name,
                "a Redis value that is not ours was refused"
            );
        }
        opened.ok().flatten()
    }

    fn redis_failed(&self, error: Option<redis::Failure>) {
        if let Some(error) = error {
            self.count(&self.counts.redis_failures, "redis_failure");
            tracing::debug!(cache = self.name, %error, "Redis operation failed");
        }
    }

    fn count(&self, count: &AtomicU64, outcome: &'static str) {
        count.fetch_add(1, Ordering::Relaxed);
        let attributes = [
            KeyValue::new("cache", self.name),
            KeyValue::new("outcome", outcome),
        ];
        self.telemetry.instruments().cache.add(1, &attributes);
    }
}

/// Every entry has its own time.
struct PerEntry;

impl Expiry<Key, Kept> for PerEntry {
    fn expire_after_create(&self, _: &Key, kept: &Kept, _: Instant) -> Option<Duration> {
        Some(kept.time)
    }
}
