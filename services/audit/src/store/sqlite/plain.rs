//! Encrypting what an earlier version stored as it was: batch by batch, so that an interrupted run goes on
//! where it ended.

use std::collections::BTreeMap;

use concord_tlog::commitment::RecordSecret;
use concord_tlog::hash::Hash;
use concord_tlog::leaf::Leaf;
use rusqlite::{OptionalExtension, Row};

use super::super::StoreError;
use super::write::Tx;
use super::{SqliteStore, rows, schema};
use crate::record::{Contents, named_field};
use crate::vault::Vault;

/// Records of one transaction.
const BATCH: u32 = 256;

impl SqliteStore {
    /// Encrypts what is not encrypted yet and overwrites what it was. Gives how many records that were.
    ///
    /// # Errors
    /// Records that cannot be read, or a database that fails; what is done stays done.
    pub fn encrypt_plain(&mut self, vault: &Vault) -> Result<u64, StoreError> {
        if !schema::is_plain(&self.connection, schema::SCHEMA_VERSION)? {
            return Ok(0);
        }
        let mut done = 0;
        loop {
            let tx = self.connection.transaction()?;
            let mut writer = Tx::new(&tx);
            let mut statement = tx.prepare_cached(
                "SELECT idx, secret, body_type, case_reference, actor, purpose, fields, editions, \
                 body FROM plain_contents ORDER BY idx LIMIT ?1",
            )?;
            let mut plain = statement.query([BATCH])?;
            let mut count = 0;
            while let Some(row) = plain.next()? {
                let index: i64 = row.get(0)?;
                let sql = format!("{} WHERE r.idx = ?1", rows::SELECT_WITHOUT_BODY);
                let logged = tx
                    .prepare_cached(&sql)?
                    .query_row([index], |row| Ok(rows::logged(row)))
                    .optional()?
                    .ok_or_else(|| rows::damaged(index, "it has contents and is not there"))??;
                // What was stored as the mark was the digest itself.
                let digest = logged.record.request_mark;
                let contents = contents(index, row, digest)?;
                let leaf =
                    Leaf::decode(&logged.leaf).map_err(|e| rows::damaged(index, &e.to_string()))?;
                let sealed = vault.seal(&leaf, &contents);
                let sealed = sealed.map_err(|error| StoreError::Backend(Box::new(error)))?;
                let terms = vault.terms(&logged.record, &contents);
                writer.insert_contents(index, &sealed, &terms)?;
                let sql = "UPDATE records SET request_digest = ?2 WHERE idx = ?1";
                let mark = vault.request_mark(&digest);
                tx.prepare_cached(sql)?.execute((index, mark.as_slice()))?;
                let sql = "DELETE FROM plain_contents WHERE idx = ?1";
                tx.prepare_cached(sql)?.execute([index])?;
                count += 1;
            }
            drop(plain);
            drop(statement);
            writer.write_marks()?;
            if count == 0 {
                tx.execute_batch("DROP TABLE plain_contents")?;
            }
            tx.commit()?;
            done += count;
            if count == 0 {
                break;
            }
        }
        // The write-ahead log still holds pages as they were.
        let sql = "PRAGMA wal_checkpoint(TRUNCATE)";
        self.connection.query_row(sql, [], |_| Ok(()))?;
        Ok(done)
    }
}

/// Contents as version 2 stored them.
fn contents(index: i64, row: &Row<'_>, request_digest: [u8; 32]) -> Result<Contents, StoreError> {
    let wrong = |what: &str| rows::damaged(index, what);
    let secret: Vec<u8> = row.get(1)?;
    let secret = secret.try_into();
    let secret = secret.map_err(|_| wrong("its secret is not 32 bytes long"))?;
    let fields: BTreeMap<String, String> = serde_json::from_str(&row.get::<_, String>(6)?)
        .map_err(|_| wrong("its fields cannot be read"))?;
    let editions: BTreeMap<String, String> = serde_json::from_str(&row.get::<_, String>(7)?)
        .map_err(|_| wrong("its editions cannot be read"))?;
    Ok(Contents {
        secret: RecordSecret::from_bytes(secret),
        request_digest,
        body_type: row.get(2)?,
        body: row.get(8)?,
        case_reference: row.get(3)?,
        actor: row.get(4)?,
        purpose: row.get(5)?,
        fields: fields
            .into_iter()
            .map(|(name, value)| Some((named_field(&name)?, value)))
            .collect::<Option<_>>()
            .ok_or_else(|| wrong("it has a field that is not known"))?,
        editions: editions
            .into_iter()
            .map(|(name, digest)| Some((name, Hash::from_hex(&digest).ok()?)))
            .collect::<Option<_>>()
            .ok_or_else(|| wrong("the digest of an edition cannot be read"))?,
    })
}
