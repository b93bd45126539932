//! What must hold for any names: exactness, symmetry, the lossless filter, verifiable explanations.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use concord_names::{
    Corpus, Explanation, FULL, Gender, Index, IndexBuilder, Name, Profile, Qualifiers, Query,
    Subject, explain, verify,
};
use proptest::prelude::{
    Just, ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest,
};

const SUBJECTS: [Subject; 4] = [
    Subject::Unknown,
    Subject::Person,
    Subject::Organisation,
    Subject::Craft,
];

/// Words over a small alphabet, so that near misses, joins and initials abound.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[abk]{3,7}",
        2 => "[a-e]{4,12}",
        1 => "[a-c]",
        1 => "[0-9]{1,3}",
        1 => prop_oneof![Just("ltd"), Just("bank"), Just("trading"), Just("al"), Just("bin"), Just("of"), Just("co")].prop_map(str::to_owned),
        1 => "[가나다]{2,3}",
        1 => "[김정은박이]{1,3}",
        1 => "[金正恩习近平]{1,3}",
        2 => prop_oneof![
            Just("kim"), Just("jong"), Just("un"), Just("jongun"), Just("jeongeun"), Just("xi"), Just("jinping"),
            Just("mohammed"), Just("muhamad"), Just("محمد"), Just("حسن"), Just("hassan"), Just("abdulrahman"),
            Just("владимир"), Just("путин"), Just("putin"), Just("vladimir"), Just("volodymyr"), Just("банк"),
            Just("은행"), Just("銀行"), Just("в"), Just("v"), Just("ソニー"), Just("soni"), Just("νικος"), Just("nikos")
        ].prop_map(str::to_owned),
    ]
}

fn name() -> impl Strategy<Value = String> {
    (proptest::collection::vec(word(), 1..6), any::<bool>()).prop_map(|(words, paren)| {
        let mut text = words.join(" ");
        if paren && words.len() > 2 {
            text = format!("{} ({})", words[1..].join(" "), words[0]);
        }
        text
    })
}

fn facts() -> impl Strategy<Value = Qualifiers> {
    let genders = prop_oneof![
        Just(None),
        Just(Some(Gender::Female)),
        Just(Some(Gender::Male))
    ];
    let births = prop_oneof![
        Just(0),
        Just(19_700_101),
        Just(19_700_102),
        Just(19_710_101)
    ];
    (0_usize..4, any::<bool>(), births, genders).prop_map(|(s, country, birth, gender)| {
        Qualifiers {
            subject: SUBJECTS[s],
            countries: if country {
                vec!["KR".to_owned()]
            } else {
                vec![]
            },
            births: if birth > 0 {
                vec![(birth, birth)]
            } else {
                vec![]
            },
            gender,
        }
    })
}

fn index(names: &[(String, Qualifiers)], corpus: Option<Corpus>) -> Index {
    let mut builder = IndexBuilder::default();
    for (n, (name, facts)) in names.iter().enumerate() {
        let entry = builder.entry(facts.clone());
        builder.name(entry, name, n % 3 == 0);
    }
    match corpus {
        Some(corpus) => builder.build_with(corpus, &Profile::DEFAULT),
        None => builder.build(&Profile::DEFAULT),
    }
}

fn pair(a: &str, fa: &Qualifiers, b: &str, fb: &Qualifiers) -> Explanation {
    explain(a, fa, b, fb, &Corpus::default(), &Profile::DEFAULT)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_index_equals_the_exhaustive_scan(
        names in proptest::collection::vec((name(), facts()), 1..40),
        queries in proptest::collection::vec((name(), facts()), 1..6),
        threshold in prop_oneof![Just(1_u32), Just(5_000), Just(5_001), 5_000_u32..=10_000, Just(10_000), Just(8_500)],
    ) {
        let index = index(&names, None);
        let own = names.iter().take(3).cloned();
        for (name, facts) in queries.into_iter().chain(own) {
            let query = Query { name, facts };
            let found = index.search(&query, threshold);
            prop_assert_eq!(&found, &index.search_exhaustively(&query, threshold));
            for hit in found {
                prop_assert!(hit.score >= threshold);
                prop_assert_eq!(verify(&hit.explanation), Ok(hit.score));
            }
        }
    }

    #[test]
    fn pairs_are_symmetric_exact_and_verifiable(a in name(), b in name(), fa in facts(), fb in facts()) {
        let (forth, back) = (pair(&a, &fa, &b, &fb), pair(&b, &fb, &a, &fa));
        prop_assert_eq!(forth.score, back.score);
        prop_assert_eq!(verify(&forth), Ok(forth.score));
        let same = pair(&a, &fa, &a, &fa);
        prop_assert_eq!((same.score, same.name_score), (FULL, FULL));
        prop_assert!(forth.score <= forth.name_score && forth.name_score <= FULL);
        // Facts only lower: without them the score is the name score under the same manner.
        let kind = |f: &Qualifiers| Qualifiers { subject: f.subject, ..Qualifiers::default() };
        prop_assert!(pair(&a, &kind(&fa), &b, &kind(&fb)).score >= forth.score);
        // An explanation that was touched does not verify.
        for broken in [
            Explanation { score: forth.score + 1, ..forth.clone() },
            Explanation { name_score: forth.name_score + 1, ..forth.clone() },
            Explanation { list: format!("{b} zzzzz"), ..forth.clone() },
            Explanation { profile_digest: String::new(), ..forth.clone() },
            Explanation { engine: "other".into(), ..forth.clone() },
        ] {
            prop_assert!(verify(&broken).is_err());
        }
    }

    #[test]
    fn order_of_words_changes_nothing(
        mut words in proptest::collection::vec("[a-z]{5,9}", 1..6),
        other in proptest::collection::vec("[a-z]{5,9}", 1..6),
        keep in 0_usize..4,
        turn in 0_usize..6,
    ) {
        let mut other = other;
        other.extend(words.iter().take(keep).cloned());
        let list = other.join(" ");
        let none = Qualifiers::default();
        let straight = pair(&words.join(" "), &none, &list, &none).score;
        let by = turn % words.len();
        words.rotate_left(by);
        prop_assert_eq!(pair(&words.join(" "), &none, &list, &none).score, straight);
        words.reverse();
        prop_assert_eq!(pair(&words.join(" "), &none, &list, &none).score, straight);
    }

    #[test]
    fn a_typo_never_raises_a_score(
        list in proptest::collection::vec("[a-z]{5,9}", 2..6),
        left_out in 0_usize..6,
        typos in proptest::collection::vec((0_usize..6, 0_usize..9, 0_u8..4, b'a'..=b'z'), 1..4),
    ) {
        let none = Qualifiers::default();
        let mut corpus = Corpus::default();
        for word in &list {
            corpus.add(&Name::new(word));
            corpus.add(&Name::new("filler words"));
        }
        let mut words: Vec<String> = list.clone();
        if left_out < words.len() {
            words.remove(left_out);
        }
        let listed = list.join(" ");
        let score = |words: &[String]| {
            explain(&words.join(" "), &none, &listed, &none, &corpus, &Profile::DEFAULT).score
        };
        let clean = score(&words);
        for (word, at, kind, letter) in typos {
            let word = word % words.len();
            let mut chars: Vec<char> = words[word].chars().collect();
            let at = at % chars.len();
            match kind {
                0 => chars[at] = letter.into(),
                1 if chars.len() > 4 => { chars.remove(at); }
                2 => chars.insert(at, letter.into()),
                _ if at > 0 => chars.swap(at, at - 1),
                _ => {}
            }
            words[word] = chars.into_iter().collect();
            prop_assert!(score(&words) <= clean);
        }
    }

    #[test]
    fn adding_an_entry_removes_no_hit(
        names in proptest::collection::vec((name(), facts()), 2..20),
        query in name(),
    ) {
        // With a fixed corpus; the corpus of the names themselves moves weights with every entry.
        let query = Query { name: query, facts: Qualifiers::default() };
        let fewer = index(&names[..names.len() - 1], Some(Corpus::default())).search(&query, 8_000);
        let more = index(&names, Some(Corpus::default())).search(&query, 8_000);
        for hit in fewer {
            prop_assert!(more.contains(&hit));
        }
    }

    #[test]
    fn every_profile_is_lossless_and_verifiable(
        names in proptest::collection::vec((name(), facts()), 1..12),
        queries in proptest::collection::vec((name(), facts()), 1..3),
        threshold in 1_u32..=10_000,
    ) {
        for profile in Profile::ALL {
            let mut builder = IndexBuilder::default();
            for (name, facts) in &names {
                let entry = builder.entry(facts.clone());
                builder.name(entry, name, false);
            }
            let index = builder.build(profile);
            for (name, facts) in &queries {
                let query = Query { name: name.clone(), facts: facts.clone() };
                let found = index.search_within(&query, threshold, u64::MAX);
                prop_assert!(found.complete);
                prop_assert_eq!(&found.hits, &index.search_exhaustively(&query, threshold));
                for hit in &found.hits {
                    prop_assert_eq!(verify(&hit.explanation), Ok(hit.score));
                }
                // With too low a limit the answer says that it is not complete, and what it holds is true.
                let short = index.search_within(&query, threshold, found.cost.saturating_sub(1));
                prop_assert!(!short.complete || found.cost == 0);
                for hit in &short.hits {
                    prop_assert!(found.hits.iter().any(|h| h.entry == hit.entry && h.score >= hit.score));
                }
            }
        }
    }

    #[test]
    fn normalising_twice_changes_nothing(text in any::<String>()) {
        let once = Name::new(&text);
        let again: Vec<String> = once.tokens.iter().map(|t| t.text.clone()).collect();
        for token in again {
            // A token that is a word of its own stays that word; legal forms have names of their own.
            let name = Name::new(&token);
            prop_assert!(!name.tokens.is_empty(), "{token}");
        }
    }

    #[test]
    fn any_text_is_a_name(a in any::<String>(), b in any::<String>()) {
        let none = Qualifiers::default();
        let found = pair(&a, &none, &b, &none);
        prop_assert_eq!(verify(&found), Ok(found.score));
        let index = index(&[(a, none.clone())], None);
        let query = Query { name: b, facts: none };
        prop_assert_eq!(index.search(&query, 8_500), index.search_exhaustively(&query, 8_500));
    }
}
