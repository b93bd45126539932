//! Searching, newest first.

use deadpool_postgres::ClientWrapper;
use tokio_postgres::types::ToSql;

use super::super::row::unsigned;
use super::super::{Filter, Found, StoreError};
use super::rows;

/// No further record is put on a page that has this many bytes of contents.
const PAGE_BYTES: usize = 1024 * 1024;

/// Records with the first mark that one call looks at, so that it stays short when what is asked for is rare
/// among them. The next page goes on there.
const MOST_CANDIDATES: i64 = 8 * 1024;

/// A page.
pub(super) async fn page(
    client: &ClientWrapper,
    filter: &Filter,
    before: u64,
    limit: u32,
) -> Result<Found, StoreError> {
    let (begin, end) = indexes(client, filter, before).await?;
    if filter.terms.is_empty() {
        let condition = "WHERE l.idx >= $1 AND l.idx < $2";
        return records(client, filter, condition, &[&begin, &end], limit).await;
    }
    let Candidates { matching, next } = candidates(client, filter, begin, end).await?;
    let condition = "WHERE l.idx = ANY($1)";
    let mut found = records(client, filter, condition, &[&matching], limit).await?;
    if found.next.is_none() {
        found.next = next;
    }
    Ok(found)
}

/// The indexes that the times allow: times never decrease along the log.
async fn indexes(
    client: &ClientWrapper,
    filter: &Filter,
    before: u64,
) -> Result<(i64, i64), StoreError> {
    let sql = "SELECT idx FROM leaves WHERE time >= $1 ORDER BY time, idx LIMIT 1";
    let statement = client.prepare_cached(sql).await?;
    let (mut begin, mut end) = (0, i64::try_from(before).unwrap_or(i64::MAX));
    if let Some(to) = filter.to {
        let to = i64::try_from(to).unwrap_or(i64::MAX);
        if let Some(row) = client.query_opt(&statement, &[&to]).await? {
            end = end.min(row.try_get(0)?);
        }
    }
    if let Some(from) = filter.from {
        let from = i64::try_from(from).unwrap_or(i64::MAX);
        let first = client.query_opt(&statement, &[&from]).await?;
        begin = first.map_or(Ok(i64::MAX), |row| row.try_get(0))?;
    }
    Ok((begin, end))
}

/// Records that have every mark.
struct Candidates {
    matching: Vec<i64>,
    /// Where to go on, if not all that have the first mark were looked at.
    next: Option<u64>,
}

async fn candidates(
    client: &ClientWrapper,
    filter: &Filter,
    begin: i64,
    end: i64,
) -> Result<Candidates, StoreError> {
    let terms: Vec<i64> = filter.terms.iter().map(|term| term.number()).collect();
    let (first, others) = terms.split_first().map_or((0, &[][..]), |(f, o)| (*f, o));
    let sql = "SELECT c.idx, NOT EXISTS (SELECT 1 FROM unnest($4::bigint[]) AS o (term) \
               WHERE NOT EXISTS (SELECT 1 FROM terms t WHERE t.term = o.term AND t.idx = c.idx)) \
               FROM (SELECT idx FROM terms WHERE term = $1 AND idx >= $2 AND idx < $3 \
               ORDER BY idx DESC LIMIT $5) c ORDER BY c.idx DESC";
    let statement = client.prepare_cached(sql).await?;
    let params: [&(dyn ToSql + Sync); 5] = [&first, &begin, &end, &others, &MOST_CANDIDATES];
    let rows = client.query(&statement, &params).await?;
    let mut matching = Vec::new();
    for row in &rows {
        if row.try_get(1)? {
            matching.push(row.try_get(0)?);
        }
    }
    let full = i64::try_from(rows.len()) == Ok(MOST_CANDIDATES);
    let last = rows.last().filter(|_| full).map(|row| row.try_get(0));
    let next = last.transpose()?.map(unsigned).transpose()?;
    Ok(Candidates { matching, next })
}

/// The records that `condition` and the rest of the filter allow.
async fn records(
    client: &ClientWrapper,
    filter: &Filter,
    condition: &str,
    params: &[&(dyn ToSql + Sync)],
    limit: u32,
) -> Result<Found, StoreError> {
    let (mut sql, mut params) = (condition.to_owned(), params.to_vec());
    if let Some(about) = &filter.about {
        params.push(about);
        sql.push_str(&format!(" AND r.about = ${}", params.len()));
    }
    if !filter.kinds.is_empty() {
        // Numbers, in the text: so the planner sees that the index of rare kinds will do.
        let kinds: Vec<String> = filter
            .kinds
            .iter()
            .map(|k| k.number().to_string())
            .collect();
        sql.push_str(&format!(" AND r.kind IN ({})", kinds.join(", ")));
    }
    // One more than asked for: its presence says that there is a next page.
    let fetched = i64::from(limit) + 1;
    params.push(&fetched);
    sql.push_str(&format!(" ORDER BY l.idx DESC LIMIT ${}", params.len()));
    let statement = client.prepare_cached(&rows::select(false, &sql)).await?;
    let rows = client.query(&statement, &params).await?;
    let (mut found, mut bytes) = (Found::default(), 0);
    for row in &rows {
        if found.records.len() >= limit as usize || bytes > PAGE_BYTES {
            found.next = found.records.last().map(|logged| logged.index);
            break;
        }
        let logged = rows::logged(row)?;
        bytes += logged.record.size();
        found.records.push(logged);
    }
    Ok(found)
}
