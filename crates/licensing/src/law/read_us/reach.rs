//! `reach.yaml`: de minimis and the direct product rules.

use concord_controls::problem::Problems;
use concord_controls::vocabulary::Vocabulary;
use concord_controls::yaml::Cursor;

use super::asked::{also_asked, asked};
use super::{recalled, to};
use crate::destination;
use crate::law::fields::{Fields, each};
use crate::law::us_tables::{Asked, DirectProduct, ItemLimb, Reach, ZeroPercent};

/// `reach.yaml`.
pub(crate) fn reach(
    root: Cursor<'_>,
    vocabulary: &Vocabulary,
    problems: &mut Problems,
) -> Option<Reach> {
    let file = Fields::open(root, &["home", "de_minimis", "direct_product"], problems)?;
    let content = Fields::open(
        file.map().required("de_minimis", problems)?,
        &["cite", "default_percent", "lower", "zero_percent"],
        problems,
    )?;
    let lower = Fields::open(
        content.map().required("lower", problems)?,
        &["percent", "to"],
        problems,
    )?;
    Some(Reach {
        home: file.set("home", problems),
        de_minimis_cite: content.text("cite", problems)?,
        default_percent: content.number("default_percent", problems)?,
        lower_percent: lower.number("percent", problems)?,
        lower_to: to(&lower, problems),
        zero_percent: zero_percent(
            content.required_items("zero_percent", problems),
            vocabulary,
            problems,
        ),
        direct_product: direct_product(
            file.required_items("direct_product", problems),
            vocabulary,
            problems,
        ),
    })
}

fn zero_percent(
    items: Vec<Cursor<'_>>,
    vocabulary: &Vocabulary,
    problems: &mut Problems,
) -> Vec<ZeroPercent> {
    const KEYS: &[&str] = &[
        "id", "cite", "to", "codes", "near", "series", "types", "content", "asks", "period",
        "basis",
    ];
    each(items, KEYS, problems, |case, problems| {
        Some(ZeroPercent {
            id: case.text("id", problems)?,
            cite: case.text("cite", problems)?,
            item: item(case, problems),
            content: asked(case, ("content", "asks"), vocabulary, problems)?,
            to: to(case, problems),
            period: case.period(problems),
        })
    })
}

fn direct_product(
    items: Vec<Cursor<'_>>,
    vocabulary: &Vocabulary,
    problems: &mut Problems,
) -> Vec<DirectProduct> {
    const KEYS: &[&str] = &[
        "id",
        "cite",
        "to",
        "regions",
        "codes",
        "near",
        "except",
        "series",
        "categories",
        "reasons",
        "types",
        "listed",
        "unstored",
        "made",
        "asks",
        "one_of_several",
        "use",
        "use_asks",
        "elsewhere",
        "elsewhere_asks",
        "parties",
        "held_open_for",
        "exempt",
        "period",
        "basis",
    ];
    each(items, KEYS, problems, |rule, problems| {
        let exempt = rule.map().optional("exempt").and_then(|cursor| {
            let exempt = Fields::open(cursor, &["id", "en", "ko"], problems)?;
            Some((exempt.text("id", problems)?, exempt.name(problems)?))
        });
        Some(DirectProduct {
            id: rule.text("id", problems)?,
            cite: rule.text("cite", problems)?,
            item: item(rule, problems),
            made: Asked {
                one_of_several: rule.flag("one_of_several", problems),
                ..asked(rule, ("made", "asks"), vocabulary, problems)?
            },
            to: rule
                .map()
                .optional("to")
                .and_then(|c| destination::read(c, problems)),
            regions: rule.words("regions", problems),
            end_use: also_asked(rule, ("use", "use_asks"), vocabulary, problems),
            elsewhere: also_asked(rule, ("elsewhere", "elsewhere_asks"), vocabulary, problems),
            parties: rule.flag("parties", problems),
            held_open_for: rule.words("held_open_for", problems),
            exempt,
            period: rule.period(problems),
            recalled: recalled(rule, problems),
        })
    })
}

pub(super) fn item(limb: &Fields<'_>, problems: &mut Problems) -> ItemLimb {
    let mut words = |key: &str| limb.words(key, problems);
    let (codes, near, series) = (words("codes"), words("near"), words("series"));
    let (except, groups, kinds) = (words("except"), words("groups"), words("kinds"));
    let (categories, reasons, types) = (words("categories"), words("reasons"), words("types"));
    ItemLimb {
        codes,
        near,
        except,
        groups,
        kinds,
        series,
        categories,
        reasons,
        types,
        listed: limb.flag("listed", problems),
        unstored: limb.flag("unstored", problems),
    }
}
