//! Identifiers agree exactly, whatever the names.

use concord_kit::status::Problem;
use concord_lists::{ReadOptions, SourceFile, read};
use concord_proto::screening::ScreenRequest;
use concord_proto::types::{Party, View};
use concord_screening::{AddOptions, ListStore, explanation};
use jiff::Timestamp;

use crate::server::{Server, config, party};

const LIST: &str = "party_id,list,type,name,identifiers
1,sdn,person,Alpha Beta,Passport:AB-123456:KP
2,sdn,vessel,Morning Calm,Vessel registration:IMO 9187629
3,sdn,aircraft,Falcon One,Tail number:EP-MNB
4,sdn,person,Somebody Else,Passport:ZZ-999999:KP
";

#[tokio::test]
async fn an_identifier_is_a_hit_by_itself_and_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = SourceFile {
        name: "own-sdn.csv",
        bytes: LIST.as_bytes(),
    };
    let reading = read(&[file], &ReadOptions::default()).unwrap();
    let options = AddOptions::at(Timestamp::now());
    let store = ListStore::open(dir.path());
    store.add(vec![reading], &options).unwrap();
    let server = Server::start(config(dir.path(), Some(&["sdn"]))).await;
    let with = |name: &str, identifier: &str| Party {
        identifiers: vec![identifier.to_owned()],
        ..party(name)
    };
    let asked = vec![
        with("Quite Another Name", "passport no. ab123456 (DPRK)"),
        with("Quite Another Name", "9187629"),
        with("Quite Another Name", "ep mnb"),
        with("Quite Another Name", "AB123457"),
        // By the name of one party and the passport of another: the passport counts first.
        with("Somebody Else", "AB 123456"),
        with("Alpha Beta", "AB 123456"),
    ];
    let request = ScreenRequest {
        parties: asked,
        view: View::Full.into(),
        ..Default::default()
    };
    let summary = server.ask(request).await.unwrap().summary.unwrap();
    let hits = |at: usize| -> Vec<(&str, &str)> {
        let hits = summary.parties[at].hits.iter();
        hits.map(|h| (h.name.as_str(), h.matched_identifier.as_str()))
            .collect()
    };
    let passport = ("Alpha Beta", "Passport: AB-123456 (KP)");
    assert_eq!(hits(0), [passport]);
    assert_eq!(
        hits(1),
        [("Morning Calm", "Vessel registration: IMO 9187629")]
    );
    assert_eq!(hits(2), [("Falcon One", "Tail number: EP-MNB")]);
    assert_eq!(hits(3), []);
    assert_eq!(hits(4), [passport, ("Somebody Else", "")]);
    assert_eq!(hits(5), [passport]);
    let hit = &summary.parties[0].hits[0];
    assert!(hit.score < summary.threshold);
    let told = explanation::from_json(&hit.explanation_json).unwrap();
    assert_eq!(concord_names::verify(&told), Ok(hit.score));
    assert_eq!(summary.parties[5].hits[0].score, 10_000);

    let wrong = ScreenRequest {
        parties: vec![with("Alpha", "--")],
        ..Default::default()
    };
    let problem = Problem::from_status(&server.ask(wrong).await.unwrap_err());
    assert_eq!(problem.violations()[0].0, "parties[0].identifiers[0]");
    server.end().await;
}
