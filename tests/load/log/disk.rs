//! What the disk and SQLite can do by themselves.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use rusqlite::Connection;
use uuid::Uuid;

/// A file that is written and flushed, 4 KiB at a time.
#[derive(Debug)]
pub struct Flushes(File);

impl Flushes {
    /// A file of 4 MiB in `dir`, so that flushes do not change its length.
    pub fn new(dir: &Path) -> Result<Self> {
        let file = File::options()
            .write(true)
            .create(true)
            .truncate(true)
            .open(dir.join("flush"))?;
        file.write_all_at(&vec![1; 4 << 20], 0)?;
        file.sync_all()?;
        Ok(Self(file))
    }

    /// Writes and flushes for that time; how many times.
    pub fn run(&self, time: Duration) -> Result<u64> {
        let (begun, mut done) = (Instant::now(), 0);
        while begun.elapsed() < time {
            self.0.write_all_at(&[2; 4096], done % 1024 * 4096)?;
            self.0.sync_data()?;
            done += 1;
        }
        Ok(done)
    }
}

/// SQLite alone: one table with an index of keys, WAL, FULL, a fixed number of rows a transaction.
#[derive(Debug)]
pub struct RawSqlite {
    connection: Connection,
    body: Vec<u8>,
    next: i64,
}

impl RawSqlite {
    /// An empty table in `dir` whose rows have bodies of that many bytes.
    pub fn new(dir: &Path, body: usize) -> Result<Self> {
        let connection = Connection::open(dir.join(format!("raw-{body}.sqlite3")))?;
        let mode: String =
            connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
        ensure!(mode == "wal", "the disk takes no write-ahead log");
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.execute_batch(
            "CREATE TABLE log (idx INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, body BLOB NOT NULL)",
        )?;
        Ok(Self {
            connection,
            body: vec![b'x'; body],
            next: 0,
        })
    }

    /// Transactions of `rows` rows for that time; how many rows.
    pub fn run(&mut self, rows: usize, time: Duration) -> Result<u64> {
        let (begun, mut done) = (Instant::now(), 0);
        while begun.elapsed() < time {
            let transaction = self.connection.transaction()?;
            {
                let sql = "INSERT INTO log (idx, key, body) VALUES (?1, ?2, ?3)";
                let mut insert = transaction.prepare_cached(sql)?;
                for _ in 0..rows {
                    insert.execute((self.next, Uuid::new_v4().to_string(), &self.body))?;
                    self.next += 1;
                }
            }
            transaction.commit()?;
            done += rows as u64;
        }
        Ok(done)
    }
}
