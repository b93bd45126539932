//! Exact numbers stay exact.

use super::*;
use proptest::prelude::{any, prop_assert_eq, proptest};

fn rational(text: &str) -> Rational {
    Decimal::parse(text).unwrap().to_rational().unwrap()
}

#[test]
fn notations_mean_the_same_number() {
    for (text, expected) in [
        ("1e26", Rational::power_of_ten(26).unwrap()),
        ("+1.0E+26", Rational::power_of_ten(26).unwrap()),
        ("14.65e6", Rational::integer(14_650_000)),
        ("13030000.0", Rational::integer(13_030_000)),
        ("-0.25", Rational::new(-1, 4).unwrap()),
        ("1e28", Rational::power_of_ten(28).unwrap()),
        ("0e999", Rational::ZERO),
        (
            "0.0000000000000000000000000001",
            Rational::new(1, 10_i128.pow(28)).unwrap(),
        ),
    ] {
        assert_eq!(rational(text), expected, "{text}");
    }
}

#[test]
fn what_is_not_a_number_is_refused() {
    for text in [
        "", "-", "1_000", "1,000", " 1", "1 ", ".5", "5.", "1e", "1e+-2", "NaN", "inf", "0x10",
        "一",
    ] {
        assert!(
            matches!(Decimal::parse(text), Err(NumberError::NotANumber { .. })),
            "{text}"
        );
    }
    for text in [
        "1e29",
        "10000000000000000000000000001",
        "1e-29",
        "1e99999999999",
        "9e2147483647",
    ] {
        assert!(
            matches!(Decimal::parse(text), Err(NumberError::OutOfRange { .. })),
            "{text}"
        );
    }
}

#[test]
fn neighbours_at_the_edge_of_the_range_stay_apart() {
    let large = rational("1e28");
    let below = rational("9999999999999999999999999999");
    assert!(below < large);
    let fine = large.checked_add(rational("0.5")).unwrap();
    assert!(fine > large && below < fine);
    let huge = Rational::new(i128::MAX, 3).unwrap();
    let huger = Rational::new(i128::MAX, 2).unwrap();
    assert!(huge < huger, "comparison must not overflow");
    assert_eq!(huge.checked_mul(huger), Err(NumberError::Overflow));
}

#[test]
fn text_is_exact_where_it_can_be() {
    assert_eq!(rational("5.920").to_text(4), "5.92");
    assert_eq!(Rational::new(4992, 826).unwrap().to_text(4), "~6.0436");
    assert_eq!(Rational::new(-1, 3).unwrap().to_text(2), "~-0.33");
    assert_eq!(Rational::new(2, 3).unwrap().to_text(0), "~1");
    assert_eq!(rational("4800").to_text(4), "4800");
    assert_eq!(
        Decimal::parse("6.04").unwrap().half_last_digit().unwrap(),
        rational("0.005")
    );
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,90}") {
        let _ = Decimal::parse(&text);
    }

    #[test]
    fn order_agrees_with_subtraction(a in any::<i64>(), b in 1..i64::MAX, c in any::<i64>(), d in 1..i64::MAX) {
        let left = Rational::new(a.into(), b.into()).unwrap();
        let right = Rational::new(c.into(), d.into()).unwrap();
        if let Ok(difference) = left.checked_sub(right) {
            prop_assert_eq!(left.cmp(&right), difference.cmp(&Rational::ZERO));
        }
    }
}
