//! The regions of random pairs against z3, an independent solver: their union is exactly what one side alone controls, and no
//! two of them meet. `z3` comes from the Python package z3-solver (tests/requirements.txt) and is found on the path.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

use concord_controls::compare::{NotCompared, Region};
use concord_controls::formula::{Formula, Operator, QuantityText};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use super::{compare, formula};
use crate::fixture::regime;

/// Pairs of formulas, each compared in both directions.
const PAIRS: usize = 1_000;
const MATERIALS: [&str; 3] = ["steel", "brass", "glass"];

/// The space of items: nothing is below zero, axes are whole, the material is one of three.
const SPACE: &str = "
(set-option :timeout 20000)
(declare-const speed Real) (declare-const area Real) (declare-const density Real)
(declare-const power Real) (declare-const axes Int) (declare-const material Int)
(declare-const toy Bool) (declare-const for_servers Bool) (declare-const special Bool)
(assert (and (>= speed 0) (>= area 0) (>= density 0) (>= power 0) (>= axes 0) (<= 0 material 2)))
";
/// Where density is tested, its definition gives it.
const DENSITY: &str = "(assert (and (> area 0) (= speed (* density area))))\n";

fn smt(formula: &Formula) -> String {
    let many = |word: &str, parts: &[Formula]| {
        let parts: Vec<String> = parts.iter().map(smt).collect();
        format!("({word} {})", parts.join(" "))
    };
    let compared = |parameter: &str, operator: Operator, bound: &QuantityText| {
        let bound = if bound.number.contains('.') {
            bound.number.clone()
        } else {
            format!("{}.0", bound.number)
        };
        let value = match parameter {
            "axes" => "(to_real axes)",
            other => other,
        };
        format!("({} {value} {bound})", operator.symbol())
    };
    match formula {
        Formula::Constant(value) => value.to_string(),
        Formula::All(parts) => many("and", parts),
        Formula::Any(parts) => many("or", parts),
        Formula::Not(inner) => format!("(not {})", smt(inner)),
        Formula::Compare {
            parameter,
            operator,
            threshold,
        } => compared(&parameter.text, *operator, threshold),
        Formula::Between {
            left,
            left_operator,
            parameter,
            right_operator,
            right,
        } => format!(
            "(and {} {})",
            compared(&parameter.text, left_operator.mirrored(), left),
            compared(&parameter.text, *right_operator, right)
        ),
        Formula::OneOf { words, .. } => {
            let words = words.iter().map(|word| {
                let number = MATERIALS.iter().position(|known| known == word);
                format!("(= material {})", number.expect("a known material"))
            });
            format!("(or false {})", words.collect::<Vec<_>>().join(" "))
        }
        Formula::Flag(name) | Formula::Judgement(name) => name.text.clone(),
        Formula::Reference(name) => panic!("there is no reference to `{}`", name.text),
    }
}

fn read(text: &str) -> String {
    smt(&Formula::parse(text).unwrap_or_else(|e| panic!("`{text}`: {e}")))
}

fn region(region: &Region) -> String {
    let parts = region.inequalities.iter().chain(&region.apart);
    let parts: Vec<String> = parts.map(|part| read(part)).collect();
    format!("(and true {})", parts.join(" "))
}

/// What no item may satisfy: being in a region without being controlled by one side alone, or the other way round; being in
/// two regions.
fn question(mine: &str, other: &str, regions: &[Region]) -> String {
    let regions: Vec<String> = regions.iter().map(region).collect();
    let mut out = String::from("(push)\n");
    if mine.contains("density") || other.contains("density") {
        out.push_str(DENSITY);
    }
    let (mine, other) = (read(mine), read(other));
    let union = format!("(or false {})", regions.join(" "));
    let mut wrong = format!("(not (= (and {mine} (not {other})) {union}))");
    for (position, first) in regions.iter().enumerate() {
        for second in regions.iter().skip(position + 1) {
            let _ = write!(wrong, " (and {first} {second})");
        }
    }
    let _ = writeln!(out, "(assert (or {wrong}))\n(check-sat)\n(pop)");
    out
}

fn z3(script: &str) -> Option<String> {
    let started = Command::new("z3")
        .arg("-in")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let mut child = match started {
        Ok(child) => child,
        Err(problem) => {
            eprintln!("not run: `z3` (Python package z3-solver) cannot be started: {problem}");
            let ci = std::env::var("CI").is_ok_and(|value| value == "true");
            assert!(!ci, "CI has the packages of tests/requirements.txt");
            return None;
        }
    };
    let mut stdin = child.stdin.take().expect("a pipe");
    let script = script.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(script.as_bytes()));
    let output = child.wait_with_output().expect("z3 ends");
    writer.join().expect("a thread").expect("z3 reads");
    Some(String::from_utf8(output.stdout).expect("text"))
}

#[test]
fn an_independent_solver_agrees_on_a_thousand_random_pairs() {
    let regime = regime();
    let mut runner = TestRunner::deterministic();
    let pairs = (formula(), formula());
    let mut script = SPACE.to_owned();
    let mut asked: Vec<String> = Vec::new();
    let mut regions = 0;
    for _ in 0..PAIRS {
        let (left, right) = pairs.new_tree(&mut runner).expect("a pair").current();
        let comparison = compare(&regime, &left, &right);
        assert!(!comparison.not_compared.contains(&NotCompared::Limit));
        for (mine, other, found) in [
            (&left, &right, &comparison.only_left),
            (&right, &left, &comparison.only_right),
        ] {
            script.push_str(&question(mine, other, found));
            asked.push(format!("{mine} and not {other}: {found:?}"));
            regions += found.len();
        }
    }
    let Some(answers) = z3(&script) else {
        return;
    };
    let answers: Vec<&str> = answers.lines().collect();
    assert_eq!(answers.len(), asked.len(), "{answers:?}");
    for (answer, asked) in answers.iter().zip(&asked) {
        assert_eq!(*answer, "unsat", "{asked}");
    }
    eprintln!("z3 agrees on {PAIRS} pairs with {regions} regions");
}
