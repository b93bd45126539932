//! Redis behind a budget and a breaker.

use super::{
    breaker::{Breaker, Change},
    seal::Key,
};
use crate::{
    config::{ConfigError, RedisConfig, ms},
    status::chain,
    tls::install_crypto,
};
use arc_swap::ArcSwap;
use bytes::Bytes;
use redis::{
    Client, Cmd, FromRedisValue, IntoConnectionInfo, TlsCertificates,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use std::{
    fmt::Write,
    sync::Arc,
    time::{Duration, Instant},
};

/// Larger values stay in memory only, in bytes.
const LARGEST: usize = 1024 * 1024;

/// Why an operation gave nothing. The cache only counts it.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("{0}")]
    Redis(String),
    #[error("took longer than its budget")]
    Budget,
}

/// The answer to a read.
pub(super) enum Reply {
    Value(Bytes),
    Absent,
    /// The breaker is open.
    LeftAlone,
}

/// One Redis server.
pub(super) struct Redis {
    client: Client,
    settings: ConnectionManagerConfig,
    /// Replaced when the breaker opens or a trial fails: a manager whose first connection was refused with
    /// anything but an I/O error (LOADING, a wrong password) would never connect again.
    manager: ArcSwap<ConnectionManager>,
    breaker: Arc<Breaker>,
    budget: Duration,
}

impl Redis {
    /// Checks the settings; connects when first used. Must be called inside a Tokio runtime.
    pub fn new(config: &RedisConfig) -> Result<Self, ConfigError> {
        let client = client(config)?;
        let budget = ms(config.budget_ms);
        // Connecting may take longer than a call waits: it goes on in the background.
        let settings = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(budget * 20))
            .set_response_timeout(Some(budget))
            .set_number_of_retries(0);
        let manager = ConnectionManager::new_lazy_with_config(client.clone(), settings.clone())
            .map_err(|e| bad_url(config, &e))?;
        Ok(Self {
            client,
            settings,
            manager: ArcSwap::from_pointee(manager),
            breaker: Arc::new(Breaker::new(ms(config.breaker_open_ms))),
            budget,
        })
    }

    pub async fn get(&self, key: &Key) -> Result<Reply, Failure> {
        Ok(
            match self.run::<Option<Vec<u8>>>(Cmd::get(name(key))).await? {
                None => Reply::LeftAlone,
                Some(None) => Reply::Absent,
                Some(Some(value)) => Reply::Value(value.into()),
            },
        )
    }

    pub async fn set(&self, key: &Key, value: Vec<u8>, time: Duration) -> Result<(), Failure> {
        let ms = u64::try_from(time.as_millis()).unwrap_or(u64::MAX).max(1);
        if value.len() > LARGEST {
            return Ok(());
        }
        self.run::<()>(Cmd::pset_ex(name(key), value, ms)).await?;
        Ok(())
    }

    /// Runs a command within the budget; `None` when the breaker is open.
    async fn run<T>(&self, command: Cmd) -> Result<Option<T>, Failure>
    where
        T: FromRedisValue + Send + 'static,
    {
        if !self.breaker.allows(Instant::now()) {
            return Ok(None);
        }
        let mut manager = ConnectionManager::clone(&self.manager.load());
        // In a task of its own: what outlives the budget, such as connecting, is not thrown away.
        let work = tokio::spawn(async move { command.query_async::<T>(&mut manager).await });
        let result = match tokio::time::timeout(self.budget, work).await {
            Ok(Ok(Ok(value))) => Ok(Some(value)),
            Ok(Ok(Err(error))) => Err(Failure::Redis(chain(&error))),
            Ok(Err(error)) => Err(Failure::Redis(error.to_string())),
            Err(_) => Err(Failure::Budget),
        };
        match self.breaker.report(result.is_ok(), Instant::now()) {
            Change::Opened => {
                let problem = result.as_ref().err().map(ToString::to_string);
                tracing::warn!(problem, "Redis is left alone for a while");
                self.renew();
            }
            Change::StillOpen => self.renew(),
            Change::Closed => tracing::info!("Redis answers again"),
            Change::Nothing => {}
        }
        result
    }

    fn renew(&self) {
        let (client, settings) = (self.client.clone(), self.settings.clone());
        match ConnectionManager::new_lazy_with_config(client, settings) {
            Ok(fresh) => self.manager.store(Arc::new(fresh)),
            Err(error) => tracing::error!(%error, "Redis connection cannot be renewed"),
        }
    }
}

/// Checks the settings; connects when first used.
pub(super) fn client(config: &RedisConfig) -> Result<Client, ConfigError> {
    let info = config
        .url
        .as_str()
        .into_connection_info()
        .map_err(|e| bad_url(config, &e))?;
    let mut login = info.redis_settings().clone();
    if let Some(username) = &config.username {
        login = login.set_username(username);
    }
    if let Some(path) = &config.password_file {
        let password = std::fs::read_to_string(path).map_err(|e| {
            bad(
                "password_file",
                format!("`{}` cannot be read: {e}", path.display()),
            )
        })?;
        login = login.set_password(password.trim_end_matches(['\r', '\n']));
    }
    let info = info.set_redis_settings(login);
    install_crypto();
    match &config.ca_file {
        Some(path) => {
            let pem = std::fs::read(path).map_err(|e| {
                bad(
                    "ca_file",
                    format!("`{}` cannot be read: {e}", path.display()),
                )
            })?;
            let certificates = TlsCertificates {
                client_tls: None,
                root_cert: Some(pem),
            };
            Client::build_with_tls(info, certificates)
        }
        None => Client::open(info),
    }
    .map_err(|e| bad_url(config, &e))
}

fn bad(key: &str, problem: String) -> ConfigError {
    ConfigError::invalid(format!("cache.redis.{key}"), problem)
}

fn bad_url(config: &RedisConfig, error: &redis::RedisError) -> ConfigError {
    let text = format!(
        "`{}` cannot be used: {error}; expected `redis://host:port`",
        config.url
    );
    bad("url", text)
}

pub(super) fn name(key: &Key) -> String {
    let mut name = String::with_capacity(8 + 64);
    name.push_str("concord:");
    for byte in key {
        // Writing to a String cannot fail.
        let _ = write!(name, "{byte:02x}");
    }
    name
}
