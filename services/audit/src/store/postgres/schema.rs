//! The tables, by version, and who may do what with them.
//!
//! The role that migrates owns them; the service's role can read, add, and change only what is not
//! the log itself. There is no way back: a program refuses tables of a later version than its own
//! by name, and going back to it means restoring the backup that was made before the migration.

use deadpool_postgres::Object;
use tokio_postgres::error::SqlState;

use super::{PostgresError, PostgresSettings, Server};
use crate::store::StoreError;

/// The version that this program reads and writes.
pub const SCHEMA_VERSION: i32 = 1;

/// What leads from each version to the next.
const STEPS: [&str; SCHEMA_VERSION as usize] = [include_str!("schema/1.sql")];

/// Whoever migrates holds this, so that two do not at once.
pub(super) const LOCK_MIGRATE: i64 = 0x434e_4341_0001;
/// The sequencer holds this as long as it is one.
pub(super) const LOCK_SEQUENCER: i64 = 0x434e_4341_0002;
/// Replicas begin one after the other.
pub(super) const LOCK_START: i64 = 0x434e_4341_0004;
/// What is no record is written by one transaction at a time.
pub(super) const LOCK_ASIDE: i64 = 0x434e_4341_0003;

/// The version of the tables; none: there are none.
async fn version(client: &Object) -> Result<Option<i32>, tokio_postgres::Error> {
    match client
        .query_opt("SELECT version FROM concord.schema_version", &[])
        .await
    {
        Ok(row) => Ok(row.map(|row| row.get(0))),
        Err(error) if missing(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

fn missing(error: &tokio_postgres::Error) -> bool {
    let code = error.code();
    code == Some(&SqlState::UNDEFINED_TABLE) || code == Some(&SqlState::INVALID_SCHEMA_NAME)
}

/// Refuses tables of another version.
pub(super) async fn check(client: &Object, place: &str) -> Result<(), PostgresError> {
    let place = place.to_owned();
    match version(client).await {
        Ok(None) => Err(PostgresError::Absent(place)),
        Ok(Some(SCHEMA_VERSION)) => Ok(()),
        Ok(Some(found)) if found > SCHEMA_VERSION => {
            Err(PostgresError::NewerSchema { place, found })
        }
        Ok(Some(found)) => Err(PostgresError::OlderSchema { place, found }),
        Err(error) => {
            let problem = StoreError::from(error).to_string();
            Err(PostgresError::Connect { place, problem })
        }
    }
}

/// Brings the tables to this program's version, in one transaction, as the role in `settings`, and
/// gives the role `service` its rights. Gives the versions before and after. Blocks.
///
/// # Errors
/// Tables of a later version, a role without the rights to make tables, a role `service` that is
/// not there or owns the tables.
pub fn migrate(settings: &PostgresSettings, service: &str) -> Result<(i32, i32), PostgresError> {
    let server = Server::reach(settings)?;
    let failed = |error: tokio_postgres::Error| server.failed(&StoreError::from(error));
    server.wait(async {
        let mut client = server
            .client()
            .await
            .map_err(|e| server.failed(&StoreError::from(e)))?;
        let lock = "SELECT pg_advisory_lock($1)";
        client
            .execute(lock, &[&LOCK_MIGRATE])
            .await
            .map_err(failed)?;
        let before = version(&client).await.map_err(failed)?.unwrap_or(0);
        if before > SCHEMA_VERSION {
            let place = server.place().to_owned();
            return Err(PostgresError::NewerSchema {
                place,
                found: before,
            });
        }
        let sql =
            "SELECT quote_ident(rolname), rolname = current_user FROM pg_roles WHERE rolname = $1";
        let Some(row) = client.query_opt(sql, &[&service]).await.map_err(failed)? else {
            return Err(server.failed(&format!("there is no role `{service}` for the service")));
        };
        let (role, owner): (String, bool) = (row.get(0), row.get(1));
        if owner {
            let text =
                format!("the service's role `{service}` must not be the one that owns the tables");
            return Err(server.failed(&text));
        }
        let tx = client.transaction().await.map_err(failed)?;
        for step in STEPS.iter().skip(usize::try_from(before).unwrap_or(0)) {
            tx.batch_execute(step).await.map_err(failed)?;
        }
        let set = "UPDATE concord.schema_version SET version = $1";
        tx.execute(set, &[&SCHEMA_VERSION]).await.map_err(failed)?;
        let rights = include_str!("schema/rights.sql").replace(":service", &role);
        tx.batch_execute(&rights).await.map_err(failed)?;
        tx.commit().await.map_err(failed)?;
        Ok((before, SCHEMA_VERSION))
    })
}
