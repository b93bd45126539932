//! The limbs of part 734: which items are meant, and what a word of the vocabulary answers about them.

use concord_controls::evaluate::Truth;
use concord_controls::vocabulary::Attribute;

use crate::classified::{ClassifiedBy, ParagraphRef, under};
use crate::destination::Reached;
use crate::law::us_tables::{Asked, ItemLimb};
use crate::us::Ctx;

/// A destination as a limb.
pub(in crate::us) const fn place(reached: Reached) -> Truth {
    match reached {
        Reached::Yes => Truth::Met,
        Reached::No => Truth::NotMet,
        Reached::Unknown | Reached::Unmodelled => Truth::Unknown,
    }
}

/// What a word of the vocabulary answers; without word or answer it is unknown.
pub(in crate::us) fn asked(ctx: &Ctx<'_>, asked: &Asked) -> Truth {
    let answer = asked.word.as_deref().and_then(|word| ctx.answer(word));
    match answer {
        Some(false) if asked.one_of_several => Truth::Unknown,
        other => Truth::of(other),
    }
}

/// Whether the item is of the kind that the limb names.
pub(in crate::us) fn item(ctx: &Ctx<'_>, limb: &ItemLimb) -> Truth {
    match ctx.facts.item.attribute(Attribute::Kind) {
        Some(own) if !limb.kinds.is_empty() && !limb.kinds.iter().any(|k| **k == **own) => {
            return Truth::NotMet;
        }
        None if !limb.kinds.is_empty() => return Truth::Unknown,
        _ => {}
    }
    let coded = !limb.codes.is_empty()
        || !limb.groups.is_empty()
        || !limb.near.is_empty()
        || !limb.series.is_empty()
        || !limb.categories.is_empty()
        || !limb.reasons.is_empty()
        || limb.listed;
    if !coded && limb.types.is_empty() {
        // Any item at all.
        return Truth::Met;
    }
    let by_type = match ctx.facts.item.attribute(Attribute::Type) {
        Some(own) => Truth::known(limb.types.iter().any(|t| **t == **own)),
        // Without a type the classification decides, where the limb names codes.
        None if limb.types.is_empty() || coded => Truth::NotMet,
        None => Truth::Unknown,
    };
    let by_code = if coded {
        by_code(ctx, limb)
    } else {
        Truth::NotMet
    };
    let found = by_type.or(by_code);
    if limb.unstored && found == Truth::NotMet {
        return Truth::Unknown;
    }
    found
}

/// The paragraphs met; those left open, a code stated too generally and an unresolved classification leave it open.
fn by_code(ctx: &Ctx<'_>, limb: &ItemLimb) -> Truth {
    let classified = ctx.facts.classification;
    if classified.paragraphs().iter().any(|p| named(ctx, limb, p)) {
        return Truth::Met;
    }
    if classified.by == ClassifiedBy::Unresolved {
        return Truth::Unknown;
    }
    let near = |p: &ParagraphRef| {
        let within = limb.codes.iter().chain(&limb.near).any(|c| p.covers(c));
        let partly = limb.except.iter().any(|c| p.covers(c) && !p.is_under(c));
        within || partly || limb.near.iter().any(|c| p.is_under(c))
    };
    let open = |p: &ParagraphRef| near(p) || named(ctx, limb, p);
    let undecided = classified.paragraphs().iter().any(near)
        || classified.open.iter().any(|o| open(&o.paragraph));
    if undecided {
        Truth::Unknown
    } else {
        Truth::NotMet
    }
}

fn named(ctx: &Ctx<'_>, limb: &ItemLimb, paragraph: &ParagraphRef) -> bool {
    let residual = ctx.at.regime().residual();
    let listed = residual.is_none_or(|r| **r != *paragraph.entry);
    let category = paragraph.entry.get(..1).unwrap_or_default();
    let entry = ctx.at.regime().entry(&paragraph.entry);
    let reasons = entry.map_or(&[][..], |e| &e.reasons);
    listed
        && !(limb.except.iter()).any(|c| paragraph.is_under(c) || paragraph.covers(c))
        && (limb.listed
            || (limb.groups.iter()).any(|g| paragraph.entry.starts_with(g.as_str()))
            || limb.codes.iter().any(|c| paragraph.is_under(c))
            || paragraph.is_of_series(&limb.series)
            || limb.categories.iter().any(|c| under(category, c))
            || limb
                .reasons
                .iter()
                .any(|r| reasons.iter().any(|own| **own == **r)))
}
