//! Announcements between replicas through Redis: something new is ready, look at once.
//!
//! An announcement carries nothing and is believed nothing: whoever hears one looks where it would have looked anyway, only
//! sooner. Forged or repeated ones cost a look, lost ones cost the time until the next look. So nothing waits for Redis, and
//! without it everything works, later.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use redis::Client;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::cache::channel;
use crate::config::{CacheConfig, ConfigError, ms};

/// Longest wait between two attempts to reach Redis.
const LONGEST_WAIT: Duration = Duration::from_secs(15);

/// One topic that the replicas of one deployment share.
#[derive(Debug, Clone)]
pub struct Announcements {
    client: Client,
    /// A keyed hash of the topic, so that deployments with other secrets do not meet on one server.
    channel: String,
    budget: Duration,
}

impl Announcements {
    /// Announcements about `topic` through the cache's Redis; `None` where no Redis is configured. Connects when first
    /// used.
    ///
    /// # Errors
    /// A wrong setting of `cache.redis`.
    pub fn new(topic: &'static str, config: &CacheConfig) -> Result<Option<Self>, ConfigError> {
        let Some(settings) = &config.redis else {
            return Ok(None);
        };
        let (client, channel) = channel(topic, settings)?;
        Ok(Some(Self {
            client,
            channel,
            // Connecting is part of it, as in the cache.
            budget: ms(settings.budget_ms) * 20,
        }))
    }

    /// Tells whoever listens. Returns at once: what does not get through is found out by looking.
    pub fn announce(&self) {
        let this = self.clone();
        tokio::spawn(async move {
            let publish = async {
                let mut connection = this.client.get_multiplexed_async_connection().await?;
                let command = redis::cmd("PUBLISH").arg(&this.channel).arg("").clone();
                command.query_async::<()>(&mut connection).await
            };
            match tokio::time::timeout(this.budget, publish).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::info!(%error, "not announced: Redis refused"),
                Err(_) => tracing::info!("not announced: Redis took too long"),
            }
        });
    }

    /// Wakes the returned `Notify` for every announcement, and whenever the connection is new, since one may have been
    /// missed. Ends with `stop`.
    pub fn listen(&self, stop: CancellationToken) -> Arc<Notify> {
        let heard = Arc::new(Notify::new());
        let (this, wake) = (self.clone(), heard.clone());
        tokio::spawn(async move {
            let listening = async {
                let mut wait = this.budget;
                loop {
                    if this.hear(&wake).await {
                        wait = this.budget;
                    }
                    tokio::time::sleep(wait).await;
                    wait = (wait * 2).min(LONGEST_WAIT);
                }
            };
            stop.run_until_cancelled(listening).await;
        });
        heard
    }

    /// Listens on one connection until it ends; false when there was none.
    async fn hear(&self, wake: &Notify) -> bool {
        let connect = async {
            let mut connection = self.client.get_async_pubsub().await?;
            connection.subscribe(&self.channel).await?;
            Ok::<_, redis::RedisError>(connection)
        };
        let Ok(Ok(mut connection)) = tokio::time::timeout(self.budget, connect).await else {
            return false;
        };
        wake.notify_one();
        let mut messages = connection.on_message();
        while messages.next().await.is_some() {
            wake.notify_one();
        }
        true
    }
}
