//! Two formulas, two lists, two dates, subtracted from one another.

mod solver;

use concord_controls::compare::{Comparer, Comparison, NotCompared, Region};
use concord_controls::condition::Condition;
use concord_controls::entry::Code;
use concord_controls::evaluate::Truth;
use concord_controls::item::{Item, Judgements};
use concord_controls::period::parse_date;
use concord_controls::regime::{Regime, RegimeAt};
use proptest::prelude::{
    BoxedStrategy, Just, ProptestConfig, Strategy, any, prop, prop_assert, prop_assert_eq,
    prop_oneof, proptest,
};

use crate::fixture::{input, regime};

/// Formulas over parameters that are linked (density is speed over area), counted (axes) or free (power), a flag, words and
/// a judgement.
pub fn formula() -> BoxedStrategy<String> {
    let operator = prop::sample::select(vec![">", ">=", "<", "<=", "="]);
    let parameter = prop::sample::select(vec![
        ("speed", "MHz"),
        ("area", "mm2"),
        ("density", "MHz/mm2"),
        ("power", "VA"),
        ("axes", "1"),
    ]);
    let leaf = prop_oneof![
        6 => (parameter, operator, 0..9_u32).prop_map(|((id, unit), operator, half)| {
            let number = f64::from(half) / 2.0;
            let unit = if unit == "1" { String::new() } else { format!(" {unit}") };
            format!("{id} {operator} {number}{unit}")
        }),
        1 => prop::sample::select(vec!["toy", "for_servers"]).prop_map(str::to_owned),
        1 => Just("judgement(special)".to_owned()),
        2 => prop::sample::select(vec!["steel", "brass", "steel, brass"])
            .prop_map(|words| format!("material in {{{words}}}")),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let parts = prop::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            parts
                .clone()
                .prop_map(|parts| format!("({})", parts.join(" and "))),
            parts.prop_map(|parts| format!("({})", parts.join(" or "))),
            inner.prop_map(|inner| format!("not ({inner})")),
        ]
    })
    .boxed()
}

/// Everything that the formulas test. Half steps, so that values fall on thresholds and between them.
fn facts() -> impl Strategy<Value = (Vec<String>, bool)> {
    let numbers = (0..19_u32, 1..19_u32, 0..19_u32, 0..6_u32);
    let words = prop::sample::select(vec!["steel", "brass", "glass"]);
    (numbers, words, any::<[bool; 3]>()).prop_map(
        |((speed, area, power, axes), material, [toy, servers, special])| {
            let quarter = |number: u32| f64::from(number) / 4.0;
            let flag = |id: &str, value: bool| format!("{}{id}", if value { '+' } else { '-' });
            let facts = vec![
                format!("speed={} MHz", quarter(speed)),
                format!("area={} mm2", quarter(area)),
                format!("power={} VA", quarter(power)),
                format!("axes={axes} 1"),
                format!("material={material}"),
                flag("toy", toy),
                flag("for_servers", servers),
            ];
            (facts, special)
        },
    )
}

fn now(regime: &Regime) -> RegimeAt<'_> {
    regime.at(parse_date("2024-06-01").unwrap())
}

fn condition(regime: &Regime, text: &str) -> Condition {
    Condition::parse(text, regime.vocabulary())
        .unwrap_or_else(|problems| panic!("`{text}`: {problems:?}"))
}

/// The region as one formula again.
fn as_condition(regime: &Regime, region: &Region) -> Condition {
    let said = region.inequalities.iter().chain(&region.apart);
    let parts: Vec<String> = said.map(|i| format!("({i})")).collect();
    let text = if parts.is_empty() {
        "true".to_owned()
    } else {
        parts.join(" and ")
    };
    condition(regime, &text)
}

pub fn compare(regime: &Regime, left: &str, right: &str) -> Comparison {
    let (left, right) = (condition(regime, left), condition(regime, right));
    let at = now(regime);
    Comparer::new(at, at).unwrap().conditions(&left, &right)
}

fn inequalities(regions: &[Region]) -> Vec<Vec<&str>> {
    let words = |region| {
        let region: &Region = region;
        region.inequalities.iter().map(String::as_str).collect()
    };
    regions.iter().map(words).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// An item is in exactly one region of what one side alone controls when that side controls it and the other does
    /// not, and in none otherwise; every witness lies in its region.
    #[test]
    fn an_item_is_in_a_region_exactly_when_one_side_alone_controls_it(
        left in formula(),
        right in formula(),
        items in prop::collection::vec(facts(), 24),
    ) {
        let regime = regime();
        let at = now(&regime);
        let comparison = compare(&regime, &left, &right);
        prop_assert!(!comparison.not_compared.contains(&NotCompared::Limit), "{left} / {right}");
        let [a, b] = [condition(&regime, &left), condition(&regime, &right)];
        for (mine, other, regions) in [
            (&a, &b, &comparison.only_left),
            (&b, &a, &comparison.only_right),
        ] {
            let regions: Vec<(&Region, Condition)> =
                regions.iter().map(|region| (region, as_condition(&regime, region))).collect();
            for (facts, special) in &items {
                let words: Vec<&str> = facts.iter().map(String::as_str).collect();
                let item = Item::read(&input(&words), regime.vocabulary()).unwrap();
                let answers =
                    Judgements::read([("special", *special)], regime.vocabulary()).unwrap();
                let holds = |c: &Condition| {
                    let truth = at.truth(c, &item, &answers);
                    assert_ne!(truth, Truth::Unknown, "{facts:?} decide everything");
                    truth == Truth::Met
                };
                let within = regions.iter().filter(|(_, region)| holds(region)).count();
                let expected = usize::from(holds(mine) && !holds(other));
                prop_assert_eq!(within, expected, "{} / {}: {:?} {:?}", left, right, facts, regions);
            }
            for (region, condition) in &regions {
                // Half a MHz at one and a half MHz per mm2 is a third of a mm2: no decimals state such an item.
                let point = region.inequalities.iter().any(|i| i.starts_with("density = "));
                prop_assert!(point || !region.witnesses.is_empty(), "{left} / {right}: {region:?}");
                for witness in &region.witnesses {
                    let item = Item::read(&witness.item, regime.vocabulary()).unwrap();
                    let answers = witness.judgements.iter().map(|(id, yes)| (id.as_str(), *yes));
                    let answers = Judgements::read(answers, regime.vocabulary()).unwrap();
                    let truth = [condition, mine, other].map(|c| at.truth(c, &item, &answers));
                    prop_assert_eq!(truth[1], Truth::Met, "{:?} {:?}", region, witness.facts());
                    prop_assert_eq!(truth[2], Truth::NotMet, "{:?} {:?}", region, witness.facts());
                    // What the formulas do not need is not stated, so a region with alternatives may stay open.
                    prop_assert_ne_not_met(truth[0])?;
                }
            }
        }
    }

    #[test]
    fn a_formula_differs_from_itself_in_nothing(formula in formula()) {
        let regime = regime();
        prop_assert!(compare(&regime, &formula, &formula).is_same());
        let twice = format!("({formula}) and not not ({formula})");
        prop_assert!(compare(&regime, &formula, &twice).is_same());
        let negation = format!("not ({formula})");
        let both = format!("({formula}) and ({negation})");
        prop_assert!(compare(&regime, &both, "false").is_same(), "{}", both);
        // Together a formula and its negation leave nothing out.
        let either = format!("({formula}) or ({negation})");
        prop_assert!(compare(&regime, &either, "true").is_same(), "{}", either);
    }

    /// A list of paragraphs about different things, of which one gets another threshold or comparator.
    #[test]
    fn one_changed_threshold_changes_exactly_one_region(
        others in prop::collection::vec((0..8_u32, any::<bool>()), 0..5),
        (low, high) in (1..8_u32, 1..9_u32).prop_map(|(low, more)| (low, low + more)),
        closed in any::<bool>(),
    ) {
        let regime = regime();
        let rest = others.iter().enumerate().map(|(index, (bound, brass))| {
            let material = if *brass { "brass" } else { "glass" };
            format!(" or (material in {{{material}}} and axes >= {index} and power > {bound} VA)")
        });
        let rest: String = rest.collect();
        let list = |operator: &str, bound: u32| {
            format!("(toy and material in {{steel}} and power {operator} {bound} VA){rest}")
        };
        let operator = if closed { ">=" } else { ">" };
        let comparison = compare(&regime, &list(operator, low), &list(operator, high));
        prop_assert!(comparison.only_right.is_empty());
        let expected = if closed {
            format!("{low} VA <= power < {high} VA")
        } else {
            format!("{low} VA < power <= {high} VA")
        };
        let region = vec![expected.as_str(), "material in {steel}", "toy"];
        prop_assert_eq!(inequalities(&comparison.only_left), vec![region]);
        // Another comparator at the same number: the point alone.
        let comparison = compare(&regime, &list(">=", low), &list(">", low));
        let point = format!("power = {low} VA");
        let region = vec![point.as_str(), "material in {steel}", "toy"];
        prop_assert_eq!(inequalities(&comparison.only_left), vec![region]);
    }
}

fn prop_assert_ne_not_met(truth: Truth) -> Result<(), proptest::test_runner::TestCaseError> {
    prop_assert!(truth != Truth::NotMet);
    Ok(())
}

#[test]
fn what_no_item_can_be_is_no_region() {
    let regime = regime();
    let same = |left, right| {
        let comparison = compare(&regime, left, right);
        assert!(comparison.is_same(), "{left} / {right}: {comparison:?}");
    };
    // Density is speed over area: three or more and two or less never give less than one and a half.
    same(
        "speed >= 3 MHz and area <= 2 mm2 and density < 1.5 MHz/mm2",
        "false",
    );
    same("speed = 0 MHz and density > 0 MHz/mm2", "false");
    same("axes > 3", "axes >= 4");
    same("axes = 2.5", "false");
    same("purity > 100 %", "false");
    // The corner itself is one.
    let corner = "speed >= 3 MHz and area <= 2 mm2 and density <= 1.5 MHz/mm2";
    let comparison = compare(&regime, corner, "false");
    let facts = comparison.only_left[0].witnesses[0].facts();
    assert_eq!(facts, ["speed = 3 MHz", "area = 2 mm2"]);
    // An unbounded chain of alternatives that no box can be made of reaches the limit, and says so.
    let text: Vec<String> = (1..40)
        .map(|n| format!("(power = {n} VA or axes = {n} or speed = {n} MHz)"))
        .collect();
    let (left, right) = (
        condition(&regime, &text.join(" and ")),
        condition(&regime, "false"),
    );
    let at = now(&regime);
    let comparison = Comparer::new(at, at)
        .unwrap()
        .with_limit(2_000)
        .conditions(&left, &right);
    assert_eq!(comparison.not_compared, [NotCompared::Limit]);
}

/// What stands for limits that our data lacks, and what another authority licenses, is no difference where one side alone asks.
#[test]
fn what_is_unknown_or_licensed_elsewhere_is_no_region() {
    let regime = regime();
    let one = |left: &str, right: &str| {
        let found = compare(&regime, left, right);
        for (regions, against) in [(&found.only_left, right), (&found.only_right, left)] {
            for region in regions {
                assert!(!region.witnesses.is_empty(), "{region:?} against {against}");
            }
        }
        let texts = |regions: &[Region]| {
            let texts = regions.iter().map(|r| r.inequalities.join(" and "));
            texts.collect::<Vec<_>>()
        };
        [texts(&found.only_left), texts(&found.only_right)]
    };
    let none: [Vec<String>; 2] = [vec![], vec![]];
    // Nobody knows whether the left controls a toy below 7 VA: that is no difference, the rest is.
    let found = one(
        "power >= 7 VA or (toy and judgement(unknown_limits))",
        "power >= 9 VA",
    );
    assert_eq!(found, [vec!["7 VA <= power < 9 VA".to_owned()], vec![]]);
    // Nor whether the right leaves a toy free.
    let found = one("power >= 7 VA", "toy and judgement(unknown_limits)");
    assert_eq!(
        found,
        [vec!["power >= 7 VA and not toy".to_owned()], vec![]]
    );
    let found = one("power >= 7 VA", "toy and not judgement(unknown_limits)");
    assert_eq!(
        found,
        [vec!["power >= 7 VA and not toy".to_owned()], vec![]]
    );
    // Asked on both sides it is the same question.
    let found = one(
        "power >= 7 VA and judgement(unknown_limits)",
        "power >= 9 VA and judgement(unknown_limits)",
    );
    let asked = "7 VA <= power < 9 VA and judgement(unknown_limits)".to_owned();
    assert_eq!(found, [vec![asked], vec![]]);
    let found = one(
        "power >= 7 VA and not judgement(licensed_elsewhere)",
        "power >= 7 VA",
    );
    assert_eq!(found, none);
    // The witness says what was assumed: the left side asks for it.
    let found = compare(
        &regime,
        "power >= 7 VA and not judgement(licensed_elsewhere)",
        "power >= 9 VA",
    );
    let facts = found.only_left[0].witnesses[0].facts();
    assert_eq!(facts[1], "not judgement(licensed_elsewhere)", "{facts:?}");
}

#[test]
fn entries_are_compared_with_their_notes_at_two_dates() {
    let regime = regime();
    let code = [Code::parse("1A001").unwrap()];
    let at = now(&regime);
    assert!(Comparer::new(at, at).unwrap().codes(&code, &code).is_same());
}
