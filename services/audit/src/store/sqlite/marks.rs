//! Marks of the blind index: a row a commit while their block fills, then packed once, in the order of the index.
//! So a mark costs a commit no page of its own.

use std::ops::Range;

use rusqlite::{Connection, OptionalExtension};

use super::super::StoreError;
use super::BLOCK;

/// A mark in a row of a commit: eight bytes, and two for its place in the block.
const MARK: usize = 10;

/// Writes marks of records, `(index, mark)` by ascending index.
pub(super) fn write(connection: &Connection, marks: &[(i64, i64)]) -> Result<(), StoreError> {
    for of_block in marks.chunk_by(|(a, _), (b, _)| a / BLOCK == b / BLOCK) {
        let Some((first, _)) = of_block.first() else {
            continue;
        };
        let mut bytes = Vec::with_capacity(of_block.len() * MARK);
        for (index, term) in of_block {
            bytes.extend_from_slice(&term.to_be_bytes());
            bytes.extend_from_slice(&place(*index).to_be_bytes());
        }
        let sql = "INSERT INTO open_terms (idx, marks) VALUES (?1, ?2)";
        connection.prepare_cached(sql)?.execute((first, bytes))?;
    }
    Ok(())
}

/// Packs the blocks that are full in a log of that many records.
pub(super) fn pack(connection: &Connection, records: i64) -> Result<(), StoreError> {
    while let Some(block) = oldest_open(connection)?
        && (block + 1) * BLOCK <= records
    {
        let mut marks = open(connection, block)?;
        marks.sort_unstable();
        marks.dedup();
        let sql = "INSERT INTO terms (block, term, places) VALUES (?1, ?2, ?3)";
        let mut insert = connection.prepare_cached(sql)?;
        for of_term in marks.chunk_by(|(a, _), (b, _)| a == b) {
            let places: Vec<u8> = of_term
                .iter()
                .flat_map(|(_, place)| place.to_be_bytes())
                .collect();
            let term = of_term.first().map_or(0, |(term, _)| *term);
            insert.execute((block, term, places))?;
        }
        let sql = "DELETE FROM open_terms WHERE idx >= ?1 AND idx < ?2";
        let Range { start, end } = indexes(block);
        connection.prepare_cached(sql)?.execute((start, end))?;
    }
    Ok(())
}

/// The first block that is not packed.
pub(super) fn oldest_open(connection: &Connection) -> Result<Option<i64>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT min(idx) FROM open_terms")?;
    let first: Option<i64> = statement.query_row([], |row| row.get(0))?;
    Ok(first.map(|index| index / BLOCK))
}

/// The marks of a block that is not packed, each with its place.
pub(super) fn open(connection: &Connection, block: i64) -> Result<Vec<(i64, u16)>, StoreError> {
    let sql = "SELECT marks FROM open_terms WHERE idx >= ?1 AND idx < ?2 ORDER BY idx";
    let Range { start, end } = indexes(block);
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query((start, end))?;
    let mut marks = Vec::new();
    while let Some(row) = rows.next()? {
        let bytes = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
        let (given, rest) = bytes.as_chunks::<MARK>();
        if !rest.is_empty() {
            return Err(damaged(block));
        }
        for [a, b, c, d, e, f, g, h, high, low] in given {
            let term = i64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h]);
            marks.push((term, u16::from_be_bytes([*high, *low])));
        }
    }
    Ok(marks)
}

/// The places in a packed block that have that mark, ascending.
pub(super) fn packed(
    connection: &Connection,
    block: i64,
    term: i64,
) -> Result<Vec<u16>, StoreError> {
    let sql = "SELECT places FROM terms WHERE block = ?1 AND term = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let places: Option<Vec<u8>> = statement
        .query_row((block, term), |row| row.get(0))
        .optional()?;
    let places = places.unwrap_or_default();
    let (places, rest) = places.as_chunks::<2>();
    match rest.is_empty() {
        true => Ok(places
            .iter()
            .map(|place| u16::from_be_bytes(*place))
            .collect()),
        false => Err(damaged(block)),
    }
}

/// The indexes of a block.
fn indexes(block: i64) -> Range<i64> {
    block * BLOCK..(block + 1) * BLOCK
}

/// Where in its block a record stands: a block has 1,024.
fn place(index: i64) -> u16 {
    u16::try_from(index % BLOCK).unwrap_or(u16::MAX)
}

fn damaged(block: i64) -> StoreError {
    StoreError::Damaged(format!("the marks of block {block} cannot be read"))
}
