//! The lists themselves, subtracted from one another and from themselves at another date.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use concord_controls::compare::Comparer;
use concord_controls::embedded;
use concord_controls::entry::Code;
use concord_controls::period::parse_date;
use concord_controls::regime::Regime;
use concord_licensing::{
    Alignment, GapKind, ListComparison, ListError, ListSide, Missing, compare_editions,
    compare_lists,
};

struct Lists {
    us: Regime,
    kr: Regime,
    alignment: Alignment,
}

fn lists() -> Lists {
    let source = embedded::source();
    let load = |folder| Regime::load(&source, folder).unwrap_or_else(|e| panic!("{e}"));
    Lists {
        us: load("us"),
        kr: load("kr"),
        alignment: Alignment::load(&source).unwrap_or_else(|e| panic!("{e}")),
    }
}

fn codes<T: AsRef<str>>(texts: &[T]) -> Vec<Code> {
    let read = |text: &T| Code::parse(text.as_ref()).unwrap();
    texts.iter().map(read).collect()
}

impl Lists {
    fn compare(&self, date: &str, scope: &[&str]) -> Result<ListComparison, ListError> {
        let date = parse_date(date).unwrap();
        let (us, kr) = (self.us.at(date), self.kr.at(date));
        compare_lists(&self.alignment, us, kr, &codes(scope))
    }

    fn over_time(&self, from: &str, to: &str, scope: &[&str]) -> ListComparison {
        let [from, to] = [from, to].map(|date| self.us.at(parse_date(date).unwrap()));
        compare_editions(from, to, &codes(scope)).unwrap()
    }
}

/// Nothing is lost: every entry in force on either side is in a pair, a gap, or among what is not compared.
#[test]
fn every_entry_of_both_lists_is_accounted_for() {
    let lists = lists();
    let found = lists.compare("2026-10-01", &[]).unwrap();
    let date = parse_date("2026-10-01").unwrap();
    for (side, regime) in [(ListSide::Left, &lists.us), (ListSide::Right, &lists.kr)] {
        let mut named: BTreeSet<&str> = BTreeSet::new();
        let pairs = found.pairs.iter().map(|p| (&p.left, &p.right));
        let missing = found.not_compared.iter().map(|m| (&m.left, &m.right));
        for (left, right) in pairs.chain(missing) {
            let codes = if side == ListSide::Left { left } else { right };
            named.extend(codes.iter().filter_map(|code| code.split('.').next()));
        }
        let gaps = found.gaps.iter().filter(|gap| gap.side == side);
        named.extend(gaps.filter_map(|gap| gap.code.split('.').next()));
        for entry in regime.at(date).entries() {
            let code = &*entry.code;
            assert!(
                named.contains(code),
                "{code} of {} is lost",
                regime.jurisdiction()
            );
        }
    }
    for (_, region) in found.pairs.iter().flat_map(|pair| pair.regions()) {
        assert!(!region.witnesses.is_empty(), "{region:?}");
    }
}

#[test]
fn a_list_differs_from_itself_in_nothing_and_over_time_where_the_rule_changed() {
    let lists = lists();
    let same = lists.over_time("2024-01-01", "2024-01-01", &[]);
    assert!(same.pairs.len() > 300 && same.gaps.is_empty());
    assert!(same.pairs.iter().all(|pair| pair.comparison.is_same()));
    // 88 FR 73458 rewrote 3A090 on 2023-11-17.
    let changed = lists.over_time("2023-10-01", "2024-01-01", &["3A090"]);
    let [pair] = changed.pairs.as_slice() else {
        panic!("{changed:?}")
    };
    let new = pair.comparison.only_right.iter();
    let new: Vec<String> = new.map(|r| r.inequalities.join(" and ")).collect();
    assert!(
        new.iter().any(|r| r.contains("1600 TPP <= tpp < 4800 TPP")
            && r.contains("performance_density >= 5.92 TPP/mm2")),
        "{new:?}"
    );
    let whole = lists.over_time("2023-10-01", "2024-01-01", &[]);
    let gone = |code: &str| {
        let mut gaps = whole.gaps.iter();
        gaps.any(|gap| gap.kind == GapKind::Temporal && gap.code == code)
    };
    assert!(gone("3B090"), "{:?}", whole.gaps);
}

#[test]
fn what_cannot_be_compared_is_said_or_refused() {
    let lists = lists();
    for (date, code) in [("2026-10-01", "9Z999"), ("2022-01-01", "3B090")] {
        let refused = lists.compare(date, &[code]);
        assert!(
            matches!(refused, Err(ListError::UnknownCode(_))),
            "{refused:?}"
        );
    }
    // Of these Korea's thresholds are not known: no gap is made up.
    for code in ["3A901", "3B903"] {
        let found = lists.compare("2026-10-01", &[code]).unwrap();
        let unknown = |u: &concord_licensing::Uncompared| {
            u.why == Missing::NoThresholds(ListSide::Right) && u.left == [code]
        };
        assert!(found.pairs.is_empty(), "{found:?}");
        assert!(found.not_compared.iter().any(unknown), "{found:?}");
    }
    let found = lists.compare("2026-10-01", &["3E901"]).unwrap();
    let mut missing = found.not_compared.iter();
    assert!(
        missing.any(|u| u.why == Missing::NotTheSame),
        "{:?}",
        found.not_compared
    );
}

/// Run alone: `cargo test --release -p concord-licensing --test law comparison -- --ignored --nocapture`
#[test]
#[ignore = "a measurement"]
fn whole_lists_and_single_pairs_are_fast() {
    let lists = lists();
    let date = parse_date("2026-10-01").unwrap();
    let started = Instant::now();
    let found = lists.compare("2026-10-01", &[]).unwrap();
    let whole = started.elapsed();
    let regions: usize = found.pairs.iter().map(|pair| pair.regions().count()).sum();
    let mut times: Vec<(Duration, String)> = Vec::new();
    for pair in &found.pairs {
        // The best of three: what another process takes is no cost of the comparison.
        let once = || {
            let started = Instant::now();
            let mut comparer = Comparer::new(lists.us.at(date), lists.kr.at(date)).unwrap();
            let comparison = comparer.codes(&codes(&pair.left), &codes(&pair.right));
            (started.elapsed(), comparison)
        };
        let runs = [once(), once(), once()];
        let best = runs.iter().map(|(time, _)| *time).min().unwrap();
        let [(_, comparison), ..] = &runs;
        let sizes = [comparison.only_left.len(), comparison.only_right.len()];
        let missing = &comparison.not_compared;
        times.push((
            best,
            format!("{:?} / {:?} {sizes:?} {missing:?}", pair.left, pair.right),
        ));
    }
    times.sort();
    let at = |share: usize| times[(times.len() - 1) * share / 100].0;
    let pairs = found.pairs.len();
    eprintln!("whole list: {whole:?}, {pairs} pairs, {regions} regions");
    eprintln!(
        "one pair: p50 {:?}, p90 {:?}, p99 {:?}",
        at(50),
        at(90),
        at(99)
    );
    let slow = times
        .iter()
        .rev()
        .filter(|(time, _)| *time > Duration::from_micros(500));
    for (time, pair) in slow {
        eprintln!("  {time:?} {pair}");
    }
    // All pairs of one comparison, and half of them: the cost of a pair does not grow with the number of pairs.
    let together = |pairs: &[Arc<concord_licensing::Pair>]| {
        let started = Instant::now();
        let mut comparer = Comparer::new(lists.us.at(date), lists.kr.at(date)).unwrap();
        for pair in pairs {
            let _ = comparer.codes(&codes(&pair.left), &codes(&pair.right));
        }
        started.elapsed()
    };
    let (even, odd): (Vec<_>, Vec<_>) = (0..).zip(&found.pairs).partition(|(n, _)| n % 2 == 0);
    let halves = [even, odd].map(|half| {
        let half: Vec<_> = half.into_iter().map(|(_, pair)| pair.clone()).collect();
        together(&half)
    });
    eprintln!(
        "all pairs {:?}, two halves {halves:?}",
        together(&found.pairs)
    );
    let started = Instant::now();
    let over_time = lists.over_time("2023-10-01", "2024-01-01", &[]);
    let pairs = over_time.pairs.len();
    eprintln!("over time: {:?}, {pairs} pairs", started.elapsed());
    assert!(whole < Duration::from_secs(1) && at(50) < Duration::from_millis(1));
}
