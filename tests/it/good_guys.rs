//! A good-guy list through the program: decided, shown beside the hit, left out of a determination, taken back.

use concord_tests::binary::{Ran, run};
use serde_json::Value;

const OWN: &str = "party_id,list,type,name,countries,gender\n\
    p1,own_watch,organisation,Blue Heron Instruments Ltd,KR,\n\
    p2,own_watch,person,Ann Example,KR,female\n";

#[test]
fn a_decision_is_shown_beside_the_hit_and_can_be_taken_back() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let data = dir.path().join("data").display().to_string();
    let list = dir.path().join("own.csv");
    std::fs::write(&list, OWN).expect("writable");
    let concord = |args: &[&str]| -> Ran {
        let fixed = ["--json", "--data-dir", data.as_str()];
        run(fixed.iter().chain(args).copied())
    };
    let right = |args: &[&str]| -> Value {
        let ran = concord(args);
        assert_eq!(ran.code, Some(0), "{args:?}: {ran:?}");
        ran.json()
    };
    let list = list.display().to_string();
    right(&["lists", "add", &list]);
    let asked = [
        "screen",
        "--name",
        "Blue Heron Instruments",
        "--country",
        "KR",
    ];
    let hit = || right(&asked)["parties"][0]["hits"][0].clone();
    let before = hit();
    assert!(before["suppressed"].is_null(), "{before}");
    let party = before["party_id"].as_str().expect("an id").to_owned();
    let decide = |name: &str, party: &str, by: &str, until: &str| {
        let mut args = vec!["lists", "good-guys", "add", "--country", "kr"];
        args.extend(["--name", name, "--party", party, "--by", by]);
        args.extend(["--reason", "seen in its register", "--until", until]);
        concord(&args)
    };
    for (ran, code, reason) in [
        (
            decide("Blue Heron Instruments", "own/own_watch/p9", "j.doe", ""),
            1,
            "PARTY_NOT_FOUND",
        ),
        (
            decide("Blue Heron Instruments", &party, " ", ""),
            64,
            "BAD_USAGE",
        ),
        (
            decide("Blue Heron Instruments", &party, "j.doe", "2020-01-01"),
            64,
            "BAD_USAGE",
        ),
    ] {
        assert_eq!(ran.code, Some(code), "{ran:?}");
        assert_eq!(ran.json()["error"]["reason"], reason);
    }
    let decided = decide("BLUE HERON  instruments", &party, "j.doe", "2999-12-31");
    assert_eq!(decided.code, Some(0), "{decided:?}");
    let id = decided.json()["id"].as_str().expect("an id").to_owned();
    let covered = hit();
    assert_eq!(covered["suppressed"]["decided_by"], "j.doe");
    assert_eq!(covered["suppressed"]["reason"], "seen in its register");
    assert_eq!(covered["score"], before["score"]);
    let listed = right(&["lists", "good-guys", "list"]);
    assert_eq!(listed["good_guys"][0]["state"], "holds");

    // The list says something else of the party now.
    std::fs::write(
        dir.path().join("own.csv"),
        OWN.replace("p1,own_watch,organisation", "p1,own_watch,unknown"),
    )
    .expect("writable");
    right(&["lists", "add", &list]);
    let lapsed = hit();
    assert!(lapsed["suppressed"].is_null() && lapsed["lapsed"]["decided_by"] == "j.doe");
    let listed = right(&["lists", "good-guys", "list"]);
    assert_eq!(listed["good_guys"][0]["state"], "entry_changed");
    right(&["lists", "good-guys", "remove", &id]);
    assert!(hit()["lapsed"].is_null());
    assert_eq!(
        concord(&["lists", "good-guys", "remove", &id]).code,
        Some(1)
    );

    // Genders are checked where parties are asked about.
    let parties = dir.path().join("parties.csv");
    std::fs::write(&parties, "name,gender\nAnn Example,Female\nAnn Example,x\n").expect("writable");
    let ran = concord(&["screen", "--file", &parties.display().to_string()]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let violation = &ran.json()["error"]["violations"][0];
    assert!(
        violation["field"]
            .as_str()
            .is_some_and(|f| f.ends_with("parties.csv:3")),
        "{violation}"
    );
    assert!(
        violation["description"]
            .as_str()
            .is_some_and(|d| d.starts_with("gender: "))
    );
}
