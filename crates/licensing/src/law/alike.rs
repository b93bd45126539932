//! Destinations between which a law makes no difference at a date, so that a question asked of every country is decided
//! once for each group of them.

use std::collections::{BTreeMap, BTreeSet};

use concord_controls::destination::DestinationPredicate;
use concord_controls::regime::Regime;
use jiff::civil::Date;

use super::kr_tables::KrTables;
use super::us_tables::{Row, UsTables};
use super::{LawEdition, Tables};
use crate::destination::{Place, Reached};
use crate::iso::countries;

/// What the law can tell a destination from others by; equal signs are decided alike.
type Signs = Vec<String>;

impl LawEdition {
    /// Every country of ISO 3166 but its own territory, in groups that the law decides alike at a date; in order of the first of each.
    #[must_use]
    pub fn destinations_alike(&self, as_of: Date) -> Vec<Vec<&'static str>> {
        let mut groups: BTreeMap<Signs, Vec<&'static str>> = BTreeMap::new();
        let signs: Box<dyn Fn(&'static str) -> Option<Signs> + '_> = match &self.tables {
            Tables::Us(tables) => {
                let named = named_countries(tables, self.regime());
                Box::new(move |code| us_signs(tables, &named, code, as_of))
            }
            Tables::Kr(tables) => Box::new(move |code| kr_signs(tables, code, as_of)),
        };
        for code in countries() {
            if let Some(signs) = signs(code) {
                groups.entry(signs).or_default().push(code);
            }
        }
        let mut groups: Vec<_> = groups.into_values().collect();
        groups.sort();
        groups
    }
}

/// Every set of countries that some rule names one by one.
fn named_countries<'a>(tables: &'a UsTables, regime: &'a Regime) -> BTreeSet<&'a [String]> {
    let limbs = tables.exceptions.iter().flat_map(|x| &x.limbs);
    let rules = tables.reviews.values().flat_map(|r| &r.rules);
    let of_tables = limbs
        .map(|l| &l.to)
        .chain(tables.bars.iter().map(|b| &b.to))
        .chain(rules.map(|r| &r.to))
        .chain(tables.end_uses.triggers.iter().map(|t| &t.to))
        .chain(tables.reach.zero_percent.iter().map(|z| &z.to))
        .chain(
            tables
                .reach
                .direct_product
                .iter()
                .filter_map(|d| d.to.as_ref()),
        )
        .chain([&tables.reach.lower_to])
        .map(|to| to.predicate());
    let entries = regime.entries();
    let of_list = entries
        .iter()
        .flat_map(|e| &e.requirements)
        .map(|r| &r.to)
        .chain(
            entries
                .iter()
                .flat_map(|e| &e.pointers)
                .filter_map(|p| p.to.as_ref()),
        )
        .chain(regime.notices().iter().map(|n| &n.to));
    let mut sets = Vec::new();
    let predicates: Vec<&DestinationPredicate> = of_tables.chain(of_list).collect();
    for predicate in predicates {
        predicate.named(&mut sets);
    }
    sets.into_iter().collect()
}

fn us_signs(
    tables: &UsTables,
    named: &BTreeSet<&[String]>,
    code: &'static str,
    as_of: Date,
) -> Option<Signs> {
    let UsTables {
        chart,
        groups,
        sanctions,
        ..
    } = tables;
    let place = Place::resolve(code, chart, groups, sanctions, as_of)?;
    if place.home || tables.reach.home.contains(code) {
        return None;
    }
    let mut signs: Signs = vec![
        format!("known {}", place.known),
        format!("pointer {:?}", place.pointer),
    ];
    signs.extend(place.group_ids().into_iter().map(str::to_owned));
    if let Some(country) = chart.countries.get(place.row) {
        signs.push(format!("noted {}", country.un_noted));
        if let Row::Own { marks, before, .. } = &country.row {
            let columns = before.iter().flat_map(|b| b.add.iter()).chain(marks);
            let columns: BTreeSet<&String> = columns.collect();
            let marked = columns
                .into_iter()
                .filter(|c| place.marked(c) == Reached::Yes);
            signs.extend(marked.cloned());
        }
    }
    let here = |(n, holds): (usize, bool)| holds.then(|| n.to_string());
    let sanctioned = sanctions
        .iter()
        .map(|s| s.code == place.row && s.period.contains(as_of));
    signs.extend(
        sanctioned
            .enumerate()
            .filter_map(here)
            .map(|n| format!("sanction {n}")),
    );
    let open = tables.regions.iter().map(|r| r.code == place.code);
    signs.extend(
        open.enumerate()
            .filter_map(here)
            .map(|n| format!("region {n}")),
    );
    let partly = tables.reach.direct_product.iter();
    let partly = partly.map(|d| d.regions.iter().any(|r| r == place.code));
    signs.extend(
        partly
            .enumerate()
            .filter_map(here)
            .map(|n| format!("partly {n}")),
    );
    let listed = named
        .iter()
        .map(|codes| codes.iter().any(|c| c == place.code || c == place.row));
    signs.extend(
        listed
            .enumerate()
            .filter_map(here)
            .map(|n| format!("named {n}")),
    );
    Some(signs)
}

fn kr_signs(tables: &KrTables, code: &'static str, as_of: Date) -> Option<Signs> {
    if tables.home.contains(code) {
        return None;
    }
    let member = |m: &&super::kr_tables::Member| m.codes.contains(code) && m.period.contains(as_of);
    let region = tables.members.iter().find(member);
    let region = region.map_or(&tables.default_region, |m| &m.region);
    let listed = tables.situational.destinations.contains(code);
    Some(vec![region.clone(), format!("situational list {listed}")])
}
