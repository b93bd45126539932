//! The own-list format, the shipped example and snapshots, on small lists written here.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use concord_lists::{
    DecodeError, Quality, ReadOptions, Reading, Script, Snapshot, SnapshotError, SourceFile,
    example_reading, read,
};
use proptest::prelude::{any, prop_assert, proptest};

fn own(text: &str) -> Result<Reading, String> {
    let files = [SourceFile {
        name: "own.csv",
        bytes: text.as_bytes(),
    }];
    read(&files, &ReadOptions::default()).map_err(|e| e.to_string())
}

#[test]
fn the_shipped_example_is_complete_and_marked() {
    let reading = example_reading().unwrap();
    let seen = reading.inspect();
    assert!(seen.parties >= 12 && seen.parties == seen.parties_grouped);
    assert!(reading.parties.iter().all(|p| p.example));
    assert!(reading.sources.iter().all(|s| s.example));
    for list in [
        "denied_persons",
        "entity_list",
        "unverified",
        "meu_list",
        "sdn",
        "kr_party_of_concern",
    ] {
        assert!(seen.by_list.contains_key(list), "{list}");
    }
    let korean = reading
        .parties
        .iter()
        .find(|p| p.record_id == "EX-13")
        .unwrap();
    assert_eq!(korean.names[0].script, Some(Script::Hangul));
    assert_eq!(korean.names[1].quality, Quality::Strong);
    assert!(Snapshot::build([reading.clone()]).unwrap().only_examples());
    let real = own("party_id,list,type,name\n1,own_x,unknown,A\n").unwrap();
    assert!(!Snapshot::build([reading, real]).unwrap().only_examples());
}

#[test]
fn mistakes_are_refused_with_the_place() {
    let head = "party_id,list,type,name,countries,births,identifiers";
    for (text, message) in [
        (
            "party_id,list,type\n1,sdn,person\n",
            "own.csv:1:1: column `name` is missing from the header",
        ),
        (
            "party_id,list,type,name,alias\n1,sdn,person,A,B\n",
            "own.csv:1:1: column `alias` is not known; known are party_id,",
        ),
        (
            "party_id,list,type,name,name\n1,sdn,person,A,B\n",
            "own.csv:1:25: column `name` occurs twice",
        ),
        (
            &format!("{head}\n1,sdn2,person,A,,,\n"),
            "own.csv:2:3: list `sdn2` is not known",
        ),
        (
            &format!("{head}\n1,sdn,human,A,,,\n"),
            "own.csv:2:7: type `human` is not valid",
        ),
        (
            &format!("{head}\n1,sdn,person,,,,\n"),
            "own.csv:2:14: name `` is not valid",
        ),
        (
            &format!("{head}\n1,sdn,person,A,Korea,,\n"),
            "own.csv:2:16: countries `Korea`",
        ),
        (
            &format!("{head}\n1,sdn,person,A,,soon,\n"),
            "own.csv:2:17: births `soon`",
        ),
        (
            &format!("{head}\n1,sdn,person,A,,,x\n"),
            "own.csv:2:18: identifiers `x`",
        ),
        (
            &format!("{head}\n1,sdn,person,A,,,\n1,sdn,person,B,,,\n"),
            "own.csv:3:1: party_id `1` occurs twice; first at line 2",
        ),
        (
            &format!("{head}\n1,sdn,person,A,,,,\n"),
            "own.csv:2:19: record has 8 columns; expected 7",
        ),
        (
            &format!("{head}\n"),
            "own.csv:1:1: the file holds no record",
        ),
        ("", "own.csv:1:1: format not recognised"),
    ] {
        let error = own(text).unwrap_err();
        assert!(error.starts_with(message), "{error}");
    }
}

#[test]
fn snapshots_refuse_double_lists_and_every_flipped_byte() {
    let list = |name| format!("party_id,list,type,name\n1,own_x,unknown,{name}\n");
    let (a, b) = (own(&list("A")).unwrap(), own(&list("B")).unwrap());
    assert!(matches!(
        Snapshot::build([a.clone(), b.clone()]),
        Err(SnapshotError::ListTwice { .. })
    ));
    let (a, b) = (Snapshot::build([a]).unwrap(), Snapshot::build([b]).unwrap());
    assert_eq!(a.diff(&b).changed[0].fields, ["names"]);
    assert_eq!(a.diff(&a), Default::default());
    assert!(a.digest().starts_with("sha256:") && a.digest() != b.digest());
    let bytes = a.encode();
    assert_eq!(Snapshot::decode(&bytes).unwrap(), a);
    for at in 0..bytes.len() {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1;
        assert!(Snapshot::decode(&flipped).is_err(), "byte {at}");
        assert!(Snapshot::decode(&bytes[..at]).is_err(), "cut at {at}");
    }
    assert_eq!(Snapshot::decode(b"x"), Err(DecodeError::Magic));
}

proptest! {
    /// No input makes a reader or the decoder panic, and what is read survives the round trip.
    #[test]
    fn arbitrary_bytes_are_read_or_refused(noise in proptest::collection::vec(any::<u8>(), 0..200), header in 0_usize..4) {
        let headers = [
            "party_id,list,type,name\n",
            "party_id,list,type,name,births,identifiers,countries\n1,sdn,person,A,1970,a:b,KR\n",
            "",
            "concord-list-snapshot/2\n",
        ];
        let mut bytes = headers[header].as_bytes().to_vec();
        bytes.extend(&noise);
        for name in ["own.csv", "sdn.csv", "cons_prim.csv"] {
            let files = [SourceFile { name, bytes: &bytes }];
            if let Ok(reading) = read(&files, &ReadOptions::default()) {
                let snapshot = Snapshot::build([reading]).unwrap();
                prop_assert!(Snapshot::decode(&snapshot.encode()).unwrap() == snapshot);
            }
        }
        prop_assert!(Snapshot::decode(&bytes).is_err());
    }
}
