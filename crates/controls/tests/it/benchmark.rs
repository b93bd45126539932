//! What one classification costs in the core, and that the cost does not grow with the list. Run alone, in release:
//! `cargo test --release -p concord-controls --test it benchmark -- --ignored --nocapture`

use std::collections::HashSet;
use std::fmt::Write as _;
use std::hint::black_box;
use std::time::{Duration, Instant};

use concord_controls::classify::{Classification, Detail};
use concord_controls::item::{Item, ItemInput, Judgements};
use concord_controls::period::parse_date;
use concord_controls::regime::{Regime, RegimeSource};
use concord_controls::vocabulary::Attribute;

use crate::fixture::input;
use crate::folder;

/// The list twice: every entry again under another code, about other types of items and with other flags, but testing the
/// same parameters, as a second list about something else would.
fn doubled(source: &RegimeSource, regime: &Regime) -> RegimeSource {
    let vocabulary = regime.vocabulary();
    let types = vocabulary.words(Attribute::Type).unwrap();
    let flags = vocabulary.flags().iter().map(|flag| &*flag.id);
    let mut renamed: HashSet<&str> = flags.chain(types.iter().map(|word| &**word)).collect();
    for attribute in Attribute::ALL.into_iter().filter(|a| *a != Attribute::Type) {
        for word in vocabulary.words(attribute).unwrap_or_default() {
            renamed.remove(&**word);
        }
    }
    for judgement in vocabulary.judgements() {
        renamed.remove(&*judgement.id);
    }
    let codes: HashSet<&str> = regime.entries().iter().map(|entry| &*entry.code).collect();
    let mut both = source.clone();
    for (path, bytes) in source.below("us/entries") {
        let mut text = std::str::from_utf8(bytes).unwrap();
        let mut copy = String::with_capacity(2 * text.len());
        while !text.is_empty() {
            let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let end = text.find(|c| !is_word(c)).unwrap_or(text.len());
            let (word, rest) = text.split_at(end);
            if codes.contains(word) {
                copy.push('Z');
            } else if renamed.contains(word) && !rest.starts_with(':') {
                copy.push_str("other_");
            }
            copy.push_str(word);
            copy.extend(rest.chars().next());
            let mut rest = rest.chars();
            rest.next();
            text = rest.as_str();
        }
        // Without a subject an entry is about everything.
        for entry in regime.entries().iter().filter(|e| e.subjects.is_empty()) {
            let head = format!("- code: Z{}\n", entry.code);
            let subject = format!("{head}    subject: [other_{}]\n", types[0]);
            copy = copy.replace(&head, &subject);
        }
        both.insert(
            path.replace("us/entries/", "us/entries/z"),
            copy.into_bytes(),
        );
    }
    let mut words = String::from("flags:\n");
    for flag in vocabulary.flags() {
        let id = &flag.id;
        writeln!(words, "  other_{id}: {{en: other, ko: other}}").unwrap();
    }
    let others: Vec<String> = types.iter().map(|word| format!("other_{word}")).collect();
    writeln!(words, "words: {{type: [{}]}}", others.join(", ")).unwrap();
    both.insert("vocabulary/zz-other.yaml", words.into_bytes());
    both
}

/// The shortest of several rounds, per call.
fn shortest(calls: u32, mut call: impl FnMut()) -> Duration {
    let round = |call: &mut dyn FnMut()| {
        let begin = Instant::now();
        for _ in 0..calls {
            call();
        }
        begin.elapsed() / calls
    };
    (0..15).map(|_| round(&mut call)).min().unwrap()
}

fn paragraphs(regime: &Regime) -> usize {
    regime
        .entries()
        .iter()
        .map(|entry| entry.paragraphs.len())
        .sum()
}

fn items() -> Vec<(&'static str, ItemInput)> {
    vec![
        (
            "data-centre GPU (H100)",
            input(&[
                "type=integrated_circuit",
                "tpp=15832 TPP",
                "performance_density=19.45 TPP/mm2",
                "dram_bandwidth=3350 GB/s",
                "+designed_or_marketed_for_datacenter",
            ]),
        ),
        (
            "chip by its type and performance",
            input(&[
                "type=integrated_circuit",
                "tpp=1200 TPP",
                "performance_density=2.1 TPP/mm2",
            ]),
        ),
        (
            "five-axis mill",
            input(&[
                "type=machine_tool",
                "unidirectional_positioning_repeatability=0.8 um",
                "linear_travel=0.8 m",
                "contouring_axes=5",
            ]),
        ),
        ("substance by number", input(&["cas=142-84-7"])),
    ]
}

fn codes(found: &Classification) -> Vec<&str> {
    let all = found.matches.iter().chain(&found.unknown);
    all.chain(&found.not_met).map(|p| &*p.code).collect()
}

#[test]
#[ignore = "a measurement: run alone and in release"]
#[allow(clippy::print_stdout, reason = "a measurement prints what it measured")]
fn one_item_against_the_whole_list() {
    let source = folder::source();
    let load = |source: &RegimeSource| {
        let time = shortest(1, || drop(black_box(Regime::load(source, "us").unwrap())));
        (Regime::load(source, "us").unwrap(), time)
    };
    let (once, load_once) = load(&source);
    let (twice, load_twice) = load(&doubled(&source, &once));
    println!("| list | entries | paragraphs | load ms |\n| --- | --- | --- | --- |");
    for (name, regime, time) in [("US", &once, load_once), ("twice", &twice, load_twice)] {
        let (entries, paragraphs) = (regime.entries().len(), paragraphs(regime));
        let time = time.as_secs_f64() * 1e3;
        println!("| {name} | {entries} | {paragraphs} | {time:.1} |");
    }
    println!(
        "\n| item | addressed | open | questions | read | codes | basic | full | codes, basic, full against the list twice |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    let micro = |time: Duration| time.as_secs_f64() * 1e6;
    let date = parse_date("2026-10-01").unwrap();
    for (name, input) in items() {
        let mut line = String::new();
        let mut times = Vec::new();
        for regime in [&once, &twice] {
            let item = Item::read(&input, regime.vocabulary()).unwrap();
            for detail in [Detail::Codes, Detail::Basic, Detail::Full] {
                let classify = || regime.at(date).classify(&item, &Judgements::none(), detail);
                times.push(micro(shortest(2_000, || {
                    drop(black_box(classify().unwrap()))
                })));
            }
        }
        let item = Item::read(&input, once.vocabulary()).unwrap();
        let found = once
            .at(date)
            .classify(&item, &Judgements::none(), Detail::Basic)
            .unwrap();
        let item = Item::read(&input, twice.vocabulary()).unwrap();
        let again = twice
            .at(date)
            .classify(&item, &Judgements::none(), Detail::Basic)
            .unwrap();
        if name != "substance by number" {
            assert_eq!(
                codes(&found),
                codes(&again),
                "{name}: a list about other things adds nothing"
            );
        }
        let read = micro(shortest(2_000, || {
            drop(black_box(Item::read(&input, once.vocabulary())))
        }));
        write!(
            line,
            "| {name} | {} entries, {} paragraphs",
            found.addressed.len(),
            codes(&found).len()
        )
        .unwrap();
        write!(
            line,
            " | {} | {} | {read:.1}",
            found.unknown.len(),
            found.questions.len()
        )
        .unwrap();
        for time in &times[..3] {
            write!(line, " | {time:.1}").unwrap();
        }
        let ratios: Vec<String> = (0..3)
            .map(|n| format!("{:.1} ({:.2})", times[n + 3], times[n + 3] / times[n]))
            .collect();
        println!("{line} | {} |", ratios.join(", "));
    }
}
