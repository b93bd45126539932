//! The invented regime against the invented list, and two issues of that list.

use concord_controls::period::parse_date;
use concord_controls::text::{Explanations, against, coverage, diff};

use super::{edited, parse, regime, source, tree};

fn found(explanations: &Explanations) -> Vec<String> {
    let regime = regime();
    let at = regime.at(regime.official_until().unwrap());
    against(at, &tree(), explanations)
        .into_iter()
        .map(|finding| {
            let explained = finding
                .explained
                .map_or_else(String::new, |why| format!(" ({why})"));
            format!(
                "{} {}.{} {} {}:{}{explained}",
                finding.kind.word(),
                finding.code,
                finding.path,
                finding.what,
                finding.at.file,
                finding.at.line
            )
        })
        .collect()
}

/// Line of the first occurrence of a text.
fn line(text: &str, of: &str) -> usize {
    text.split_once(of).unwrap().0.matches('\n').count() + 1
}

fn explanations(text: &str) -> Result<Explanations, String> {
    let mut source = source();
    source.insert("xx/text-findings.yaml", text.as_bytes().to_vec());
    Explanations::load(&source, "xx").map_err(|error| error.to_string())
}

#[test]
fn each_mistake_is_found_at_its_place_and_nothing_else() {
    let data = include_str!("../fixture/text/entries.yaml");
    let in_data = |of: &str| format!("xx/entries/list.yaml:{}", line(data, of));
    let in_text = |of: &str| format!("list.xml:{}", line(super::LIST, of));
    assert_eq!(
        found(&Explanations::default()),
        [
            format!(
                "formula_threshold_not_in_text 1A001.a.2 0.7 MHz/mm2 {}",
                in_data("path: a.2")
            ),
            format!("path_not_in_text 1A001.d d {}", in_data("path: d")),
            format!("path_not_in_text 1A001.g g {}", in_data("path: g")),
            format!(
                "paragraph_with_numbers_without_formula 1A001.f.1.a 55 MHz {}",
                in_text("<P>f.1.a.")
            ),
            format!(
                "cas_not_in_formula 1A001.f.1.a 142-84-7 {}",
                in_text("<P>f.1.a.")
            ),
            format!(
                "row_missing 1A001. AT 1 {}",
                in_text("<TR>\n<TD>AT applies")
            ),
            format!("row_extra 1A001.mt MT 1 {}", in_data("{id: mt")),
            format!(
                "entry_only_in_text 1A002. 1A002 {}",
                in_text("<FP-2><B>1A002")
            ),
            format!(
                "paragraph_not_modelled 2B001.b 7 {} (mills with more axes are left to a person)",
                in_text("<P>b. Mills")
            ),
            format!(
                "cas_not_in_text 3C001. 142-84-7 {}",
                in_data("when: purity")
            ),
            format!("entry_only_in_data 1A003. 1A003 {}", in_data("code: 1A003")),
        ]
    );
}

#[test]
fn explanations_explain_and_stale_ones_are_found() {
    let text = "explanations:
  - {code: 1A001, path: a.2, kind: formula_threshold_not_in_text, what: 0.7 MHz/mm2, reason: misprint, cite: X}
  - {code: 1A001, path: f.1.a, kind: cas_not_in_formula, reason: no test of dust, cite: X}
  - {code: 1A001, path: a.2, kind: formula_threshold_not_in_text, what: 0.8 MHz/mm2, reason: old, cite: X}
";
    let found = found(&explanations(text).unwrap());
    let with = |word: &str| {
        found
            .iter()
            .find(|finding| finding.contains(word))
            .unwrap()
            .clone()
    };
    assert!(with("formula_threshold").ends_with(" (misprint)"));
    assert!(with("cas_not_in_formula").ends_with(" (no test of dust)"));
    assert_eq!(
        with("stale"),
        "stale_explanation 1A001.a.2 formula_threshold_not_in_text xx/text-findings.yaml:4"
    );
    assert_eq!(found.len(), 12);
}

#[test]
fn explanations_are_read_strictly() {
    let good = "code: 1A001, path: a.2, kind: row_missing, reason: r, cite: X";
    for (line, message) in [
        (
            good.replace("kind: row_missing", "kind: row_mising"),
            "2:36: `row_mising` is not one of: ",
        ),
        (
            good.replace("kind: row_missing", "kind: paragraph_not_modelled"),
            "is not one of: ",
        ),
        (
            good.replace("reason: r, ", ""),
            "2:5: the key `reason` is missing",
        ),
        (good.replace("cite", "sight"), "unknown key `sight`"),
        (
            good.replace("1A001", "1a001"),
            "`1a001` is not an entry code such as `3A001`",
        ),
        (
            format!("{good}}}\n  - {{{good}"),
            "3:5: `1A001 a.2 row_missing` is already defined at",
        ),
    ] {
        let said = explanations(&format!("explanations:\n  - {{{line}}}\n")).unwrap_err();
        assert!(said.contains(message), "{message}: {said}");
    }
}

#[test]
fn coverage_is_counted_by_category() {
    let regime = regime();
    let counts = coverage(regime.at(parse_date("2024-06-01").unwrap()));
    let one = counts[0];
    assert_eq!((one.category, one.entries, one.stated_only), ('1', 2, 1));
    assert_eq!(
        (
            one.paragraphs_with_formula,
            one.judgement_only,
            one.unmodelled
        ),
        (5, 0, 1)
    );
    assert_eq!(counts.iter().map(|c| c.category).collect::<String>(), "123");
}

#[test]
fn a_newer_issue_names_the_formulas_it_touches() {
    let newer = edited("A speed of 0.4 GHz or more", "A speed of 0.3 GHz or more");
    let newer = newer.replacen("<P>b. Mills with 7 axes or more.</P>\n", "", 1);
    let newer = newer.replacen("<P>f.1.a. ", "<P>f.1.b. Chips of air.</P>\n<P>f.1.a. ", 1);
    let newer = newer.replacen("Dust is weighed dry.", "Dust is weighed wet.", 1);
    let newer = newer.replacen("NS Column 1.", "NS Column 2.", 1);
    let newer = parse(&newer).unwrap();
    let regime = regime();
    let at = regime.at(parse_date("2024-06-01").unwrap());
    let changes: Vec<String> = diff(&tree(), &newer, at)
        .into_iter()
        .map(|change| {
            let (part, kind) = (change.part, change.kind.word());
            format!(
                "{part} {kind} {}.{}: {}",
                change.code,
                change.path,
                change.formulas.join(" ")
            )
        })
        .collect();
    assert_eq!(
        changes,
        [
            "paragraph changed 1A001.a.1: 1A001.a.1",
            "paragraph added 1A001.f.1.b: ",
            "note added 1A001.f.1.a: ",
            "note removed 1A001.f.1.a: ",
            "paragraph removed 2B001.b: ",
            "row added 3C001.: 3C001",
            "row removed 3C001.: 3C001",
        ]
    );
    assert!(diff(&tree(), &tree(), at).is_empty());
}
