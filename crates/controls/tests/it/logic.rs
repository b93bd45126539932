//! Laws that hold for every formula and every item.

use concord_controls::classify::{Classification, Detail};
use concord_controls::condition::Condition;
use concord_controls::evaluate::Truth;
use concord_controls::formula::{Column, Formula, Name, Operator, QuantityText};
use concord_controls::item::{Item, ItemInput, Judgements};
use concord_controls::period::parse_date;
use proptest::prelude::{
    Just, Strategy, any, prop, prop_assert, prop_assert_eq, prop_oneof, proptest,
};

use crate::fixture::{input, regime};

fn name(text: &str) -> Name {
    Name {
        text: text.to_owned(),
        column: Column::default(),
    }
}

fn quantity(number: u32, unit: &str) -> QuantityText {
    let unit = Some(unit.to_owned());
    QuantityText {
        number: number.to_string(),
        unit,
        column: Column::default(),
    }
}

fn operator() -> impl Strategy<Value = Operator> {
    prop::sample::select(vec![
        Operator::Greater,
        Operator::AtLeast,
        Operator::Less,
        Operator::AtMost,
        Operator::Equal,
    ])
}

/// Formulas over the fictional vocabulary.
fn formula() -> impl Strategy<Value = Formula> {
    let flag = prop::sample::select(vec!["for_servers", "toy", "warned"]);
    let parameter = prop::sample::select(vec![("speed", "MHz"), ("area", "mm2"), ("power", "VA")]);
    let leaf = prop_oneof![
        any::<bool>().prop_map(Formula::Constant),
        flag.prop_map(|flag| Formula::Flag(name(flag))),
        Just(Formula::Judgement(name("special"))),
        Just(Formula::Reference(name("1A001.a"))),
        Just(Formula::OneOf {
            attribute: name("material"),
            words: vec!["steel".to_owned(), "a, b".to_owned()]
        }),
        (parameter.clone(), operator(), 0..6_u32).prop_map(|((id, unit), operator, number)| {
            Formula::Compare {
                parameter: name(id),
                operator,
                threshold: quantity(number, unit),
            }
        }),
        (parameter, 0..3_u32, 3..6_u32).prop_map(|((id, unit), low, high)| Formula::Between {
            left: quantity(low, unit),
            left_operator: Operator::Less,
            parameter: name(id),
            right_operator: Operator::AtMost,
            right: quantity(high, unit),
        }),
    ];
    leaf.prop_recursive(5, 40, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Formula::All),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Formula::Any),
            inner.prop_map(|inner| Formula::Not(Box::new(inner))),
        ]
    })
}

/// Facts of which any may be left out. Density is never stated: its definition gives it.
fn facts() -> impl Strategy<Value = Vec<String>> {
    (0..1200_u32, 1..6_u32, 0..6_u32, any::<[bool; 4]>(), 0..3_u8).prop_map(
        |(speed, area, power, flags, kind)| {
            let flag = |id: &str, value: bool| format!("{}{id}", if value { '+' } else { '-' });
            vec![
                format!("speed={speed} MHz"),
                format!("area={} mm2", area * 100),
                format!("power={power} VA"),
                "material=steel".to_owned(),
                format!("type={}", ["chip", "box", "mill"][usize::from(kind)]),
                flag("for_servers", flags[0]),
                flag("toy", flags[1]),
                flag("warned", flags[2]),
                flag("holds_chip", flags[3]),
            ]
        },
    )
}

fn some_of(facts: &[String], kept: u16) -> ItemInput {
    let kept: Vec<&str> = facts
        .iter()
        .enumerate()
        .filter(|(position, _)| kept & (1 << position) != 0)
        .map(|(_, fact)| fact.as_str())
        .collect();
    input(&kept)
}

proptest! {
    #[test]
    fn what_is_printed_reads_as_the_same_formula(formula in formula()) {
        let printed = formula.to_string();
        let read = Formula::parse(&printed).unwrap();
        prop_assert_eq!(&read, &formula);
        prop_assert_eq!(read.to_string(), printed);
    }

    #[test]
    fn any_text_parses_or_is_refused_within_its_length(text in "[a-z0-9 ()<>=.,{}\\[\\]é\"]{0,80}") {
        if let Err(error) = Formula::parse(&text) {
            let length = u32::try_from(text.chars().count()).unwrap();
            prop_assert!((1..=length + 1).contains(&error.column), "{}", error.column);
        }
    }

    #[test]
    fn leaving_facts_out_never_turns_a_formula_over(
        formula in formula(), facts in facts(), kept in any::<u16>(),
    ) {
        let regime = regime();
        let at = regime.at(parse_date("2024-06-01").unwrap());
        let condition = Condition::parse(&formula.to_string(), regime.vocabulary()).unwrap();
        // Without its notes a reference is pure logic; notes are tested below.
        let full = Item::read(&some_of(&facts, u16::MAX), regime.vocabulary()).unwrap();
        let less = Item::read(&some_of(&facts, kept), regime.vocabulary()).unwrap();
        let none = Judgements::none();
        let (full, evaluation) = (at.truth(&condition, &full, &none), at.evaluate(&condition, &less, &none));
        prop_assert_eq!(evaluation.truth, at.truth(&condition, &less, &none));
        if !formula.to_string().contains("[1A001.a]") && evaluation.truth != Truth::Unknown {
            prop_assert!(evaluation.truth == full, "{:?} became {:?}", evaluation.truth, full);
        }
        prop_assert_eq!(evaluation.truth == Truth::Unknown, !evaluation.missing.is_empty());
    }

    #[test]
    fn leaving_facts_out_never_turns_a_paragraph_over(facts in facts(), kept in any::<u16>()) {
        let regime = regime();
        let at = regime.at(parse_date("2024-06-01").unwrap());
        let run = |kept| {
            let item = Item::read(&some_of(&facts, kept), regime.vocabulary()).unwrap();
            at.classify(&item, &Judgements::none(), Detail::Full).unwrap()
        };
        // The type stays: it decides which entries are addressed, not how they come out.
        let (full, less) = (run(u16::MAX), run(kept | 1 << 4));
        for paragraph in &full.matches {
            prop_assert!(!ruled_out(&less, &paragraph.code), "{} was met", paragraph.code);
        }
        for paragraph in &less.matches {
            // A paragraph may come back only because an exclusion is no longer decided, and then it says so.
            if ruled_out(&full, &paragraph.code) {
                let open = paragraph.notes.iter().any(|note| note.truth == Truth::Unknown);
                let referred = paragraph.formula.contains('[');
                prop_assert!(open || referred, "{} came back", paragraph.code);
            }
        }
    }

    #[test]
    fn the_same_facts_in_any_order_give_the_same_answer(facts in facts(), turn in 0_usize..9) {
        let regime = regime();
        let at = regime.at(parse_date("2024-06-01").unwrap());
        let mut turned = facts.clone();
        turned.rotate_left(turn);
        let run = |facts: &[String]| {
            let item = Item::read(&some_of(facts, u16::MAX), regime.vocabulary()).unwrap();
            at.classify(&item, &Judgements::none(), Detail::Full).unwrap()
        };
        prop_assert_eq!(run(&facts), run(&turned));
    }
}

fn ruled_out(found: &Classification, code: &str) -> bool {
    found
        .not_met
        .iter()
        .any(|paragraph| &*paragraph.code == code)
}

#[test]
fn formulas_are_refused_at_the_column_of_the_mistake() {
    for (text, column, message) in [
        (
            "",
            1,
            "expected a parameter, a flag, `not`, `(`, `[` or a number, found the end of the formula",
        ),
        (
            "toy or or toy",
            8,
            "expected a parameter, a flag, `not`, `(`, `[` or a number, found `or`",
        ),
        (
            "toy toy",
            5,
            "expected `and`, `or` or the end of the formula, found `toy`",
        ),
        (
            "(toy and warned",
            16,
            "expected `)`, `and` or `or`, found the end of the formula",
        ),
        ("speed >= fast", 10, "expected a number, found `fast`"),
        ("speed => 4 MHz", 8, "expected a number, found `>`"),
        (
            "4 MHz <= speed",
            15,
            "expected a second bound; write a single bound as `parameter >= quantity`, found the end of the formula",
        ),
        (
            "4 MHz >= speed >= 2 MHz",
            16,
            "a range is written from low to high with `<` or `<=`",
        ),
        (
            "cas in 142-84-7",
            8,
            "expected `{` after `in`, found `142-84-7`",
        ),
        (
            "cas in {142-84-7",
            17,
            "expected `,` or `}`, found the end of the formula",
        ),
        ("name in {가, }", 13, "expected a word, found `}`"),
        ("[3A090", 7, "expected `]`, found the end of the formula"),
        (
            "judgement special",
            11,
            "expected `(` after `judgement`, found `special`",
        ),
    ] {
        let error = Formula::parse(text).unwrap_err();
        assert_eq!(
            (error.column, error.message.as_str()),
            (column, message),
            "{text}"
        );
    }
    for deep in [
        "(".repeat(200_000),
        "not ".repeat(15_000),
        "(not ".repeat(100),
    ] {
        assert!(Formula::parse(&deep).is_err());
    }
    let wide = vec!["toy"; 5_000].join(" or ");
    assert!(Formula::parse(&wide).is_ok(), "width is not depth");
}

#[test]
fn and_binds_tighter_than_or_and_not_tighter_than_and() {
    for (text, printed) in [
        ("a or b and c", "a or b and c"),
        ("(a or b) and c", "(a or b) and c"),
        ("not a and b", "not a and b"),
        ("not (a and b)", "not (a and b)"),
        ("((a))", "a"),
        ("a and (b and c)", "a and (b and c)"),
        ("speed>=4MHz", "speed >= 4 MHz"),
        ("speed >= 1e3 MHz and a", "speed >= 1e3 MHz and a"),
        ("axes >= 5 and a", "axes >= 5 and a"),
        ("1<=axes<3", "1 <= axes < 3"),
        (
            "name in { t-2 toxin , \"a, b\" }",
            "name in {t-2 toxin, \"a, b\"}",
        ),
    ] {
        assert_eq!(Formula::parse(text).unwrap().to_string(), printed, "{text}");
    }
    let Formula::Any(parts) = Formula::parse("a or b and c").unwrap() else {
        panic!()
    };
    assert!(matches!(
        parts.as_slice(),
        [Formula::Flag(_), Formula::All(_)]
    ));
}
