//! A decision that a hit is another party: shown with who, when and why, bound to what was looked at, and over when that changes
//! or its time ends.

use std::time::Duration;

use concord_proto::screening::GetPartyRequest;
use concord_proto::types::{Hit, Party, ScreeningSummary};
use concord_screening::store::GOOD_GUYS;
use concord_screening::{AddOptions, GoodGuy, GoodGuys, ListStore, Loaded, Policy, StoreError};
use jiff::Timestamp;

use crate::lists::own;
use crate::server::{Server, config, party};

/// Asks until the answer is as wanted; the store is looked at ten times a second.
async fn until(server: &Server, asked: &Party, wanted: impl Fn(&Hit) -> bool) -> ScreeningSummary {
    for _ in 0..100 {
        let summary = server.screen(vec![asked.clone()]).await;
        if summary.parties[0].hits.first().is_some_and(&wanted) {
            return summary;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the answer did not change within five seconds");
}

fn entry(listed: &concord_lists::Party, name: &str) -> GoodGuy {
    GoodGuy {
        name: name.to_owned(),
        country: "KR".to_owned(),
        birth_date: String::new(),
        party_id: listed.id.clone(),
        party_digest: listed.digest(),
        decided_by: "j.doe".to_owned(),
        decided_on: "2026-01-02".to_owned(),
        until: String::new(),
        reason: "another company of that name, seen in its register".to_owned(),
    }
}

#[tokio::test]
async fn a_covered_hit_is_shown_with_its_reason_until_the_entry_changes() {
    let dir = tempfile::tempdir().unwrap();
    let store = ListStore::open(dir.path());
    store
        .add(
            vec![own("sdn", "Alpha", 20, "")],
            &AddOptions::at(Timestamp::now()),
        )
        .unwrap();
    let snapshot = store.current().unwrap().unwrap().snapshot;
    let listed = snapshot.parties()[3].clone();
    let name = listed.names[0].text.clone();
    let asked = Party {
        country: "KR".to_owned(),
        ..party(&name)
    };
    let server = Server::start(config(dir.path(), Some(&["sdn"]))).await;
    let before = server.screen(vec![asked.clone()]).await;
    assert_eq!(before.good_guys_digest, "");
    let hit = &before.parties[0].hits[0];
    assert!(hit.party_id == listed.id && hit.suppressed.is_none() && hit.lapsed.is_none());

    // Case and spaces do not count.
    let spaced = format!("  {}", name.to_uppercase().replace(' ', "  "));
    store
        .change_good_guys(|entries| entries.push(entry(&listed, &spaced)))
        .unwrap();
    let covered = until(&server, &asked, |hit| hit.suppressed.is_some()).await;
    assert_eq!(
        covered.good_guys_digest,
        store.good_guys().unwrap().digest()
    );
    let hit = &covered.parties[0].hits[0];
    let decision = hit.suppressed.as_ref().unwrap();
    assert_eq!(decision.decided_by, "j.doe");
    assert_eq!(decision.party_digest, listed.digest());
    assert!(decision.reason.contains("register") && hit.lapsed.is_none());
    assert_eq!(
        Hit {
            suppressed: None,
            ..hit.clone()
        },
        before.parties[0].hits[0],
        "everything else is as it was"
    );
    let request = GetPartyRequest {
        party_id: listed.id.clone(),
        snapshot: None,
    };
    let got = server.client.clone().get_party(request).await.unwrap();
    assert_eq!(
        got.into_inner().party.unwrap().party_digest,
        listed.digest()
    );
    // Another country or name is another party.
    for other in [
        party(&name),
        Party {
            country: "DE".to_owned(),
            ..party(&name)
        },
    ] {
        let summary = server.screen(vec![other]).await;
        assert!(summary.parties[0].hits[0].suppressed.is_none());
    }

    // The list says something else of the party: the decision was about what it said before.
    let mut changed = own("sdn", "Alpha", 20, "");
    let at = changed.parties.iter().position(|p| p.id == listed.id);
    changed.parties[at.expect("the same party")].remarks = "new".to_owned();
    store
        .add(vec![changed], &AddOptions::at(Timestamp::now()))
        .unwrap();
    let lapsed = until(&server, &asked, |hit| hit.lapsed.is_some()).await;
    let hit = &lapsed.parties[0].hits[0];
    assert!(hit.suppressed.is_none() && hit.lapsed.as_ref().unwrap().decided_by == "j.doe");
    // A damaged list of decisions covers nothing.
    store
        .change_good_guys(|entries| {
            entries.clear();
            let now = store.current().unwrap().unwrap().snapshot;
            entries.push(entry(now.party(&listed.id).unwrap(), &name));
        })
        .unwrap();
    until(&server, &asked, |hit| hit.suppressed.is_some()).await;
    std::fs::write(dir.path().join(GOOD_GUYS), b"{\"format\":").unwrap();
    until(&server, &asked, |hit| hit.suppressed.is_none()).await;
    assert!(matches!(
        Loaded::from_store(&store),
        Err(StoreError::GoodGuys { .. })
    ));
    server.end().await;
}

#[test]
fn a_decision_holds_in_its_time_and_never_for_an_identifier() {
    let dir = tempfile::tempdir().unwrap();
    let store = ListStore::open(dir.path());
    store
        .add(
            vec![own("sdn", "Alpha", 5, "")],
            &AddOptions::at(Timestamp::now()),
        )
        .unwrap();
    let snapshot = store.current().unwrap().unwrap().snapshot;
    let listed = snapshot.parties()[0].clone();
    let name = listed.names[0].text.clone();
    let policy = Policy::new("US", Some(&["sdn".to_owned()]), 30, 100).unwrap();
    let asked = |on: &str, change: &dyn Fn(&mut GoodGuy), country: &str| {
        let mut decision = entry(&listed, &name);
        change(&mut decision);
        let good_guys = GoodGuys::new(vec![decision]);
        assert_eq!(
            GoodGuys::decode(&good_guys.encode()).as_ref(),
            Ok(&good_guys)
        );
        let loaded = Loaded::from_store(&store)
            .unwrap()
            .with_good_guys(good_guys.into());
        let request = concord_proto::screening::ScreenRequest {
            parties: vec![Party {
                country: country.to_owned(),
                ..party(&name)
            }],
            ..Default::default()
        };
        let now: Timestamp = format!("{on}T12:00:00Z").parse().unwrap();
        let answer = concord_screening::screen(&loaded, &policy, now, &request).unwrap();
        let hit = answer.summary.unwrap().parties.remove(0).hits.remove(0);
        (hit.suppressed.is_some(), hit.lapsed.is_some())
    };
    let until = |g: &mut GoodGuy| g.until = "2026-06-30".to_owned();
    assert_eq!(asked("2026-06-30", &until, "KR"), (true, false));
    assert_eq!(asked("2026-07-01", &until, "KR"), (false, true));
    assert_eq!(
        asked("2026-01-01", &until, "KR"),
        (false, true),
        "before the decision"
    );
    assert_eq!(asked("2026-03-01", &until, ""), (false, false));
    let born = |g: &mut GoodGuy| g.birth_date = "1970".to_owned();
    assert_eq!(asked("2026-03-01", &born, "KR"), (false, false));
    let other = |g: &mut GoodGuy| g.party_digest = "sha256:00".to_owned();
    assert_eq!(asked("2026-03-01", &other, "KR"), (false, true));
    for (damage, text) in [
        (
            r#"{"format":"concord-good-guys/2","entries":[]}"#,
            "its format is",
        ),
        (
            r#"{"format":"concord-good-guys/1","entries":[{"name":" ","party_id":"p","party_digest":"d","decided_by":"x","decided_on":"2026-01-01","reason":"r"}]}"#,
            "entries[0].name is empty",
        ),
        (
            r#"{"format":"concord-good-guys/1","entries":[{"name":"n","party_id":"p","party_digest":"d","decided_by":"x","decided_on":"soon","reason":"r"}]}"#,
            "a date that is not",
        ),
        (
            r#"{"format":"concord-good-guys/1","entries":[{"nome":"n"}]}"#,
            "unknown field",
        ),
    ] {
        let problem = GoodGuys::decode(damage.as_bytes()).unwrap_err();
        assert!(problem.contains(text), "{problem}");
    }
}
