//! A comparison on a terminal: one line a difference, those that affect the most destinations first.

use std::fmt::Write;

use concord_licensing::Weighed;

use super::print::{Printed, main_burden};
use crate::report::Language;

impl Printed<'_> {
    /// `most`: only so many differences; `details`: everything about each below its line.
    pub(super) fn text(&self, most: Option<usize>, details: bool, language: Language) -> String {
        let mut out = String::new();
        // Writing to a `String` does not fail.
        let _ = writeln!(
            out,
            "{}\ndestinations for which the controlling side asks more | entries | what it controls alone; burdens\n",
            self.summary()
        );
        let most = most.unwrap_or(usize::MAX);
        for one in self.weighed.iter().take(most) {
            let _ = writeln!(out, "{}", self.line(one, language));
            if details {
                self.details(one, &mut out);
            }
        }
        if let Some(rest) = self.weighed.len().checked_sub(most).filter(|n| *n > 0) {
            let _ = writeln!(out, "… and {rest} more that affect fewer destinations");
        }
        for (reason, count) in self.reasons() {
            let _ = writeln!(out, "not compared, {reason}: {count}");
        }
        let notes = if details {
            ""
        } else {
            "; --details shows all of each difference, with examples"
        };
        let _ = writeln!(
            out,
            "burdens are those of an export from each side with clean parties, of an example or of anything of the entry{notes}"
        );
        out
    }

    /// What fits a glance: the whole of a long region stands below it with `--details`.
    fn line(&self, one: &Weighed, language: Language) -> String {
        let burden = main_burden(one).map_or_else(String::new, |pair| {
            format!("; {}", self.burden_in_short(pair))
        });
        let title = self.title(one, language);
        let title = title.map_or_else(String::new, |title| format!("{title}: "));
        format!(
            "{:>3}  {}  {} only: {title}{}{burden}  [{}, {}]",
            one.affected(),
            self.heading(one),
            self.name(one.side),
            self.items_in_short(one),
            one.kind.as_str(),
            self.basis(one),
        )
    }

    fn details(&self, one: &Weighed, out: &mut String) {
        if let Some((_, region)) = one.region() {
            let _ = writeln!(out, "       controlled by {}", region.paragraphs.join(", "));
            let _ = writeln!(out, "       where {}", self.items(one));
            let words = ["for example"].into_iter().chain(std::iter::repeat("also"));
            for (word, witness) in words.zip(&region.witnesses) {
                let _ = writeln!(out, "       {word} {}", witness.facts().join(", "));
            }
        }
        for pair in &one.burdens.third {
            let _ = writeln!(out, "       {}", self.burden(pair, true));
        }
        if let Some((left, right)) = one.burdens.mutual {
            let [a, b] = &self.names;
            let (left, right) = (left.as_str(), right.as_str());
            let _ = writeln!(
                out,
                "       from {a} to {b}: {left}; from {b} to {a}: {right}"
            );
        }
        if !one.reached_by().is_empty() {
            let codes = one.reached_by().join(", ");
            let _ = writeln!(out, "       the other list reaches the example by {codes}");
        }
    }
}
