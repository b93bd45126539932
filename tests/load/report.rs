//! The table for docs/performance.md.

use crate::measure::Row;

/// Markdown: absolute figures and, against the bare echo at the same number of streams, ratios.
pub fn table(rows: &[Row]) -> String {
    let mut out = String::from(
        "| streams | target | calls/s | of bare echo | p50 ms | p99 ms | server CPU µs/call | above bare echo |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for row in rows {
        let bare = rows
            .iter()
            .find(|r| r.streams == row.streams && r.name == "bare echo");
        let (share, above) = bare.map_or((1.0, 0.0), |b| (row.rate / b.rate, row.cpu - b.cpu));
        out.push_str(&format!(
            "| {} | {} | {:.0} | {:.2} | {:.2} | {:.2} | {:.1} | {:+.1} |\n",
            row.streams, row.name, row.rate, share, row.p50, row.p99, row.cpu, above
        ));
    }
    out
}
