//! 15 CFR 734.9: the direct product rules, each as product limb and reach limb.

use concord_controls::evaluate::Truth;
use concord_controls::vocabulary::Attribute;

use super::limb;
use crate::decision::{PointerKind, Text};
use crate::destination::{Place, Reached};
use crate::draft::{Draft, listed};
use crate::law::us_tables::DirectProduct;
use crate::us::{Ctx, from_memory, parties};

/// One rule with its limbs.
struct Judged {
    item: Truth,
    made: Truth,
    destination: Truth,
    reach: Truth,
    /// Only an end use that was not stated leaves the reach limb open, at an item for which that is presumed clean.
    presumed: bool,
}

impl Judged {
    fn of(ctx: &Ctx<'_>, place: &Place<'_>, rule: &DirectProduct) -> Self {
        let item = limb::item(ctx, &rule.item);
        let made = limb::asked(ctx, &rule.made);
        let region = rule.regions.iter().any(|code| code == place.code);
        let destination = match &rule.to {
            _ if region => Truth::Unknown,
            Some(to) => limb::place(place.reached(to.predicate())),
            None => Truth::NotMet,
        };
        let end_use = rule.end_use.as_ref().map(|u| limb::asked(ctx, u));
        let there = destination.and(end_use.unwrap_or(Truth::Met));
        // The footnote itself is not among the facts: a listed party leaves the limb open.
        let party = match rule.parties.then(|| parties::footnote_party(ctx)) {
            None | Some(Reached::No) => Truth::NotMet,
            Some(_) => Truth::Unknown,
        };
        let elsewhere = rule.elsewhere.as_ref();
        let elsewhere = elsewhere.map_or(Truth::NotMet, |e| limb::asked(ctx, e));
        let own_type = ctx.facts.item.attribute(Attribute::Type);
        let other_type = own_type.is_some_and(|own| {
            !rule.held_open_for.is_empty() && !rule.held_open_for.iter().any(|t| **t == **own)
        });
        Self {
            item,
            made,
            destination,
            reach: there.or(party).or(elsewhere),
            presumed: other_type
                && end_use == Some(Truth::Unknown)
                && party == Truth::NotMet
                && elsewhere == Truth::NotMet,
        }
    }

    fn product(&self) -> Truth {
        self.item.and(self.made)
    }

    fn truth(&self) -> Truth {
        self.product().and(self.reach)
    }

    /// Nothing but the destination could meet the reach limb, and it does not.
    fn ruled_out_by_destination(&self, rule: &DirectProduct) -> bool {
        !rule.parties && self.reach == Truth::NotMet && self.destination == Truth::NotMet
    }
}

/// Every rule in force with its limbs; whether some rule reaches the item.
pub(super) fn rules(ctx: &Ctx<'_>, place: &Place<'_>, draft: &mut Draft) -> Truth {
    let (mut any, mut open, mut presumed) = (Truth::NotMet, Vec::new(), Vec::new());
    let in_force = |r: &&DirectProduct| r.period.contains(ctx.facts.as_of);
    for rule in ctx.tables.reach.direct_product.iter().filter(in_force) {
        let judged = Judged::of(ctx, place, rule);
        if judged.ruled_out_by_destination(rule) {
            continue;
        }
        let truth = judged.truth();
        let value = format!(
            "{} {} (product {}, reach {})",
            rule.id,
            truth.word(),
            judged.product().word(),
            judged.reach.word()
        );
        draft.find(
            "direct_product_limbs",
            value,
            &rule.cite,
            from_memory(&rule.made.text, rule.recalled),
        );
        match truth {
            Truth::NotMet => continue,
            Truth::Met => {
                let label = Text::new("direct product rule", "직접생산품 규칙");
                draft.find("direct_product_rule", rule.id.clone(), &rule.cite, label);
                any = Truth::Met;
            }
            Truth::Unknown => {
                ask(ctx, rule, &judged, draft);
                if judged.presumed {
                    presumed.push(rule.id.clone());
                } else {
                    any = any.or(truth);
                    open.push(rule.id.clone());
                }
            }
        }
        if let Some((id, text)) = &rule.exempt {
            draft.point(PointerKind::ExemptionToCheck, id.clone(), text.clone());
        }
    }
    if !open.is_empty() && any != Truth::Met {
        draft.skip(
            "jurisdiction",
            "direct_product_open",
            Text::new(
                format!("direct product rules left open: {}", listed(&open)),
                format!("결정되지 않은 직접생산품 규칙: {}", listed(&open)),
            ),
        );
    }
    if !presumed.is_empty() && any != Truth::Met {
        draft.skip(
            "jurisdiction",
            "direct_product_end_use",
            Text::new(
                format!(
                    "end uses of direct product rules were not stated: {}",
                    listed(&presumed)
                ),
                format!(
                    "직접생산품 규칙의 최종용도가 제시되지 않음: {}",
                    listed(&presumed)
                ),
            ),
        );
    }
    any
}

/// What would settle an open rule, as far as the vocabulary has words for it.
fn ask(ctx: &Ctx<'_>, rule: &DirectProduct, judged: &Judged, draft: &mut Draft) {
    let raises = !judged.presumed;
    if judged.item == Truth::Unknown && !rule.item.types.is_empty() {
        draft.ask_transaction(
            "stated_classification",
            raises,
            Text::new(
                format!("What is the item's classification? It decides {}", rule.id),
                format!("품목의 분류는 무엇입니까? {} 규칙을 결정함", rule.id),
            ),
        );
    }
    if judged.made == Truth::Unknown {
        ctx.ask_word(draft, &rule.made, raises);
    }
    for asked in [&rule.end_use, &rule.elsewhere].into_iter().flatten() {
        if judged.reach == Truth::Unknown {
            ctx.ask_word(draft, asked, raises);
        }
    }
}
