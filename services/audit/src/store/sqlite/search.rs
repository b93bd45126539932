//! Searching: newest first, block by block where marks are asked for.

use std::ops::Range;

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params_from_iter};

use super::super::row::unsigned;
use super::super::{Filter, Found, StoreError};
use super::{BLOCK, marks, rows};
use crate::record::Logged;

/// No further record is put on a page that has this many bytes of contents.
const PAGE_BYTES: usize = 1024 * 1024;

/// Records that one call looks at, so that it stays short when what is asked for is rare among what has its
/// marks. The next page goes on there.
const MOST_CANDIDATES: usize = 8 * 1024;

/// A page, newest first, of the log at one moment.
pub(super) fn search(
    connection: &Connection,
    filter: &Filter,
    before: u64,
    limit: u32,
) -> Result<Found, StoreError> {
    // The writer packs blocks meanwhile.
    let moment = connection.unchecked_transaction()?;
    let range = indexes(&moment, filter, before)?;
    let query = Query {
        connection: &moment,
        filter,
        limit: limit as usize,
    };
    match filter.terms.is_empty() {
        true => query.page(range),
        false => query.blocks(range),
    }
}

/// The indexes that the times allow: times never decrease along the log.
fn indexes(
    connection: &Connection,
    filter: &Filter,
    before: u64,
) -> Result<Range<i64>, StoreError> {
    let newest = "SELECT max(idx) FROM records";
    let newest: Option<i64> = connection
        .prepare_cached(newest)?
        .query_row([], |row| row.get(0))?;
    let newest = newest.map_or(0, |index| index + 1);
    // The first record that is not before that time.
    let not_before = |time: u64| -> Result<i64, StoreError> {
        let time = i64::try_from(time).unwrap_or(i64::MAX);
        let sql = "SELECT time FROM records WHERE idx >= ?1 ORDER BY idx LIMIT 1";
        let mut statement = connection.prepare_cached(sql)?;
        let (mut low, mut high) = (0, newest);
        while low < high {
            let middle = low + (high - low) / 2;
            let found: Option<i64> = statement.query_row([middle], |row| row.get(0)).optional()?;
            match found.is_some_and(|found| found < time) {
                true => low = middle + 1,
                false => high = middle,
            }
        }
        Ok(low)
    };
    let mut end = i64::try_from(before).unwrap_or(i64::MAX).min(newest);
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
        let open = marks::oldest_open(self.connection)?.unwrap_or(i64::MAX);
        let mut found = Found::default();
        let (mut end, mut looked, mut bytes) = (range.end, 0, 0);
        while end > range.start {
            let block = (end - 1) / BLOCK;
            let begin = (block * BLOCK).max(range.start);
            for place in self.places(block, block >= open)?.into_iter().rev() {
                let index = block * BLOCK + i64::from(place);
                if !(begin..end).contains(&index) {
                    continue;
                }
                looked += 1;
                let Some(logged) = self.candidate(index)? else {
                    continue;
                };
                if found.records.len() >= self.limit || bytes > PAGE_BYTES {
                    found.next = found.records.last().map(|logged| logged.index);
                    return Ok(found);
                }
                bytes += logged.record.size();
                found.records.push(logged);
            }
            end = begin;
            looked += 1; // a block that is passed by costs about what a candidate does
            let enough = found.records.len() >= self.limit || looked >= MOST_CANDIDATES;
            if enough && end > range.start {
                found.next = Some(unsigned(end)?);
                return Ok(found);
            }
        }
        Ok(found)
    }

    /// Where in a block are records with all the marks, ascending.
    fn places(&self, block: i64, open: bool) -> Result<Vec<u16>, StoreError> {
        let given = match open {
            true => marks::open(self.connection, block)?,
            false => Vec::new(),
        };
        let mut all: Option<Vec<u16>> = None;
        for term in self.filter.terms.iter().map(|term| term.number()) {
            let of_term: Vec<u16> = match open {
                true => {
                    let of_term = given.iter().filter(|(found, _)| *found == term);
                    of_term.map(|(_, place)| *place).collect()
                }
                false => marks::packed(self.connection, block, term)?,
            };
            let both = match all {
                None => of_term,
                Some(mut earlier) => {
                    earlier.retain(|place| of_term.binary_search(place).is_ok());
                    earlier
                }
            };
            if both.is_empty() {
                return Ok(both);
            }
            all = Some(both);
        }
        Ok(all.unwrap_or_default())
    }

    /// A record that has the marks, if it is of a kind that is asked for and about what is asked for.
    fn candidate(&self, index: i64) -> Result<Option<Logged>, StoreError> {
        let sql = rows::WITHOUT_BODY_BY_INDEX;
        let logged = rows::all(self.connection, sql, [index])?.pop();
        let filter = self.filter;
        Ok(logged.filter(|Logged { record, .. }| {
            (filter.kinds.is_empty() || filter.kinds.contains(&record.kind))
                && (filter.about.is_none() || filter.about == record.about)
        }))
    }

    /// The matching records of a range of indexes.
    fn page(&self, range: Range<i64>) -> Result<Found, StoreError> {
        let (sql, values) = self.sql(&range);
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params_from_iter(values))?;
        let (mut found, mut bytes) = (Found::default(), 0);
        while let Some(row) = rows.next()? {
            let last = found.records.last().map(|logged: &Logged| logged.index);
            if found.records.len() >= self.limit || bytes > PAGE_BYTES {
                found.next = last;
                break;
            }
            let logged = rows::logged(row)?;
            bytes += logged.record.size();
            found.records.push(logged);
        }
        Ok(found)
    }

    fn sql(&self, range: &Range<i64>) -> (String, Vec<Value>) {
        let filter = self.filter;
        let indexes = [Value::Integer(range.start), Value::Integer(range.end)];
        let mut sql = format!(
            "{} WHERE r.idx >= ? AND r.idx < ?",
            rows::SELECT_WITHOUT_BODY
        );
        let mut values = indexes.to_vec();
        // One more than asked for: its presence says that there is a next page.
        let limit = Value::Integer(self.limit as i64 + 1);
        if let Some(about) = filter.about {
            sql.push_str(" AND r.about = ?");
            values.push(Value::Blob(about.as_bytes().to_vec()));
        }
        let kinds = filter.kinds.iter().map(|kind| kind.number().into());
        let kinds: Vec<Value> = kinds.map(Value::Integer).collect();
        if !kinds.is_empty() && filter.about.is_some() {
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
        sql.push_str(" ORDER BY r.idx DESC LIMIT ?");
        values.push(limit);
        (sql, values)
    }
}
