//! Profiles, and searches that cannot tell everything: neither ever reads as a clean answer.

use concord_lists::{ReadOptions, SourceFile, read};
use concord_proto::screening::ScreenRequest;
use concord_proto::types::{Completeness, ScreeningSummary, View};
use concord_screening::{AddOptions, Config, ListStore, explanation};
use jiff::Timestamp;

use crate::lists::own;
use crate::server::{Server, config, party};

async fn ask(server: &Server, profile: &str, names: &[&str]) -> ScreeningSummary {
    let request = ScreenRequest {
        parties: names.iter().map(|name| party(name)).collect(),
        profile: profile.to_owned(),
        view: View::Full.into(),
        ..Default::default()
    };
    server.ask(request).await.unwrap().summary.unwrap()
}

/// Reason and subject of everything that is missing for party `at`.
fn missing(summary: &ScreeningSummary, at: usize) -> Vec<(&str, &str)> {
    let party = &summary.parties[at];
    let complete = party.completeness() == Completeness::Complete;
    assert_eq!(complete, party.incomplete.is_empty());
    for reason in &party.incomplete {
        assert!(summary.incomplete.contains(reason), "{reason:?}");
        assert_eq!(reason.text.len(), 2);
    }
    let reasons = party.incomplete.iter();
    reasons
        .map(|r| (r.reason.as_str(), r.subject.as_str()))
        .collect()
}

#[tokio::test]
async fn each_profile_answers_with_its_own_scores_and_says_what_it_does_not_read() {
    let dir = tempfile::tempdir().unwrap();
    let store = ListStore::open(dir.path());
    let options = AddOptions::at(Timestamp::now());
    store
        .add(vec![own("sdn", "Alpha Works", 30, "")], &options)
        .unwrap();
    let server = Server::start(config(dir.path(), Some(&["sdn"]))).await;
    let names = ["Alfa Works Vor", "알파 웍스", "Nobody At All"];
    let mut digests = std::collections::BTreeSet::new();
    for (profile, named) in [("", "default"), ("strict", "strict"), ("ofac", "ofac")] {
        let summary = ask(&server, profile, &names).await;
        assert_eq!(summary.profile, named);
        digests.insert(summary.profile_digest.clone());
        let hit = &summary.parties[0].hits[0];
        let told = explanation::from_json(&hit.explanation_json).unwrap();
        assert_eq!(
            (told.profile.as_str(), &told.profile_digest),
            (named, &summary.profile_digest)
        );
        assert_eq!(concord_names::verify(&told), Ok(hit.score));
        assert_eq!(missing(&summary, 0), []);
        assert_eq!(missing(&summary, 2), []);
        assert!(summary.parties[2].hits.is_empty());
        // The Treasury's method reads Latin letters: a Korean name finds nothing, and that is said.
        let unread = summary.parties[1].completeness() == Completeness::Incomplete;
        assert_eq!(unread, named == "ofac");
        if unread {
            assert_eq!(missing(&summary, 1), [("NAME_NOT_READ", "ofac")]);
            assert_eq!(summary.completeness(), Completeness::Incomplete);
        }
    }
    assert_eq!(digests.len(), 3);
    assert_eq!(ask(&server, "strict", &["x"]).await.threshold, 9_200);
    server.end().await;
}

#[tokio::test]
async fn a_search_that_is_ended_and_a_list_that_is_not_found_are_no_clean_answers() {
    let dir = tempfile::tempdir().unwrap();
    let store = ListStore::open(dir.path());
    let options = AddOptions::at(Timestamp::now());
    // Large enough that answers are kept; one that is not complete must not be.
    store
        .add(vec![own("sdn", "Alpha Works", 1_200, "")], &options)
        .unwrap();
    let limited = Config {
        search_limit: 100,
        ..config(dir.path(), Some(&["sdn"]))
    };
    let server = Server::start(limited).await;
    for _ in 0..2 {
        let summary = ask(&server, "", &["Alpha Works", "Zzyzx Qwortle"]).await;
        assert_eq!(missing(&summary, 0), [("SEARCH_LIMIT", "")]);
        // Nothing resembles it, so that nothing needed to be looked at.
        assert_eq!(missing(&summary, 1), []);
        assert_eq!(summary.completeness(), Completeness::Incomplete);
    }
    server.end().await;

    let file = SourceFile {
        name: "own-2.csv",
        bytes:
            "party_id,list,type,name,aliases\n1,own_two,unknown,★★★,—\n2,own_two,unknown,Beta,\n"
                .as_bytes(),
    };
    let reading = read(&[file], &ReadOptions::default()).unwrap();
    store.add(vec![reading], &options).unwrap();
    let server = Server::start(config(dir.path(), Some(&["sdn"]))).await;
    let summary = ask(&server, "", &["Beta"]).await;
    assert_eq!(summary.parties[0].hits.len(), 1);
    assert_eq!(missing(&summary, 0), [("NAME_NOT_READ", "own_two")]);
    server.end().await;
}
