//! What callers are answered.

use concord_kit::status::Problem;
use concord_proto::screening::batch_screen_response::Outcome;
use concord_proto::screening::{
    BatchScreenRequest, GetPartyRequest, ListSourcesRequest, ScreenRequest, party_outcome,
};
use concord_proto::types::{Completeness, Party, SnapshotRef};
use concord_screening::{SNAPSHOT_METADATA, explanation, reason};
use tonic::Code;

use crate::server::{Server, config, party};

#[tokio::test]
async fn the_shipped_example_hits_on_every_list_and_is_never_complete() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(config(&dir.path().join("none yet"), None)).await;
    let listed = [
        ("Imaginary Freight Forwarders Inc", "denied_persons"),
        (
            "Fictional Semiconductor Works Company Limited",
            "entity_list",
        ),
        ("Pretend Trading House", "unverified"),
        ("Phantom Aero Engine Corp", "meu_list"),
        ("Ladislav Ottokar Spukingen", "sdn"),
        ("Utopian Machine Tools", "nonproliferation"),
        ("가상정밀무역 주식회사", "kr_party_of_concern"),
    ];
    let mut parties: Vec<Party> = listed.map(|(name, _)| party(name)).into();
    parties.push(party("Harmless Bakery of Nowhere Street"));
    let summary = server.screen(parties).await;

    for (screening, (name, list)) in summary.parties.iter().zip(listed) {
        let hit = screening
            .hits
            .first()
            .unwrap_or_else(|| panic!("no hit for {name}"));
        assert_eq!(hit.list_id, list, "{name}");
        assert!(hit.score >= summary.threshold && hit.score <= hit.name_score);
        // Whoever holds the message can compute the score again.
        let told = explanation::from_json(&hit.explanation_json).unwrap();
        assert_eq!(concord_names::verify(&told), Ok(hit.score));
        assert_eq!(explanation::to_json(&told), hit.explanation_json);
        assert!(!hit.alignment.is_empty() && hit.citation.is_some());
        assert_eq!(screening.role, "consignee");
    }
    // A score that was raised is found out, and so is a format that is not ours.
    let hit = &summary.parties[0].hits[0];
    let raised = format!("\"score\":{}}}", hit.score);
    let forged = hit.explanation_json.replace(&raised, "\"score\":1}");
    assert_ne!(forged, hit.explanation_json);
    assert!(concord_names::verify(&explanation::from_json(&forged).unwrap()).is_err());
    assert!(explanation::from_json(&forged.replace("explanation/2", "explanation/9")).is_err());

    assert!(summary.parties[7].hits.is_empty());
    assert_eq!(summary.completeness(), Completeness::Incomplete);
    let reasons: Vec<&str> = summary
        .incomplete
        .iter()
        .map(|r| r.reason.as_str())
        .collect();
    assert_eq!(reasons, ["EXAMPLE_LIST_ONLY"]);
    let languages: Vec<&str> = summary.incomplete[0]
        .text
        .iter()
        .map(|t| t.language.as_str())
        .collect();
    assert_eq!(languages, ["en", "ko"]);
    for screening in &summary.parties {
        assert_eq!(screening.completeness(), Completeness::Incomplete);
    }
    assert!(summary.sources.iter().all(|s| s.example));

    // The listed party as published, under the digest of the answer.
    let mut client = server.client.clone();
    let request = GetPartyRequest {
        party_id: hit.party_id.clone(),
        snapshot: summary.snapshot.clone(),
    };
    let answer = client.get_party(request).await.unwrap().into_inner();
    assert_eq!(answer.snapshot, summary.snapshot);
    let listed = answer.party.unwrap();
    assert_eq!(listed.names[0].text, hit.name);
    assert_eq!(listed.source_record, "example_parties.csv:3");
    let unknown = client
        .get_party(GetPartyRequest::default())
        .await
        .unwrap_err();
    assert_eq!(
        Problem::from_status(&unknown).reason(),
        reason::PARTY_NOT_FOUND
    );

    let sources = client
        .list_sources(ListSourcesRequest {})
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        (sources.sources, sources.incomplete),
        (summary.sources, summary.incomplete)
    );
    assert_eq!(sources.completeness, i32::from(Completeness::Incomplete));
    server.end().await;
}

#[tokio::test]
async fn facts_beside_the_name_lower_the_score_and_say_so() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(config(dir.path(), None)).await;
    let told = |country: &str, kind: &str, birth_date: &str| Party {
        country: country.to_owned(),
        kind: kind.to_owned(),
        birth_date: birth_date.to_owned(),
        ..party("Barnabas Quillfeather")
    };
    let parties = vec![
        told("US", "person", "1961"),
        told("FR", "", ""),
        told("", "vessel", "1990-01-31"),
        told("", "", "1961-02"),
        Party {
            gender: "female".to_owned(),
            ..party("Barnabas Quillfeather")
        },
    ];
    let summary = server.screen(parties).await;
    let hit = |i: usize| {
        summary.parties[i]
            .hits
            .first()
            .map(|h| (h.score, h.qualifiers.clone()))
    };
    assert_eq!(hit(0), Some((10_000, vec![])));
    assert_eq!(hit(1), Some((9_700, vec!["country_differs".to_owned()])));
    // Both contradict: below the threshold, and found again with a lower one.
    assert_eq!(hit(2), None);
    assert_eq!(hit(3), Some((9_500, vec!["birth_date_differs".to_owned()])));
    // What the list does not say contradicts nothing.
    assert_eq!(hit(4), Some((10_000, vec![])));
    let request = ScreenRequest {
        parties: vec![told("", "vessel", "1990-01-31")],
        threshold: 5_000,
        ..Default::default()
    };
    let summary = server.ask(request).await.unwrap().summary.unwrap();
    let hit = &summary.parties[0].hits[0];
    assert_eq!(hit.qualifiers, ["kind_differs", "birth_year_differs"]);
    assert_eq!(summary.threshold, 5_000);
    // The basic view says which words agreed and leaves the account out.
    assert!(hit.explanation_json.is_empty());
    let words: Vec<&str> = hit.alignment.iter().map(|a| a.query.as_str()).collect();
    assert_eq!(words, ["barnabas", "quillfeather"]);
    server.end().await;
}

#[tokio::test]
async fn bad_input_is_refused_by_field_and_never_repeated() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(config(dir.path(), None)).await;
    let with = |change: fn(&mut Party)| {
        let mut p = party("Canary Nightingale");
        change(&mut p);
        ScreenRequest {
            parties: vec![party("First Party"), p],
            ..Default::default()
        }
    };
    let canary = || ScreenRequest {
        parties: vec![party("Canary Nightingale")],
        ..Default::default()
    };
    let cases: Vec<(&str, ScreenRequest)> = vec![
        ("parties", ScreenRequest::default()),
        (
            "parties",
            ScreenRequest {
                parties: vec![party("Canary"); 1_001],
                ..Default::default()
            },
        ),
        ("parties[1].name", with(|p| p.name = "  \t".to_owned())),
        ("parties[1].name", with(|p| p.name = "—!?".to_owned())),
        ("parties[1].name", with(|p| p.name = "Canary ".repeat(80))),
        (
            "parties[1].country",
            with(|p| p.country = "Canary".to_owned()),
        ),
        ("parties[1].kind", with(|p| p.kind = "Canary".to_owned())),
        (
            "parties[1].birth_date",
            with(|p| p.birth_date = "1961-02-31".to_owned()),
        ),
        (
            "parties[1].birth_date",
            with(|p| p.birth_date = "Canary".to_owned()),
        ),
        (
            "parties[1].address",
            with(|p| p.address = "Canary ".repeat(200)),
        ),
        (
            "threshold",
            ScreenRequest {
                threshold: 10_001,
                ..canary()
            },
        ),
        (
            "profile",
            ScreenRequest {
                profile: "Canary".to_owned(),
                ..canary()
            },
        ),
    ];
    for (field, request) in cases {
        let status = server.ask(request).await.map(|_| ()).expect_err(field);
        let problem = Problem::from_status(&status);
        assert_eq!(problem.code(), Code::InvalidArgument, "{field}");
        let fields: Vec<&str> = problem
            .violations()
            .iter()
            .map(|(f, _)| f.as_str())
            .collect();
        assert_eq!(fields, [field]);
        let expected = if field == "profile" {
            reason::UNKNOWN_PROFILE
        } else {
            reason::INVALID_REQUEST
        };
        assert_eq!(problem.reason(), expected);
        let said = format!(
            "{} {:?} {:?}",
            problem.message(),
            problem.violations(),
            problem.metadata()
        );
        assert!(!said.contains("Canary"), "{said}");
    }

    let pin = SnapshotRef {
        digest: format!("sha256:{}", "0".repeat(64)),
    };
    let pinned = ScreenRequest {
        snapshot: Some(pin.clone()),
        ..canary()
    };
    let problem = Problem::from_status(&server.ask(pinned).await.unwrap_err());
    assert_eq!(
        (problem.code(), problem.reason()),
        (Code::FailedPrecondition, reason::SNAPSHOT_NOT_LOADED)
    );
    let request = GetPartyRequest {
        party_id: "own/sdn/EX-10".to_owned(),
        snapshot: Some(pin),
    };
    let status = server.client.clone().get_party(request).await.unwrap_err();
    assert_eq!(
        Problem::from_status(&status).reason(),
        reason::SNAPSHOT_NOT_LOADED
    );
    let current = server
        .ask(canary())
        .await
        .unwrap()
        .summary
        .unwrap()
        .snapshot;
    server
        .ask(ScreenRequest {
            snapshot: current,
            ..canary()
        })
        .await
        .unwrap();
    server.end().await;
}

#[tokio::test]
async fn one_bad_element_does_not_end_a_batch() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(config(dir.path(), None)).await;
    let element = |index: u64, name: &str| BatchScreenRequest {
        index,
        party: Some(party(name)),
        ..Default::default()
    };
    let elements = vec![
        element(70, "Bank of Atlantis"),
        element(71, ""),
        BatchScreenRequest {
            index: 72,
            ..Default::default()
        },
        element(73, "Harmless Bakery"),
        // Many parties in one message, one of them not right.
        BatchScreenRequest {
            index: 74,
            parties: vec![
                party("Harmless Bakery"),
                party(""),
                party("Bank of Atlantis"),
            ],
            ..Default::default()
        },
        BatchScreenRequest {
            index: 75,
            party: Some(party("x")),
            parties: vec![party("y")],
            ..Default::default()
        },
    ];
    let response = server
        .client
        .clone()
        .batch_screen(futures_util::stream::iter(elements))
        .await
        .unwrap();
    let digest = response
        .metadata()
        .get(SNAPSHOT_METADATA)
        .unwrap()
        .to_str()
        .unwrap()
        .to_owned();
    let mut stream = response.into_inner();
    let mut answers = std::collections::BTreeMap::new();
    let mut many = Vec::new();
    while let Some(answer) = stream.message().await.unwrap() {
        if answer.index == 74 {
            assert!(answer.outcome.is_none());
            many = answer.results;
            continue;
        }
        answers.insert(answer.index, answer.outcome.unwrap());
    }
    let current = server.screen(vec![party("x")]).await.snapshot.unwrap();
    assert_eq!(digest, current.digest);
    let outcomes: Vec<_> = many
        .into_iter()
        .map(|one| match one.outcome.unwrap() {
            party_outcome::Outcome::Result(r) => Ok((r.index, r.hits.len())),
            party_outcome::Outcome::Problem(p) => Err(p.violations[0].field.clone()),
        })
        .collect();
    assert_eq!(
        outcomes,
        [Ok((0, 0)), Err("parties[1].name".to_owned()), Ok((2, 1))]
    );
    match &answers[&75] {
        Outcome::Problem(p) => assert_eq!(p.violations[0].field, "party"),
        Outcome::Result(_) => panic!("`party` beside `parties` was answered"),
    }
    let hits = |index: u64| match &answers[&index] {
        Outcome::Result(result) => {
            assert_eq!(result.completeness(), Completeness::Incomplete);
            Ok(result
                .hits
                .iter()
                .map(|h| h.party_id.clone())
                .collect::<Vec<_>>())
        }
        Outcome::Problem(problem) => Err(problem.violations[0].field.clone()),
    };
    assert_eq!(hits(70), Ok(vec!["own/sdn/EX-10".to_owned()]));
    assert_eq!(hits(71), Err("party.name".to_owned()));
    assert_eq!(hits(72), Err("party.name".to_owned()));
    assert_eq!(hits(73), Ok(vec![]));
    server.end().await;
}
