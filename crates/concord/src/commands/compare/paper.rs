//! A comparison as the paper of a working group: what matters most, pictures, every difference, what is missing.

use std::fmt::Write;

use concord_controls::compare::{Comparer, Plane};
use concord_controls::entry::Code;
use concord_licensing::Weighed;

use super::picture;
use super::print::{Printed, main_burden};
use crate::report::Language;

/// Differences of the first table.
const FIRST: usize = 25;
/// Pictures at most.
const PICTURES: usize = 8;

impl Printed<'_> {
    pub(super) fn markdown(&self, language: Language) -> String {
        let [a, b] = &self.names;
        let mut out = format!("# {a} and {b}\n\n{}.\n\n", self.summary());
        self.basis_of_all(&mut out);
        out.push_str("\n## What affects the most destinations\n\n");
        let affecting = self.weighed.iter().filter(|w| w.affected() > 0).count();
        let _ = writeln!(
            out,
            "{affecting} of {} differences make the side that controls ask more for some destination. The first {}:\n",
            self.weighed.len(),
            self.weighed.len().min(FIRST),
        );
        self.table(self.weighed.iter().take(FIRST), language, &mut out);
        self.pictures(language, &mut out);
        if self.weighed.len() > FIRST {
            out.push_str("\n## The other differences\n\n");
            self.table(self.weighed.iter().skip(FIRST), language, &mut out);
        }
        out.push_str("\n## Not compared\n\n");
        for (reason, count) in self.reasons() {
            let _ = writeln!(out, "- {reason}: {count}");
        }
        out.push_str("\n| entries | why |\n|---|---|\n");
        for missing in &self.found.not_compared {
            let codes = missing.left.iter().chain(&missing.right);
            let codes: Vec<&str> = codes.map(String::as_str).collect();
            let _ = writeln!(out, "| {} | {} |", codes.join(", "), self.reason(missing));
        }
        out
    }

    fn basis_of_all(&self, out: &mut String) {
        for at in self.laws {
            let _ = writeln!(
                out,
                "- {} read at {}, edition `{}`",
                at.law.jurisdiction(),
                at.date,
                at.law.digest()
            );
        }
        out.push_str(
            "- Burdens are those of an export from each side's own territory, with clean parties and nothing else known than the example. \
             An example is made up; both lists' evaluation confirmed it.\n\
             - `partial`: thresholds of a side are unverified or incomplete. This paper is no legal advice.\n",
        );
    }

    fn table<'w>(
        &self,
        rows: impl Iterator<Item = &'w Weighed>,
        language: Language,
        out: &mut String,
    ) {
        out.push_str(
            "| destinations | entries | controlled by | items | example | burdens | kind, basis |\n|---:|---|---|---|---|---|---|\n",
        );
        for one in rows {
            let example = one
                .region()
                .and_then(|(_, region)| region.witnesses.first());
            let example = example.map(|witness| witness.facts().join("; "));
            let burden = main_burden(one).map(|pair| self.burden(pair, false));
            let title = self.title(one, language);
            let title = title.map(|title| format!(" ({title})"));
            let _ = writeln!(
                out,
                "| {} | {}{} | {} | {} | {} | {} | {}, {} |",
                one.affected(),
                self.heading(one),
                cell(&title.unwrap_or_default()),
                self.name(one.side),
                cell(&self.items(one)),
                cell(&example.unwrap_or_default()),
                burden.unwrap_or_default(),
                one.kind.as_str(),
                self.basis(one),
            );
        }
    }

    /// Regions of two parameters, in the order of the tables, each plane once.
    fn pictures(&self, language: Language, out: &mut String) {
        let [left, right] = self.laws.map(|at| at.law.regime().at(at.date));
        // Both lists were compared: their vocabularies are the same.
        let Ok(mut comparer) = Comparer::new(left, right) else {
            return;
        };
        let mut drawn: Vec<(String, Plane)> = Vec::new();
        for one in &self.weighed {
            let Some((pair, region)) = one.region() else {
                continue;
            };
            let Some(plane) = comparer.plane(&codes(&pair.left), &codes(&pair.right), region)
            else {
                continue;
            };
            let heading = self.heading(one);
            if drawn
                .iter()
                .any(|(known, same)| *known == heading && *same == plane)
            {
                continue;
            }
            if drawn.is_empty() {
                out.push_str("\n## Pictures\n\n");
                out.push_str(
                    "Each shows two parameters; what the example of the region says beside them stays as it is, and what it does not say does not hold. \
                     Thresholds stand at equal distances, not to scale.\n",
                );
            }
            let number = drawn.len() + 1;
            let _ = writeln!(
                out,
                "\n### Picture {number}: {heading}\n\n{}\nThe region that {} alone controls: {}.",
                picture::svg(&plane, &self.names, &heading, number, language),
                self.name(one.side),
                self.items(one),
            );
            drawn.push((heading, plane));
            if drawn.len() == PICTURES {
                break;
            }
        }
    }
}

fn codes(texts: &[String]) -> Vec<Code> {
    texts.iter().filter_map(|text| Code::parse(text)).collect()
}

/// A bar would end the cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
