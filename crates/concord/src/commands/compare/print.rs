//! A comparison as one document, one line a region, or a paper.

use std::fmt::Write;

use concord_controls::compare::Region;
use concord_licensing::{Gap, ListComparison, ListSide, Pair, Uncompared};
use serde_json::{Value, json};

use super::Edition;

/// A comparison with the names of its sides.
pub(super) struct Printed<'a> {
    editions: &'a [Edition; 2],
    /// `US` and `KR`, or `US@2023-10-01` and `US@2024-01-01`.
    names: [String; 2],
    found: &'a ListComparison,
}

impl<'a> Printed<'a> {
    pub(super) fn new(editions: &'a [Edition; 2], found: &'a ListComparison) -> Self {
        let jurisdiction = |e: &Edition| e.regime.jurisdiction().to_string();
        let [a, b] = editions;
        let names = if jurisdiction(a) == jurisdiction(b) {
            [a, b].map(|e| format!("{}@{}", e.regime.jurisdiction(), e.date))
        } else {
            [a, b].map(jurisdiction)
        };
        Self {
            editions,
            names,
            found,
        }
    }

    fn name(&self, side: ListSide) -> &str {
        match side {
            ListSide::Left => &self.names[0],
            ListSide::Right => &self.names[1],
        }
    }

    fn regions(&self) -> impl Iterator<Item = (&'a Pair, ListSide, &'a Region)> {
        self.found.pairs.iter().flat_map(|pair| {
            let regions = pair.regions();
            regions.map(move |(side, region)| (pair, side, region))
        })
    }

    pub(super) fn json(&self) -> Value {
        let editions = self.editions.iter().map(|edition| {
            json!({
                "jurisdiction": &**edition.regime.jurisdiction(),
                "digest": &**edition.regime.digest(),
                "as_of": edition.date.to_string(),
            })
        });
        let regions = self.regions().map(|(pair, side, region)| {
            let witnesses = region.witnesses.iter();
            json!({
                "entries": self.entries(&pair.left, &pair.right),
                "controlled_by": self.name(side),
                "paragraphs": strings(&region.paragraphs),
                "inequalities": region.inequalities.iter().chain(&region.apart).collect::<Vec<_>>(),
                "witnesses": witnesses.map(|w| w.facts().join(" and ")).collect::<Vec<_>>(),
                "evidence": pair.evidence.as_str(),
                "coverage": coverage(pair.partial),
            })
        });
        let gaps = self.found.gaps.iter().map(|gap| {
            json!({
                "kind": gap.kind.as_str(),
                "controlled_by": self.name(gap.side),
                "code": gap.code,
                "evidence": gap.evidence.as_str(),
                "coverage": coverage(gap.partial),
            })
        });
        let missing = self.found.not_compared.iter().map(|missing| {
            json!({
                "entries": self.entries(&missing.left, &missing.right),
                "reason": missing.why.as_str(),
                "side": missing.why.side().map(|side| self.name(side)),
            })
        });
        json!({
            "editions": editions.collect::<Vec<_>>(),
            "compared": self.found.pairs.len(),
            "regions": regions.collect::<Vec<_>>(),
            "scope_gaps": gaps.collect::<Vec<_>>(),
            "not_compared": missing.collect::<Vec<_>>(),
        })
    }

    fn entries(&self, left: &[String], right: &[String]) -> Vec<Value> {
        let sides = [(ListSide::Left, left), (ListSide::Right, right)];
        let entries = sides.into_iter().flat_map(|(side, codes)| {
            codes
                .iter()
                .map(move |code| json!({"jurisdiction": self.name(side), "code": code}))
        });
        entries.collect()
    }

    /// One line a region; what one side alone has and what is missing, after it.
    pub(super) fn text(&self) -> String {
        let mut out = String::new();
        // Writing to a `String` does not fail.
        for (pair, side, region) in self.regions() {
            let _ = writeln!(
                out,
                "{}  {} only: {}{}  [{}]",
                self.heading(pair),
                self.name(side),
                conjunction(region),
                example(region),
                basis(pair),
            );
        }
        for gap in &self.found.gaps {
            let _ = writeln!(
                out,
                "{}  {} only: {}",
                gap.code,
                self.name(gap.side),
                gap_word(gap)
            );
        }
        let _ = writeln!(out, "{}", self.summary());
        for (reason, count) in self.reasons() {
            let _ = writeln!(out, "not compared, {reason}: {count}");
        }
        let burdens = "burdens by destination are not part of this comparison; `concord determine` answers for an item";
        let _ = writeln!(out, "{burdens}");
        out
    }

    fn heading(&self, pair: &Pair) -> String {
        let (left, right) = (pair.left.join(", "), pair.right.join(", "));
        if left == right {
            left
        } else {
            format!("{left} / {right}")
        }
    }

    fn summary(&self) -> String {
        let [a, b] = self.editions;
        let same = self.found.pairs.iter().filter(|p| p.comparison.is_same());
        format!(
            "{} on {} and {} on {}: {} pairs compared, {} without a difference, {} regions, {} on one side only",
            a.regime.jurisdiction(),
            a.date,
            b.regime.jurisdiction(),
            b.date,
            self.found.pairs.len(),
            same.count(),
            self.regions().count(),
            self.found.gaps.len(),
        )
    }

    /// Why something is missing, with how often.
    fn reasons(&self) -> Vec<(String, usize)> {
        let mut reasons: Vec<(String, usize)> = Vec::new();
        for missing in &self.found.not_compared {
            let reason = self.reason(missing);
            match reasons.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, count)) => *count += 1,
                None => reasons.push((reason, 1)),
            }
        }
        reasons
    }

    fn reason(&self, missing: &Uncompared) -> String {
        let word = missing.why.as_str();
        match missing.why.side() {
            Some(side) => format!("{word} of {}", self.name(side)),
            None => word.to_owned(),
        }
    }

    /// The same as a paper: a table of regions, a table of gaps, what is missing.
    pub(super) fn markdown(&self) -> String {
        let mut out = format!(
            "# {} and {}\n\n{}.\n",
            self.names[0],
            self.names[1],
            self.summary()
        );
        out.push_str("\n## Controlled on one side only\n\n");
        out.push_str(
            "| entries | controlled by | items | example | basis |\n|---|---|---|---|---|\n",
        );
        for (pair, side, region) in self.regions() {
            let example = region.witnesses.first().map(|w| w.facts().join("; "));
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} | {} |",
                self.heading(pair),
                self.name(side),
                cell(&conjunction(region)),
                cell(&example.unwrap_or_default()),
                basis(pair),
            );
        }
        out.push_str("\n## Entries on one side only\n\n| code | controlled by | kind | basis |\n|---|---|---|---|\n");
        for gap in &self.found.gaps {
            let _ = writeln!(
                out,
                "| {} | {} | {} | {}, {} |",
                gap.code,
                self.name(gap.side),
                gap.kind.as_str(),
                gap.evidence.as_str(),
                coverage(gap.partial),
            );
        }
        out.push_str("\n## Not compared\n\n| entries | why |\n|---|---|\n");
        for missing in &self.found.not_compared {
            let codes: Vec<&str> = missing
                .left
                .iter()
                .chain(&missing.right)
                .map(String::as_str)
                .collect();
            let _ = writeln!(out, "| {} | {} |", codes.join(", "), self.reason(missing));
        }
        out
    }
}

/// A bar would end the cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn conjunction(region: &Region) -> String {
    if region.inequalities.is_empty() {
        return "every item".to_owned();
    }
    let parts = region.inequalities.iter().map(|part| {
        if part.contains(" or ") {
            format!("({part})")
        } else {
            part.clone()
        }
    });
    let above = if region.apart.is_empty() {
        ""
    } else {
        ", as far as not named above"
    };
    format!("{}{above}", parts.collect::<Vec<_>>().join(" and "))
}

fn example(region: &Region) -> String {
    let witness = region.witnesses.first();
    witness.map_or_else(String::new, |witness| {
        format!("; for example {}", witness.facts().join(", "))
    })
}

fn basis(pair: &Pair) -> String {
    format!("{}, {}", pair.evidence.as_str(), coverage(pair.partial))
}

fn gap_word(gap: &Gap) -> String {
    let (kind, evidence) = (gap.kind.as_str(), gap.evidence.as_str());
    format!("{kind}  [{evidence}, {}]", coverage(gap.partial))
}

const fn coverage(partial: bool) -> &'static str {
    if partial { "partial" } else { "full" }
}

fn strings(codes: &[std::sync::Arc<str>]) -> Vec<&str> {
    codes.iter().map(|code| &**code).collect()
}
