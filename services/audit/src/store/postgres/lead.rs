//! Who sequences: the holder of an advisory lock, under an epoch that each taker raises.
//!
//! The lock keeps two from trying at once; the epoch keeps a former one, whose connection or clock
//! has stood still, from writing after another has taken over.

use deadpool_postgres::ClientWrapper;

use super::schema::LOCK_SEQUENCER;
use crate::store::StoreError;

/// The right to sequence, as long as its connection lives and nobody raises the epoch.
pub struct Leading {
    pub(super) client: ClientWrapper,
    pub(super) epoch: i64,
}

impl std::fmt::Debug for Leading {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Leading")
            .field("epoch", &self.epoch)
            .finish()
    }
}

/// Who has the lock.
pub(super) enum Taken {
    Here(Leading),
    /// Another one; the connection serves for the next attempt.
    ByAnother(ClientWrapper),
}

impl Leading {
    /// Tries to become the sequencer.
    ///
    /// # Errors
    /// The database does not answer, or the log must not go on.
    pub(super) async fn take(client: ClientWrapper, holder: &str) -> Result<Taken, StoreError> {
        let lock = "SELECT pg_try_advisory_lock($1)";
        if !client
            .query_one(lock, &[&LOCK_SEQUENCER])
            .await?
            .try_get::<_, bool>(0)?
        {
            return Ok(Taken::ByAnother(client));
        }
        // Waits for a transaction of the former sequencer that has not ended: after this its
        // outcome is known, and none of a lower epoch can begin to write.
        let raise = "UPDATE sequencer SET epoch = epoch + 1, holder = $1 RETURNING epoch";
        let epoch = client.query_one(raise, &[&holder]).await?.try_get(0)?;
        Ok(Taken::Here(Self { client, epoch }))
    }

    /// The epoch, which no other sequencer has or had.
    pub fn epoch(&self) -> i64 {
        self.epoch
    }
}
