//! A comparison on a terminal: one line a difference, those that affect the most destinations first.

use std::fmt::Write;

use concord_licensing::Weighed;

use super::print::{Printed, main_burden};

impl Printed<'_> {
    /// `most`: only so many differences; `details`: everything about each below its line.
    pub(super) fn text(&self, most: Option<usize>, details: bool) -> String {
        let mut out = String::new();
        // Writing to a `String` does not fail.
        let _ = writeln!(
            out,
            "{}\ndestinations for which the controlling side asks more | entries | items\n",
            self.summary()
        );
        let most = most.unwrap_or(usize::MAX);
        for one in self.weighed.iter().take(most) {
            let _ = writeln!(out, "{}", self.line(one));
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
            "; --details shows all of each difference"
        };
        let _ = writeln!(
            out,
            "burdens are those of an export from each side with clean parties, of the example or of anything of the entry{notes}"
        );
        out
    }

    fn line(&self, one: &Weighed) -> String {
        let example = one
            .region()
            .and_then(|(_, region)| region.witnesses.first());
        let example = example.map_or_else(String::new, |witness| {
            format!("; for example {}", witness.facts().join(", "))
        });
        let burden = main_burden(one).map_or_else(String::new, |pair| {
            format!("; {}", self.burden(pair, false))
        });
        format!(
            "{:>3}  {}  {} only: {}{example}{burden}  [{}, {}]",
            one.affected(),
            self.heading(one),
            self.name(one.side),
            self.items(one),
            one.kind.as_str(),
            self.basis(one),
        )
    }

    fn details(&self, one: &Weighed, out: &mut String) {
        if let Some((_, region)) = one.region() {
            let _ = writeln!(out, "       controlled by {}", region.paragraphs.join(", "));
            for witness in region.witnesses.iter().skip(1) {
                let _ = writeln!(out, "       also {}", witness.facts().join(", "));
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
