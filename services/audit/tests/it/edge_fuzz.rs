//! What reaches the service from outside, changed in any way: nothing panics, what is refused is refused as the
//! caller's mistake, and nothing that was changed is taken for what it was.

use std::sync::OnceLock;

use concord_audit::counterpart::{CosignOffer, Counterpart};
use concord_audit::record::{Held, Logged};
use concord_audit::start;
use concord_audit::vault::{KekFiles, Vault};
use concord_audit::wire::append::decode;
use concord_audit::wire::page::{Page, Place};
use concord_proto::audit as api;
use concord_tlog::note::KnownKeys;
use concord_tlog::note::{Ed25519Signer, NoteSigner};
use proptest::collection::vec;
use proptest::prelude::{
    Just, ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest,
};
use tonic::Code;

use crate::running::{ORIGIN, config, request};

/// Cases of each property in CI; more with `PROPTEST_CASES`.
fn cases() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..match std::env::var("PROPTEST_CASES") {
            Ok(_) => ProptestConfig::default(),
            Err(_) => ProptestConfig::with_cases(2_000),
        }
    }
}

/// A vault of a log of its own.
fn vault() -> &'static Vault {
    static VAULT: OnceLock<Vault> = OnceLock::new();
    VAULT.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        let log = start::open(&config(dir.path()).location()).unwrap();
        let (reads, keys) = (log.store.reads(), KekFiles::of(dir.path()));
        Vault::of_log(&*reads, ORIGIN, &keys).unwrap().unwrap()
    })
}

/// One change of bytes: at a place, so many taken out, these put in.
type Edit = (proptest::sample::Index, usize, Vec<u8>);

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let put = prop_oneof![
        vec(any::<u8>(), 0..4),
        Just(vec![0xff; 10]),
        Just(b"\n".to_vec()),
        Just(vec![0]),
    ];
    vec((any::<proptest::sample::Index>(), 0..20_usize, put), 1..4)
}

fn edited(bytes: &[u8], edits: &[Edit]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for (at, out, put) in edits {
        let from = at.index(bytes.len() + 1);
        let to = (from + out).min(bytes.len());
        bytes.splice(from..to, put.iter().copied());
    }
    bytes
}

/// Texts that a field of a message may have: any, and near misses of what is right.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[a-z0-9:=./ _-]{0,40}",
        Just("spiffe://us.concord.example/agency/bis/desk".to_owned()),
        Just("0190f2d4-0000-7000-8000-000000000000".to_owned()),
        Just(format!("regime/us=sha256:{}", "ab".repeat(32))),
        Just(format!("sha256:{}", "AB".repeat(32))),
        Just("x".repeat(600)),
        Just("2026-01-31T00:00:00Z".to_owned()),
        Just("-9999-01-01T00:00:00Z".to_owned()),
    ]
}

fn of_the_caller(refused: tonic::Status) -> bool {
    [Code::InvalidArgument, Code::FailedPrecondition].contains(&refused.code())
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn any_bytes_for_a_record_are_taken_or_refused(edits in edits()) {
        let valid = prost::Message::encode_to_vec(&request("fuzz"));
        let bytes = edited(&valid, &edits);
        if let Ok(request) = <api::AppendRequest as prost::Message>::decode(&bytes[..]) {
            let given = request.clone();
            match decode(request, vault()) {
                Ok((entry, body)) => {
                    prop_assert_eq!(body.unwrap_or_default(), given.body);
                    prop_assert_eq!(entry.record.caller, given.caller);
                }
                Err(refused) => prop_assert!(of_the_caller(refused)),
            }
        }
    }

    #[test]
    fn any_texts_in_a_record_are_taken_or_refused(
        texts in vec(text(), 8),
        names in vec(prop_oneof![text(), Just("outcome".to_owned()), Just("parties".to_owned())], 0..4),
        digests in vec(text(), 0..4),
        hash in vec(any::<u8>(), 0..40),
        numbers in (any::<i32>(), any::<i32>()),
    ) {
        let mut asked = request("fuzz");
        let [caller, id, case, actor, purpose, body_type, about, value] = &texts[..] else {
            unreachable!("eight texts");
        };
        let context = asked.context.as_mut().unwrap();
        context.request_id.clone_from(id);
        context.case_reference.clone_from(case);
        context.actor.clone_from(actor);
        context.purpose.clone_from(purpose);
        asked.caller.clone_from(caller);
        asked.body_type.clone_from(body_type);
        asked.about_record_id.clone_from(about);
        asked.content_digests = digests;
        asked.request_digest.clone_from(&hash);
        asked.counterpart_leaf_hash = hash;
        (asked.kind, asked.wait_for) = numbers;
        for name in names {
            let value = value.clone();
            asked.fields.push(api::CommittedField { name, value });
        }
        if let Err(refused) = decode(asked, vault()) {
            prop_assert!(of_the_caller(refused));
        }
    }

    #[test]
    fn any_search_is_read_or_refused_and_no_changed_token_is_taken(
        texts in vec(text(), 8),
        token in prop_oneof![text(), "[A-Za-z0-9_-]{0,60}"],
        kinds in vec(any::<i32>(), 0..4),
        own in prop_oneof![Just(None), text().prop_map(Some)],
        place in (any::<u64>(), any::<u64>()),
        edits in edits(),
    ) {
        let [case, agency, outcome, item, party, about, from, to] = &texts[..] else {
            unreachable!("eight texts");
        };
        let mut asked = api::SearchRecordsRequest {
            kinds,
            case_reference: case.clone(),
            agency: agency.clone(),
            outcome: outcome.clone(),
            item: item.clone(),
            party: party.clone(),
            about_record_id: about.clone(),
            logged_from: from.clone(),
            logged_to: to.clone(),
            page_token: token,
            ..api::SearchRecordsRequest::default()
        };
        if let Err(refused) = Page::decode(&asked, own.as_deref(), vault()) {
            prop_assert!(of_the_caller(refused));
        }
        // A token that this query gave is read back; whatever was done to it is not.
        asked.page_token.clear();
        if let Ok(page) = Page::decode(&asked, own.as_deref(), vault()) {
            let place = Place { before: place.0, snapshot: place.1 };
            let token = page.next_token(place, vault());
            asked.page_token.clone_from(&token);
            let again = Page::decode(&asked, own.as_deref(), vault()).unwrap();
            prop_assert_eq!(again.place, Some(place));
            let changed = edited(token.as_bytes(), &edits);
            if let Ok(changed) = String::from_utf8(changed)
                && changed != token && !changed.is_empty()
            {
                asked.page_token = changed;
                let refused = Page::decode(&asked, own.as_deref(), vault()).unwrap_err();
                prop_assert!(of_the_caller(refused));
            }
            asked.page_token = token;
            asked.outcome.push('x');
            prop_assert!(Page::decode(&asked, own.as_deref(), vault()).is_err());
        }
    }

    #[test]
    fn any_body_for_a_cosignature_is_read_or_refused(edits in edits()) {
        let log = Ed25519Signer::from_seed("kr.concord.example/audit", &[3; 32]).unwrap();
        let checkpoint = concord_tlog::checkpoint::Checkpoint::new(
            "kr.concord.example/audit",
            5,
            concord_tlog::hash::Hash::of(&[b"root"]),
        )
        .unwrap();
        let note = checkpoint.sign(&[&log]).unwrap();
        let keys = KnownKeys::new([log.verifier_key().clone()]).unwrap();
        let agency = "motie".to_owned();
        let from = Counterpart { origin: log.verifier_key().name().to_owned(), keys };
        let valid = format!("old 0\n\n{note}");
        prop_assert!(CosignOffer::read(valid.as_bytes(), [(&agency, &from)]).is_ok());
        let bytes = edited(valid.as_bytes(), &edits);
        if let Ok(offer) = CosignOffer::read(&bytes, [(&agency, &from)]) {
            // The signature still verifies, so that it says what was signed.
            prop_assert_eq!(offer.checkpoint.root(), checkpoint.root());
        }
    }

    #[test]
    fn no_changed_contents_are_opened(part in 0..3_usize, edits in edits()) {
        let (entry, _) = decode(request("sealed"), vault()).unwrap();
        let mut logged = Logged {
            index: 0,
            time_micros: 0,
            leaf: entry.leaf.encode().unwrap(),
            record: entry.record,
        };
        prop_assert!(matches!(vault().open(&logged), Ok(Held::Open(_))));
        let sealed = logged.record.sealed.as_mut().unwrap();
        let body = sealed.body.get_or_insert_default();
        let bytes = [&mut sealed.key, &mut sealed.head, body].into_iter().nth(part).unwrap();
        let changed = edited(bytes, &edits);
        if changed != *bytes {
            *bytes = changed;
            prop_assert!(vault().open(&logged).is_err());
        }
    }
}
