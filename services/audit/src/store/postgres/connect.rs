//! Connections, and the bridge from threads that wait to the runtime that drives them.

use std::future::Future;
use std::time::Duration;

use deadpool_postgres::{
    ClientWrapper, Hook, HookError, Manager, ManagerConfig, Object, Pool, PoolError,
    RecyclingMethod, Runtime as PoolRuntime,
};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::schema::{self, LOCK_START};
use super::{PostgresError, PostgresSettings};
use crate::store::StoreError;

/// Threads that drive the connections.
const THREADS: usize = 2;

/// Longest wait for a connection out of the pool.
const POOL_WAIT: Duration = Duration::from_secs(10);

/// A plan is made for each execution: one that was kept from when the tables were nearly empty reads them whole, and they
/// grow by thousands of rows a second.
const PLANS: &str = "SET plan_cache_mode = force_custom_plan";

/// One database with its connections. They live on a runtime of their own, so that whoever reads or
/// writes may wait on any thread.
pub struct Server {
    place: String,
    pool: Pool,
    runtime: Option<Runtime>,
    handle: Handle,
}

/// A replica's turn to begin; its session holds a lock.
pub struct Turn {
    _client: ClientWrapper,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Server").field(&self.place).finish()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Dropping a runtime waits, which a thread of another runtime may not.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Server {
    /// Connects, and checks that the server keeps what it acknowledges and that the tables are those
    /// of this program. Blocks.
    ///
    /// # Errors
    /// See [`PostgresError`].
    pub fn connect(settings: &PostgresSettings) -> Result<Self, PostgresError> {
        let server = Self::reach(settings)?;
        server.wait(async {
            let client = server.client().await;
            let client = client.map_err(|e| server.failed(&StoreError::from(e)))?;
            server.durable(&client).await?;
            schema::check(&client, &server.place).await
        })?;
        Ok(server)
    }

    /// A server whose tables are not looked at. Blocks no further than making a thread.
    pub(super) fn reach(settings: &PostgresSettings) -> Result<Self, PostgresError> {
        let place = settings.place.clone();
        let failed = |e: &dyn std::fmt::Display| PostgresError::Connect {
            place: place.clone(),
            problem: e.to_string(),
        };
        let runtime = Builder::new_multi_thread()
            .worker_threads(THREADS)
            .thread_name("postgres")
            .enable_all()
            .build()
            .map_err(|e| failed(&e))?;
        let handle = runtime.handle().clone();
        let tls = MakeRustlsConnect::new(settings.tls().map_err(|e| failed(&e))?);
        // A connection that was closed is seen before it is used again; a broken one by its query.
        let recycling_method = RecyclingMethod::Fast;
        let manager = Manager::from_config(
            settings.driver.clone(),
            tls,
            ManagerConfig { recycling_method },
        );
        let pool = Pool::builder(manager)
            .max_size(settings.connections)
            .post_create(Hook::async_fn(|client: &mut ClientWrapper, _| {
                Box::pin(async move {
                    let set = client.batch_execute(PLANS).await;
                    set.map_err(HookError::Backend)
                })
            }))
            .runtime(PoolRuntime::Tokio1)
            .wait_timeout(Some(POOL_WAIT))
            .create_timeout(Some(POOL_WAIT))
            .build()
            .map_err(|e| failed(&e))?;
        Ok(Self {
            place: settings.place.clone(),
            pool,
            runtime: Some(runtime),
            handle,
        })
    }

    /// Server and database, for messages.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Waits for `work` on this thread, whichever it is; the connections are driven elsewhere.
    pub(crate) fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        let _timers = self.handle.enter();
        // Not of the budget of a task that this thread may be running: it would never be renewed here.
        futures_executor::block_on(tokio::task::unconstrained(work))
    }

    /// A connection out of the pool.
    pub(super) async fn client(&self) -> Result<Object, PoolError> {
        self.pool.get().await
    }

    /// A connection that never goes back to the pool: for a session that holds a lock.
    pub(super) async fn own_client(&self) -> Result<ClientWrapper, StoreError> {
        Ok(Object::take(self.client().await?))
    }

    pub(super) fn failed(&self, error: &dyn std::fmt::Display) -> PostgresError {
        PostgresError::Connect {
            place: self.place.clone(),
            problem: error.to_string(),
        }
    }

    /// Waits until no other replica begins, and keeps others waiting until it is dropped. Blocks.
    ///
    /// # Errors
    /// The database does not answer.
    pub fn turn(&self) -> Result<Turn, StoreError> {
        self.wait(async {
            let client = self.own_client().await?;
            client
                .execute("SELECT pg_advisory_lock($1)", &[&LOCK_START])
                .await?;
            Ok(Turn { _client: client })
        })
    }

    /// Which copy of the data this is: another one after a dump was restored, a server was set back to
    /// a moment, or a standby took over. Blocks.
    ///
    /// # Errors
    /// The database does not answer.
    pub fn home(&self) -> Result<String, StoreError> {
        let sql = "SELECT format('%s timeline %s database %s', \
                   (SELECT system_identifier FROM pg_control_system()), \
                   substring(pg_walfile_name(pg_current_wal_lsn()) for 8), \
                   (SELECT oid FROM pg_database WHERE datname = current_database()))";
        self.wait(async {
            let row = self.client().await?.query_one(sql, &[]).await?;
            Ok(row.try_get(0)?)
        })
    }

    /// Refuses a server that acknowledges what a loss of power takes away.
    async fn durable(&self, client: &Object) -> Result<(), PostgresError> {
        let sql = "SELECT name, setting FROM pg_settings \
                   WHERE name IN ('fsync', 'full_page_writes', 'server_version_num')";
        let rows = client
            .query(sql, &[])
            .await
            .map_err(|e| self.failed(&StoreError::from(e)))?;
        for row in rows {
            let (setting, value): (String, String) = (row.get(0), row.get(1));
            if setting == "server_version_num" {
                if value.parse::<u32>().unwrap_or(0) < 150_000 {
                    return Err(
                        self.failed(&format!("its version is {value}, 15 or later is needed"))
                    );
                }
            } else if value != "on" {
                let place = self.place.clone();
                return Err(PostgresError::NotDurable {
                    place,
                    setting,
                    value,
                });
            }
        }
        Ok(())
    }
}
