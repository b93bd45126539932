//! The witness's judgement against the published script, and its decoder against anything.

use concord_tlog::hash::Hash;
use concord_tlog::note::{KnownKeys, VerifierKey};
use concord_tlog::witness::{AddCheckpoint, Cosigned, Refusal};
use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

use crate::data::{self, number, text};

/// One request against a witness that knows one log.
fn ask(body: &[u8], log: &VerifierKey, last: &mut Cosigned) -> Result<(), Refusal> {
    let request = AddCheckpoint::parse(body)?;
    let keys = KnownKeys::new([log.clone()]).expect("keys");
    let known = request.checkpoint()?.origin() == log.name();
    let checkpoint = request.open(known.then_some(&keys))?;
    request.extends(&checkpoint, last)?;
    *last = Cosigned {
        size: checkpoint.size(),
        root: checkpoint.root(),
    };
    Ok(())
}

#[test]
fn the_published_script_gets_its_statuses() {
    let Some(vectors) = data::vectors("the witness script") else {
        return;
    };
    let vkey = text(&vectors["keys"]["us log ed25519"], "vkey");
    let log = VerifierKey::parse(vkey).expect("vkey");
    let mut last = Cosigned::default();
    let mut steps = 0;
    for step in vectors["witness_script"].as_array().expect("script") {
        let body = text(step, "request");
        let answer = ask(body.as_bytes(), &log, &mut last);
        let status = answer.as_ref().map_or_else(Refusal::status, |()| 200);
        assert_eq!(u64::from(status), number(step, "status"), "{step}");
        if let Err(Refusal::OtherSize { cosigned }) = answer {
            assert_eq!(format!("{cosigned}\n"), text(step, "body"));
        }
        let read = AddCheckpoint::parse(body.as_bytes()).expect("request");
        assert_eq!(read.to_string(), body, "the same bytes");
        steps += 1;
    }
    assert_eq!((steps, last.size), (14, 300));
}

const REQUEST: &str = "old 1\nIyp9K6TWaJwjVVa7GV6Ahx1CVACAhWKhrX81pVzjPCU=\n\nus.concord.example/audit\n5\nIyp9K6TWaJwjVVa7GV6Ahx1CVACAhWKhrX81pVzjPCU=\n\n— us.concord.example/audit 8K9VrINwF9KmJI1IYPbBOduwxDnxLv8mqA0BaUZFJdE32W0uqpILN9EHEryBqQxJ7HQSXup6VMSQaO3O+w6aAQfQCgE=\n";

#[test]
fn malformed_requests_are_400() {
    assert!(AddCheckpoint::parse(REQUEST.as_bytes()).is_ok());
    let hash = Hash::empty_root();
    let many = format!("old 1\n{}", format!("{hash}\n").repeat(64));
    for bad in [
        String::new(),
        "old 1\n".to_owned(),
        REQUEST.replace("old 1", "old 01"),
        REQUEST.replace("old 1", "old -1"),
        REQUEST.replace("old 1", "new 1"),
        REQUEST.replace("old 1\n", "old 1\n\n"),
        REQUEST.replace("Iyp9", "Iyp"),
        REQUEST.replace(
            "old 1\nIyp9K6TWaJwjVVa7GV6Ahx1CVACAhWKhrX81pVzjPCU=\n",
            &many,
        ),
    ] {
        let answer = AddCheckpoint::parse(bad.as_bytes()).and_then(|r| r.checkpoint());
        assert_eq!(answer.map_err(|e| e.status()), Err(400), "{bad:.60}");
    }
}

proptest! {
    #[test]
    fn the_decoder_takes_anything_and_has_one_form(
        bytes: Vec<u8>, at in 0..REQUEST.len(), flip in any::<u8>(),
    ) {
        let _ = AddCheckpoint::parse(&bytes);
        let mut changed = REQUEST.as_bytes().to_vec();
        changed[at] ^= flip;
        if let Ok(request) = AddCheckpoint::parse(&changed) {
            prop_assert_eq!(request.to_string().into_bytes(), changed);
        }
        prop_assert!(AddCheckpoint::parse(&REQUEST.as_bytes()[..at]).is_err() || at > 200);
    }
}
