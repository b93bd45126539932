//! Pairs on which a reader has an opinion.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use concord_names::{
    Corpus, Explanation, FULL, Form, Gender, IndexBuilder, Key, Profile, Qualifiers, Query,
    Subject, explain, verify,
};

fn facts(subject: Subject) -> Qualifiers {
    Qualifiers {
        subject,
        ..Qualifiers::default()
    }
}

fn compare(a: &str, b: &str, subject: Subject) -> Explanation {
    let none = Qualifiers::default();
    explain(
        a,
        &none,
        b,
        &facts(subject),
        &Corpus::default(),
        &Profile::DEFAULT,
    )
}

#[test]
fn the_same_party_reaches_the_threshold() {
    for (a, b, subject) in [
        (
            "Société Générale SA",
            "SOCIETE GENERALE, S.A.",
            Subject::Organisation,
        ),
        ("Acme Ltd", "ACME LIMITED", Subject::Organisation),
        ("Kim Jong Un", "KIM, Jong Un", Subject::Person),
        ("김정은", "김정은", Subject::Person),
        (
            "EL-HOURI, Ali Saed Bin Ali",
            "Ali Saed Bin Ali EL HOURI",
            Subject::Person,
        ),
        (
            "OOO Neva",
            "Neva Limited Liability Company",
            Subject::Organisation,
        ),
    ] {
        assert_eq!(compare(a, b, subject).score, FULL, "{a} / {b}");
    }
    for (a, b, subject) in [
        ("Al Qaida", "Alqaida", Subject::Organisation),
        (
            "Vladimir Putin",
            "PUTIN, Vladimir Vladimirovich",
            Subject::Person,
        ),
        ("N. Nazarbayev", "Nursultan Nazarbayev", Subject::Person),
        (
            "Huawei Technologis Co Ltd",
            "Huawei Technologies Co., Ltd.",
            Subject::Organisation,
        ),
        (
            "Mohamed Abdel Rahman",
            "Muhammed Abdel Rahman",
            Subject::Person,
        ),
        ("Neva", "Neva OOO", Subject::Organisation),
    ] {
        let found = compare(a, b, subject);
        assert!(
            found.score >= Profile::DEFAULT.threshold,
            "{a} / {b}: {}",
            found.score
        );
    }
}

#[test]
fn another_party_does_not() {
    for (a, b, subject) in [
        (
            "Banco Santander S.A.",
            "Banco Santander Chile S.A.",
            Subject::Organisation,
        ),
        (
            "Banco Santander S.A.",
            "Banco Santander Chile S.A.",
            Subject::Unknown,
        ),
        ("Kim Jong Un", "KIM, Jong Il", Subject::Person),
        ("Brigade 44", "Brigade 45", Subject::Organisation),
        ("Brigade 44", "Brigade Forty 4", Subject::Organisation),
        (
            "Salman bin Muhammad",
            "Muhammad bin Salman",
            Subject::Person,
        ),
        (
            "Acme Trading Corp",
            "Zenith Trading Corp",
            Subject::Organisation,
        ),
        ("Kim", "KIM, Jong Un", Subject::Person),
        (
            "A & C Trading",
            "Alpha Carbon Trading",
            Subject::Organisation,
        ),
        ("Corp", "Acme Corp", Subject::Organisation),
        ("", "Acme Corp", Subject::Organisation),
        ("", "", Subject::Unknown),
    ] {
        let found = compare(a, b, subject);
        assert!(
            found.score < Profile::DEFAULT.threshold,
            "{a} / {b}: {}",
            found.score
        );
    }
}

#[test]
fn explanations_say_what_was_done() {
    let found = compare(
        "Alqaida Bank Ltd",
        "AL QAIDA TRADING BANK",
        Subject::Organisation,
    );
    let keys: Vec<_> = found
        .alignment
        .aligned
        .iter()
        .map(|a| {
            (
                a.query.clone(),
                a.list.clone(),
                a.key,
                a.edits,
                a.similarity,
            )
        })
        .collect();
    assert_eq!(
        keys,
        [
            (vec![0], vec![0, 1], Key::Joined, 0, FULL),
            (vec![1], vec![3], Key::Literal, 0, FULL)
        ]
    );
    assert_eq!(
        (found.unmatched_query, found.unmatched_list),
        (vec![2], vec![2])
    );
}

#[test]
fn a_hit_tells_which_name_and_how_weak() {
    let mut index = IndexBuilder::default();
    let first = index.entry(Qualifiers {
        subject: Subject::Person,
        countries: vec!["KP".to_owned()],
        births: vec![(19_580_101, 19_601_231)],
        gender: Some(Gender::Male),
    });
    index.name(first, "SPUKINGEN, Ladislav", false);
    index.name(first, "KING SPOOK", true);
    let second = index.entry(facts(Subject::Organisation));
    index.name(
        second,
        "Fictional Rocket Works (FROWO); and any successor",
        false,
    );
    let index = index.build_with(Corpus::default(), &Profile::DEFAULT);
    let hit = |name: &str| {
        let query = Query {
            name: name.to_owned(),
            ..Query::default()
        };
        index
            .search(&query, 8_500)
            .into_iter()
            .next()
            .map(|h| (h.entry, h.name, h.form, h.weak, h.score))
    };
    assert_eq!(
        hit("Ladislav Spukingen"),
        Some((0, 0, Form::Full, false, FULL))
    );
    assert_eq!(hit("King Spook"), Some((0, 1, Form::Full, true, FULL)));
    assert_eq!(
        hit("Fictional Rocket Works"),
        Some((1, 0, Form::Core, false, FULL))
    );
    assert_eq!(hit("FROWO"), Some((1, 0, Form::Parenthesised, true, FULL)));
    assert_eq!(hit("Nobody"), None);

    let ask = |countries: &[&str], births: &[(u32, u32)], subject, gender| {
        let facts = Qualifiers {
            subject,
            countries: countries.iter().map(|c| (*c).to_owned()).collect(),
            births: births.to_vec(),
            gender,
        };
        index.search(
            &Query {
                name: "Ladislav Spukingen".to_owned(),
                facts,
            },
            1,
        )[0]
        .clone()
    };
    let unknown = Subject::Unknown;
    let year = [(19_600_101, 19_601_231)];
    let male = Some(Gender::Male);
    assert_eq!(ask(&["KP"], &year, Subject::Person, male).score, FULL);
    assert_eq!(ask(&["DE"], &[], unknown, None).score, 9_700);
    assert_eq!(ask(&[], &[], unknown, Some(Gender::Female)).score, 9_000);
    let later = [(19_610_101, 19_610_101)];
    assert_eq!(ask(&[], &later, unknown, None).score, 9_000);
    let early = [(19_500_101, 19_511_231)];
    let mut hit = ask(&["DE"], &early, Subject::Organisation, Some(Gender::Female));
    let what: Vec<_> = hit.explanation.qualifiers.iter().map(|q| q.what).collect();
    assert_eq!(what, ["country", "kind", "birth_year", "gender"]);
    assert_eq!((hit.explanation.name_score, hit.score), (FULL, 7_071));
    // The verifier computes them again: none can be left out, added or weakened.
    assert_eq!(
        verify(&hit.explanation),
        Ok(FULL * 97 / 100 * 90 / 100 * 90 / 100 * 90 / 100)
    );
    let gender = hit.explanation.qualifiers.pop();
    assert!(verify(&hit.explanation).is_err());
    hit.explanation.qualifiers.extend(gender);
    hit.explanation.list_facts.gender = None;
    assert!(verify(&hit.explanation).is_err());
}

#[test]
fn the_profile_is_named_by_its_constants() {
    let digest = Profile::DEFAULT.digest();
    assert!(digest.starts_with("sha256:") && digest.len() == 71);
    assert_ne!(
        Profile {
            threshold: 8_501,
            ..Profile::DEFAULT
        }
        .digest(),
        digest
    );
    assert_eq!(Profile::named("default"), Some(&Profile::DEFAULT));
}
