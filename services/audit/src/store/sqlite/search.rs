//! Searching: newest first, block by block where marks are asked for.

use std::ops::Range;

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params_from_iter};

use super::super::row::unsigned;
use super::super::{Filter, Found, StoreError};
use super::{BLOCK, rows};

/// No further record is put on a page that has this many bytes of contents.
const PAGE_BYTES: usize = 1024 * 1024;

/// Records that one call looks at, so that it stays short when what is asked for is rare among what has one of
/// its marks. The next page goes on there.
const MOST_CANDIDATES: i64 = 8 * 1024;

/// A page, newest first.
pub(super) fn search(
    connection: &Connection,
    filter: &Filter,
    before: u64,
    limit: u32,
) -> Result<Found, StoreError> {
    let range = indexes(connection, filter, before)?;
    let query = Query {
        connection,
        filter,
        limit: limit as usize,
    };
    match filter.terms.is_empty() {
        true => query.page(Found::default(), range).map(|(found, _)| found),
        false => query.blocks(range),
    }
}

/// The indexes that the times allow: times never decrease along the log.
fn indexes(
    connection: &Connection,
    filter: &Filter,
    before: u64,
) -> Result<Range<i64>, StoreError> {
    let not_before = |time: u64| -> Result<i64, StoreError> {
        let time = i64::try_from(time).unwrap_or(i64::MAX);
        let sql = "SELECT idx FROM records WHERE time >= ?1 ORDER BY time, idx LIMIT 1";
        let mut statement = connection.prepare_cached(sql)?;
        let found = statement.query_row([time], |row| row.get(0)).optional()?;
        Ok(found.unwrap_or(i64::MAX))
    };
    let newest = "SELECT max(idx) FROM records";
    let newest: Option<i64> = connection
        .prepare_cached(newest)?
        .query_row([], |row| row.get(0))?;
    let mut end = i64::try_from(before).unwrap_or(i64::MAX);
    end = end.min(newest.map_or(0, |index| index + 1));
    if let Some(to) = filter.to {
        end = end.min(not_before(to)?);
    }
    let begin = filter.from.map_or(Ok(0), not_before)?;
    Ok(begin..end)
}

struct Query<'a> {
    connection: &'a Connection,
    filter: &'a Filter,
    limit: usize,
}

impl Query<'_> {
    /// One block after the other, each only if it has all the marks.
    fn blocks(&self, range: Range<i64>) -> Result<Found, StoreError> {
        let mut found = Found::default();
        let (mut end, mut looked) = (range.end, 0);
        while end > range.start {
            let block = (end - 1) / BLOCK;
            let begin = (block * BLOCK).max(range.start);
            let candidates = self.candidates(block)?;
            if candidates > 0 {
                let whole;
                (found, whole) = self.page(found, begin..end)?;
                if !whole {
                    return Ok(found);
                }
            }
            end = begin;
            looked += candidates + 1; // a block that is passed by costs about what a candidate does
            if (found.records.len() >= self.limit || looked >= MOST_CANDIDATES) && end > range.start
            {
                found.next = Some(unsigned(end)?);
                return Ok(found);
            }
        }
        Ok(found)
    }

    /// How many records of a block have the first mark; 0 if one of the marks is not in it.
    fn candidates(&self, block: i64) -> Result<i64, StoreError> {
        let sql = "SELECT 1 FROM terms WHERE block = ?1 AND term = ?2 LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        for term in &self.filter.terms {
            if !statement.exists((block, term.number()))? {
                return Ok(0);
            }
        }
        let first = self.filter.terms.first().map_or(0, |term| term.number());
        let sql = "SELECT count(*) FROM terms WHERE block = ?1 AND term = ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row((block, first), |row| row.get(0))?)
    }

    /// Adds the matching records of `range` to `found`; false when the page is full before its end.
    fn page(&self, mut found: Found, range: Range<i64>) -> Result<(Found, bool), StoreError> {
        let (sql, values) = self.sql(&range);
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params_from_iter(values))?;
        let mut bytes: usize = found.records.iter().map(|l| l.record.size()).sum();
        while let Some(row) = rows.next()? {
            let last = found.records.last().map(|logged| logged.index);
            if found.records.len() >= self.limit || bytes > PAGE_BYTES {
                found.next = last;
                return Ok((found, false));
            }
            let logged = rows::logged(row)?;
            bytes += logged.record.size();
            found.records.push(logged);
        }
        Ok((found, true))
    }

    /// The records of a range of indexes, within one block where there are marks.
    fn sql(&self, range: &Range<i64>) -> (String, Vec<Value>) {
        let filter = self.filter;
        let (mut sql, mut values) = (rows::SELECT_WITHOUT_BODY.to_owned(), Vec::new());
        let indexes = [Value::Integer(range.start), Value::Integer(range.end)];
        let block = Value::Integer(range.start / BLOCK);
        // One more than asked for: its presence says that there is a next page.
        let limit = Value::Integer(self.limit as i64 + 1);
        let mut order = "r.idx";
        if let Some((first, others)) = filter.terms.split_first() {
            // The order of the joins is ours: from the marks to the records.
            sql = sql.replace(rows::FROM, rows::FROM_TERMS);
            sql.push_str(" WHERE t.block = ? AND t.term = ? AND t.idx >= ? AND t.idx < ?");
            values.extend([block.clone(), Value::Integer(first.number())]);
            values.extend(indexes.clone());
            for term in others {
                sql.push_str(
                    " AND EXISTS (SELECT 1 FROM terms o WHERE o.block = ? AND o.term = ? \
                     AND o.idx = t.idx)",
                );
                values.extend([block.clone(), Value::Integer(term.number())]);
            }
            order = "t.idx";
        } else {
            sql.push_str(" WHERE r.idx >= ? AND r.idx < ?");
            values.extend(indexes.clone());
        }
        if let Some(about) = filter.about {
            sql.push_str(" AND r.about = ?");
            values.push(Value::Blob(about.as_bytes().to_vec()));
        }
        let kinds = filter.kinds.iter().map(|kind| kind.number().into());
        let kinds: Vec<Value> = kinds.map(Value::Integer).collect();
        if !kinds.is_empty() && (!filter.terms.is_empty() || filter.about.is_some()) {
            let marks = vec!["?"; kinds.len()].join(", ");
            sql.push_str(&format!(" AND +r.kind IN ({marks})"));
            values.extend(kinds);
        } else if !kinds.is_empty() {
            // The newest of each kind by its index: else a rare kind would be looked for everywhere.
            let newest = "SELECT idx FROM (SELECT idx FROM records WHERE kind = ? AND idx >= ? \
                          AND idx < ? ORDER BY idx DESC LIMIT ?)";
            let all = vec![newest; kinds.len()].join(" UNION ALL ");
            sql.push_str(&format!(" AND r.idx IN ({all})"));
            for kind in kinds {
                values.push(kind);
                values.extend(indexes.clone());
                values.push(limit.clone());
            }
        }
        sql.push_str(&format!(" ORDER BY {order} DESC LIMIT ?"));
        values.push(limit);
        (sql, values)
    }
}
