//! Transactions, and what came of them.

use std::sync::Arc;

use deadpool_postgres::ClientWrapper;

use super::super::row::unsigned;
use super::super::{Group, GroupError, LogIdentity, Reads, Store, StoreError};
use super::group::{Added, Transaction};
use super::lead::Taken;
use super::schema::LOCK_ASIDE;
use super::{Leading, PostgresReads, Server, pending};
use crate::record::{Entry, SignedCheckpoint};
use crate::vault::KekId;

/// A log in a PostgreSQL database: one of any number of writers, of which one may lead.
pub struct PostgresStore {
    server: Arc<Server>,
    lead: Option<Leading>,
    /// The connection with which it is tried again.
    waiting: Option<ClientWrapper>,
}

impl std::fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("PostgresStore").field(&self.lead).finish()
    }
}

impl PostgresStore {
    /// A writer that does not lead.
    pub fn new(server: Arc<Server>) -> Self {
        Self {
            server,
            lead: None,
            waiting: None,
        }
    }

    /// The database.
    pub fn server(&self) -> &Arc<Server> {
        &self.server
    }

    /// Tries to become the sequencer under the name `holder`; false: another one is. Blocks.
    ///
    /// # Errors
    /// The database does not answer.
    pub fn lead(&mut self, holder: &str) -> Result<bool, StoreError> {
        self.lead = None; // its connection, if any, lets go of the lock
        let waiting = self.waiting.take().filter(|client| !client.is_closed());
        let server = self.server.clone();
        let taken = self.server.wait(async {
            let client = match waiting {
                Some(client) => client,
                None => server.own_client().await?,
            };
            Leading::take(client, holder).await
        })?;
        match taken {
            Taken::Here(lead) => self.lead = Some(lead),
            Taken::ByAnother(client) => self.waiting = Some(client),
        }
        Ok(self.lead.is_some())
    }

    /// Lets another one lead.
    pub fn step_down(&mut self) {
        self.lead = None;
    }

    /// The right to sequence, if this writer has it.
    pub fn leading(&self) -> Option<&Leading> {
        self.lead.as_ref()
    }

    /// Records that wait for a place, in the order in which they came, at most `limit`. Blocks.
    ///
    /// # Errors
    /// The database does not answer, or this writer does not lead.
    pub fn pending(&self, limit: usize) -> Result<Vec<Entry>, StoreError> {
        let not = || StoreError::Backend("only the sequencer asks what waits".into());
        let lead = self.lead.as_ref().ok_or_else(not)?;
        self.server.wait(pending::read(&lead.client, limit))
    }

    /// Why nothing more may be signed, if that is so. Blocks.
    ///
    /// # Errors
    /// The database does not answer.
    pub fn halted(&self) -> Result<Option<String>, StoreError> {
        self.server.wait(async {
            let client = self.server.client().await?;
            let row = client
                .query_one("SELECT halted FROM sequencer", &[])
                .await?;
            Ok(row.try_get(0)?)
        })
    }

    /// How many records, also those that have no place yet, have their key under another than this one. Blocks.
    ///
    /// # Errors
    /// The database does not answer.
    pub fn not_under(&self, kek: KekId) -> Result<u64, StoreError> {
        self.server.wait(async {
            let client = self.server.client().await?;
            let sql = "SELECT count(*) FROM intake WHERE kek <> $1";
            let row = client.query_one(sql, &[&kek.as_bytes().as_slice()]).await?;
            unsigned(row.try_get(0)?)
        })
    }

    /// Keeps every replica from signing, or lets them again. Blocks.
    ///
    /// # Errors
    /// The database does not answer.
    pub fn halt(&self, why: Option<&str>) -> Result<(), StoreError> {
        self.server.wait(async {
            let client = self.server.client().await?;
            client
                .execute("UPDATE sequencer SET halted = $1", &[&why])
                .await?;
            Ok(())
        })
    }

    /// One transaction on `client`.
    fn transaction(
        &self,
        client: &ClientWrapper,
        work: &mut dyn FnMut(&mut dyn Group) -> Result<(), StoreError>,
    ) -> Result<(), GroupError> {
        let server = &*self.server;
        let mut tx = Transaction {
            server,
            client,
            epoch: self.lead.as_ref().map(Leading::epoch),
            added: Added::default(),
        };
        let begun = server.wait(async {
            client.batch_execute("BEGIN").await?;
            match tx.epoch {
                Some(_) => tx.fence().await,
                None => {
                    client
                        .execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK_ASIDE])
                        .await?;
                    Ok(())
                }
            }
        });
        let done = begun
            .and_then(|()| work(&mut tx))
            .and_then(|()| server.wait(tx.send()));
        if let Err(error) = done {
            // Without COMMIT the server keeps nothing of it, also when the connection is gone.
            let _ = server.wait(client.batch_execute("ROLLBACK"));
            return Err(GroupError::RolledBack(error));
        }
        server
            .wait(client.batch_execute("COMMIT"))
            .map_err(commit_failed)
    }
}

/// What a failed commit means: the server's own refusal rolls back, everything else is not known.
pub(super) fn commit_failed(error: tokio_postgres::Error) -> GroupError {
    use tokio_postgres::error::Severity;
    let refused = error.as_db_error().is_some_and(|said| {
        let class = said.code().code();
        said.parsed_severity() == Some(Severity::Error)
            && !class.starts_with("57")
            && !class.starts_with("08")
    });
    match refused {
        true => GroupError::RolledBack(error.into()),
        false => GroupError::Unknown(error.into()),
    }
}

impl Store for PostgresStore {
    /// Of several that begin the log at once, the first one does; the others find it begun.
    fn create(
        &mut self,
        identity: &LogIdentity,
        first: &SignedCheckpoint,
    ) -> Result<(), StoreError> {
        let root = first.root.as_bytes().as_slice();
        self.server.wait(async {
            let mut client = self.server.client().await?;
            let tx = client.transaction().await?;
            tx.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK_ASIDE])
                .await?;
            let sql =
                "INSERT INTO log (one, origin, vkey) VALUES (1, $1, $2) ON CONFLICT DO NOTHING";
            if tx.execute(sql, &[&identity.origin, &identity.vkey]).await? == 1 {
                for vkey in &identity.keys {
                    let sql = "INSERT INTO log_keys (vkey, since) VALUES ($1, 0)";
                    tx.execute(sql, &[vkey]).await?;
                }
                let sql = "INSERT INTO checkpoints (size, root, note) VALUES (0, $1, $2)";
                tx.execute(sql, &[&root, &first.note]).await?;
            }
            Ok(tx.commit().await?)
        })
    }

    fn group(
        &mut self,
        work: &mut dyn FnMut(&mut dyn Group) -> Result<(), StoreError>,
    ) -> Result<(), GroupError> {
        match &self.lead {
            Some(lead) => self.transaction(&lead.client, work),
            None => {
                // Not one that goes back to the pool in the middle of a transaction.
                let client = self.server.wait(self.server.own_client());
                let client = client.map_err(GroupError::RolledBack)?;
                self.transaction(&client, work)
            }
        }
    }

    fn reads(&self) -> Arc<dyn Reads> {
        Arc::new(PostgresReads::new(self.server.clone()))
    }
}
