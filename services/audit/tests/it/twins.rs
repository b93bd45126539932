//! The twin of a joint record is looked for in the other log, and a missing or different one is said.

use std::path::Path;

use concord_audit::Config;
use concord_audit::offline::{TwinError, TwinState};
use concord_proto::determination::{CounterpartAnswer, Determination};
use concord_proto::types as wire;
use prost::Message;

use crate::running::{append, config, counterpart, request, stored, try_start};
use crate::stores::{Stores, both};

both!(a_missing_or_different_twin_is_found,);

const THEIRS: &str = "kr.concord.example/audit";

fn theirs(dir: &Path) -> Config {
    let mut settings = config(dir);
    settings.log_origin = THEIRS.to_owned();
    settings
}

/// A joint record: its leaf names `leaf`, its body has the counterpart's receipt.
fn joint(
    id: &str,
    leaf: &[u8],
    receipt: Option<wire::Receipt>,
) -> concord_proto::audit::AppendRequest {
    let mut asked = request(id);
    asked.counterpart_leaf_hash = leaf.to_vec();
    let answer = CounterpartAnswer {
        receipt,
        ..CounterpartAnswer::default()
    };
    let body = Determination {
        counterparts: vec![answer],
        ..Determination::default()
    };
    asked.body = body.encode_to_vec();
    asked
}

async fn a_missing_or_different_twin_is_found(stores: Stores) {
    let (ours, other) = (stores.dir(), stores.dir());
    let service = try_start(theirs(other.path())).await.unwrap();
    let vkey = service.vkey.clone();
    let (first, second) = (
        append(&service.client, "twin-0").await,
        append(&service.client, "twin-1").await,
    );
    service.stop().await;

    let mut settings = config(ours.path());
    settings
        .counterparts
        .insert("mosa".to_owned(), counterpart(THEIRS, &vkey));
    let service = try_start(settings).await.unwrap();
    let mut client = service.client.clone();
    append(&service.client, "alone").await;
    // What a counterpart can say: the truth; another leaf's place; a place beyond its log; nothing.
    let mut elsewhere = first.clone();
    elsewhere.index = second.index;
    let mut beyond = first.clone();
    beyond.index = 9;
    let never = vec![7; 32];
    let said = [
        ("true", &first.leaf_hash, Some(first.clone())),
        ("elsewhere", &first.leaf_hash, Some(elsewhere)),
        ("beyond", &first.leaf_hash, Some(beyond)),
        ("unplaced", &second.leaf_hash, None),
        ("never", &never, None),
    ];
    for (id, leaf, receipt) in said {
        client.append(joint(id, leaf, receipt)).await.unwrap();
    }
    service.stop().await;

    // As long as their copy is older than our records it cannot show what is missing.
    let log = stored(ours.path());
    let old_copy = stored(other.path());
    let found = log.twins_in(&old_copy).unwrap();
    let states: Vec<_> = found.iter().map(|t| t.state.name()).collect();
    let expected = ["found", "different", "copy_ends", "found", "copy_ends"];
    assert_eq!(states, expected);
    let TwinState::CopyEnds { size, last_micros } = found[2].state else {
        panic!("{:?}", found[2]);
    };
    assert_eq!((size, last_micros.is_some()), (2, true));
    drop(old_copy);

    // Their log goes on, and what is not in it by now is missing.
    let service = try_start(theirs(other.path())).await.unwrap();
    append(&service.client, "later").await;
    service.stop().await;
    let their_log = stored(other.path());
    let found = log.twins_in(&their_log).unwrap();
    let states: Vec<_> = found.iter().map(|t| (t.index, t.state.name())).collect();
    let expected = [
        (1, "found"),
        (2, "different"),
        (3, "missing"),
        (4, "found"),
        (5, "missing"),
    ];
    assert_eq!(states, expected);
    assert_eq!(found[3].state, TwinState::Found { index: 1 });

    // By bundles: what they show is found or different, the rest is not shown.
    let bundle = |index| their_log.prove(index, &[]).unwrap();
    let states = |bundles: &[Vec<u8>]| -> Vec<_> {
        let found = log.twins_shown(bundles).unwrap();
        found.iter().map(|t| t.state.name()).collect()
    };
    let second = bundle(1);
    let shown = states(std::slice::from_ref(&second));
    assert_eq!(
        shown,
        ["not_shown", "different", "not_shown", "found", "not_shown"]
    );
    assert_eq!(states(&[bundle(0), second])[0], "found");

    // A log of that name with another key is refused, in either form.
    let false_dir = stores.dir();
    let service = try_start(theirs(false_dir.path())).await.unwrap();
    append(&service.client, "twin-0").await;
    service.stop().await;
    let false_log = stored(false_dir.path());
    assert!(matches!(
        log.twins_in(&false_log),
        Err(TwinError::Checkpoint { .. })
    ));
    let refused = log.twins_shown(&[false_log.prove(0, &[]).unwrap()]);
    assert!(matches!(refused, Err(TwinError::Bundle { .. })));
    assert!(matches!(
        their_log.twins_in(&log),
        Err(TwinError::UnknownLog(_))
    ));
}
