//! A comparison as people and programs read it: the words that all its forms share, and the document.

use concord_controls::compare::Region;
use concord_licensing::{
    BurdenPair, Gap, LawAt, ListComparison, ListSide, Subject, Uncompared, Weighed,
};
use serde_json::{Value, json};

use crate::report::Language;

/// How long what a region says may grow before a line leaves the rest to the details, in characters.
const GLANCE: usize = 140;
/// Destinations that a line names before it only counts them.
const NAMED: usize = 4;

/// A comparison with the names of its sides.
pub(super) struct Printed<'a> {
    pub(super) laws: [LawAt<'a>; 2],
    /// `US` and `KR`, or `US@2023-10-01` and `US@2024-01-01`.
    pub(super) names: [String; 2],
    pub(super) found: &'a ListComparison,
    /// The differences, those that affect the most destinations first.
    pub(super) weighed: Vec<Weighed>,
}

impl<'a> Printed<'a> {
    pub(super) fn new(laws: [LawAt<'a>; 2], found: &'a ListComparison) -> Self {
        let jurisdiction = |at: LawAt<'_>| at.law.jurisdiction().to_owned();
        let [a, b] = laws;
        let names = if jurisdiction(a) == jurisdiction(b) {
            laws.map(|at| format!("{}@{}", jurisdiction(at), at.date))
        } else {
            laws.map(jurisdiction)
        };
        Self {
            laws,
            names,
            found,
            weighed: concord_licensing::weigh(found, laws),
        }
    }

    pub(super) fn name(&self, side: ListSide) -> &str {
        match side {
            ListSide::Left => &self.names[0],
            ListSide::Right => &self.names[1],
        }
    }

    pub(super) fn json(&self) -> Value {
        let editions = self.laws.map(|at| {
            json!({
                "jurisdiction": at.law.jurisdiction(),
                "digest": at.law.digest(),
                "as_of": at.date.to_string(),
            })
        });
        let (mut regions, mut gaps) = (Vec::new(), Vec::new());
        for one in &self.weighed {
            let mut value = json!({
                "kind": one.kind.as_str(),
                "controlled_by": self.name(one.side),
                "burdens": one.burdens.third.iter().map(pair).collect::<Vec<_>>(),
                "mutual": one.burdens.mutual.map(|(left, right)| {
                    json!({"left": left.as_str(), "right": right.as_str()})
                }),
                "destinations_affected": one.affected(),
                "reached_by": one.reached_by(),
            });
            let more = match (&one.subject, one.region()) {
                (_, Some((pair, region))) => {
                    let witnesses = region.witnesses.iter();
                    json!({
                        "entries": self.entries(&pair.left, &pair.right),
                        "paragraphs": region.paragraphs.iter().map(|c| &**c).collect::<Vec<_>>(),
                        "inequalities":
                            region.inequalities.iter().chain(&region.apart).collect::<Vec<_>>(),
                        "witnesses": witnesses.map(|w| w.facts().join(" and ")).collect::<Vec<_>>(),
                        "evidence": pair.evidence.as_str(),
                        "coverage": coverage(pair.partial),
                    })
                }
                (Subject::Gap(gap), None) => json!({
                    "code": gap.code,
                    "evidence": gap.evidence.as_str(),
                    "coverage": coverage(gap.partial),
                }),
                (Subject::Region { .. }, None) => Value::Null,
            };
            if let (Value::Object(value), Value::Object(more)) = (&mut value, more) {
                value.extend(more);
            }
            if one.region().is_some() {
                regions.push(value);
            } else {
                gaps.push(value);
            }
        }
        let missing = self.found.not_compared.iter().map(|missing| {
            json!({
                "entries": self.entries(&missing.left, &missing.right),
                "reason": missing.why.as_str(),
                "side": missing.why.side().map(|side| self.name(side)),
            })
        });
        json!({
            "editions": editions,
            "compared": self.found.pairs.len(),
            "regions": regions,
            "scope_gaps": gaps,
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

    /// The codes that a difference is about: `3A090.b / 3A903`.
    pub(super) fn heading(&self, one: &Weighed) -> String {
        let Some((pair, _)) = one.region() else {
            return match &one.subject {
                Subject::Gap(gap) => gap.code.clone(),
                Subject::Region { pair, .. } => pair.left.join(", "),
            };
        };
        let (left, right) = (pair.left.join(", "), pair.right.join(", "));
        if left == right {
            left
        } else {
            format!("{left} / {right}")
        }
    }

    /// What is controlled: the region's inequalities, or that the other list has nothing.
    pub(super) fn items(&self, one: &Weighed) -> String {
        match (&one.subject, one.region()) {
            (_, Some((_, region))) => conjunction(region),
            (Subject::Gap(gap), None) => gap_words(gap).to_owned(),
            (Subject::Region { .. }, None) => String::new(),
        }
    }

    /// The same cut where it grows long.
    pub(super) fn items_in_short(&self, one: &Weighed) -> String {
        let Some((_, region)) = one.region() else {
            return self.items(one);
        };
        let mut shown = 0;
        let mut length = 0;
        for part in &region.inequalities {
            length += part.chars().count();
            if shown > 0 && length > GLANCE {
                break;
            }
            shown += 1;
        }
        let mut first = region.clone();
        first.inequalities.truncate(shown);
        let mut text = conjunction(&first);
        if text.chars().count() > 2 * GLANCE {
            text = text.chars().take(GLANCE).chain(['…']).collect();
        }
        match region.inequalities.len() - shown {
            0 => text,
            1 => format!("{text} and 1 more condition"),
            more => format!("{text} and {more} more conditions"),
        }
    }

    /// Our words for what controls it.
    pub(super) fn title(&self, one: &Weighed, language: Language) -> Option<String> {
        let code = match (&one.subject, one.region()) {
            (_, Some((_, region))) => region.paragraphs.first().map(|code| &**code)?,
            (Subject::Gap(gap), None) => gap.code.as_str(),
            (Subject::Region { .. }, None) => return None,
        };
        let [left, right] = self.laws;
        let law = match one.side {
            ListSide::Left => left,
            ListSide::Right => right,
        };
        let entry = law.law.regime().entry(code.split('.').next()?)?;
        let mut paragraphs = entry.paragraphs.iter();
        let own = paragraphs.find(|p| *p.code == *code && p.period.contains(law.date));
        let label = own.and_then(|p| p.label.as_ref()).unwrap_or(&entry.label);
        Some(match language {
            Language::En => label.en.to_string(),
            Language::Ko => label.ko.to_string(),
        })
    }

    /// What the pairing rests on: `parameters, partial`.
    pub(super) fn basis(&self, one: &Weighed) -> String {
        let (evidence, partial) = match &one.subject {
            Subject::Region { pair, .. } => (pair.evidence, pair.partial),
            Subject::Gap(gap) => (gap.evidence, gap.partial),
        };
        format!("{}, {}", evidence.as_str(), coverage(partial))
    }

    /// `US individual_licence, KR no_list_licence for 196 destinations (AE, AF, AG, AI, …)`, or only the places.
    pub(super) fn burden(&self, pair: &BurdenPair, all: bool) -> String {
        let named = pair.destinations.iter();
        let mut named: Vec<&str> = if all {
            named.copied().collect()
        } else {
            named.take(NAMED).copied().collect()
        };
        if named.len() < pair.destinations.len() {
            named.push("…");
        }
        let count = pair.destinations.len();
        let word = if count == 1 {
            "destination"
        } else {
            "destinations"
        };
        format!(
            "{} {}, {} {} for {count} {word} ({})",
            self.names[0],
            pair.left.as_str(),
            self.names[1],
            pair.right.as_str(),
            named.join(", ")
        )
    }

    /// `US individual_licence, KR no_list_licence for 196 destinations`.
    pub(super) fn burden_in_short(&self, pair: &BurdenPair) -> String {
        let whole = self.burden(pair, false);
        match whole.rsplit_once(" (") {
            Some((short, _)) if pair.destinations.len() > NAMED => short.to_owned(),
            _ => whole,
        }
    }

    pub(super) fn summary(&self) -> String {
        let [a, b] = self.laws;
        let same = self.found.pairs.iter().filter(|p| p.comparison.is_same());
        let regions = self.weighed.iter().filter(|w| w.region().is_some()).count();
        format!(
            "{} on {} and {} on {}: {} pairs compared, {} without a difference, {regions} regions, {} on one side only",
            a.law.jurisdiction(),
            a.date,
            b.law.jurisdiction(),
            b.date,
            self.found.pairs.len(),
            same.count(),
            self.found.gaps.len(),
        )
    }

    /// Why something is missing, with how often.
    pub(super) fn reasons(&self) -> Vec<(String, usize)> {
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

    pub(super) fn reason(&self, missing: &Uncompared) -> String {
        let word = missing.why.as_str();
        match missing.why.side() {
            Some(side) => format!("{word} of {}", self.name(side)),
            None => word.to_owned(),
        }
    }
}

/// The largest group of destinations for which the controlling side asks more; where there is none, the largest of all.
pub(super) fn main_burden(one: &Weighed) -> Option<&BurdenPair> {
    let stricter = |pair: &&BurdenPair| {
        let (here, there) = match one.side {
            ListSide::Left => (pair.left, pair.right),
            ListSide::Right => (pair.right, pair.left),
        };
        here.is_known() && there.is_known() && here > there
    };
    let mut groups = one.burdens.third.iter();
    groups.clone().find(stricter).or_else(|| groups.next())
}

fn pair(pair: &BurdenPair) -> Value {
    json!({
        "left": pair.left.as_str(),
        "right": pair.right.as_str(),
        "destinations": pair.destinations,
    })
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
        ", as far as not in another region of these entries"
    };
    format!("{}{above}", parts.collect::<Vec<_>>().join(" and "))
}

const fn gap_words(gap: &Gap) -> &'static str {
    match gap.kind {
        concord_licensing::GapKind::ListScope => "the whole entry; the other list has none",
        concord_licensing::GapKind::Temporal => {
            "the whole entry; the other list's is not in force at its date"
        }
    }
}

const fn coverage(partial: bool) -> &'static str {
    if partial { "partial" } else { "full" }
}
