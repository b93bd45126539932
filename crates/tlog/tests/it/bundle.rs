//! Bundles: what they prove, and that no bit of one can be changed.

use concord_tlog::bundle::{Bundle, BundleError, Disclosed, Disclosure, verify};
use concord_tlog::checkpoint::Checkpoint;
use concord_tlog::commitment::Field;
use concord_tlog::hash::leaf_hash;
use concord_tlog::leaf::{Leaf, LeafError};
use concord_tlog::note::{CosignatureSigner, Ed25519Signer, NoteSigner, VerifierKey};
use concord_tlog::tlog_proof::TlogProof;
use concord_tlog::tree::{MemoryTree, inclusion_proof};
use proptest::prelude::{any, prop_assert, proptest};

use crate::leaf::example;

const LOG: &str = "us.concord.example/audit";

fn log_signer() -> Ed25519Signer {
    Ed25519Signer::from_seed(LOG, &[1; 32]).expect("signer")
}

fn witness() -> CosignatureSigner {
    let signer = Ed25519Signer::from_seed("kr.concord.example/witness", &[2; 32]);
    CosignatureSigner::new(signer.expect("signer"), 1_790_000_001).expect("cosigner")
}

/// The example record at index 11 of 21, witnessed, with one field hidden.
pub fn example_bundle() -> Bundle {
    let (content, secret) = example();
    let leaf = Leaf::seal(&content, &secret).expect("leaf");
    let mut tree = MemoryTree::new();
    for i in 0..21u64 {
        match i {
            11 => tree.append(&leaf.encode().expect("bytes")),
            _ => tree.append(&i.to_be_bytes()),
        };
    }
    let (log, witness) = (log_signer(), witness());
    let checkpoint = Checkpoint::new(LOG, 21, tree.root()).expect("checkpoint");
    Bundle {
        keys: vec![log.verifier_key().clone(), witness.verifier_key().clone()],
        leaf,
        disclosure: Disclosure::whole(&content, &secret).hide(Field::RequestId),
        proof: TlogProof {
            extra: None,
            index: 11,
            hashes: inclusion_proof(11, 21, &tree).expect("proof"),
            checkpoint: checkpoint.sign(&[&log, &witness]).expect("signed"),
        },
    }
}

#[test]
fn a_bundle_proves_its_record_with_and_without_the_key() {
    let bundle = example_bundle();
    let bytes = bundle.encode().expect("bundle");
    assert!(bytes.len() < 8 * 1024, "{} bytes", bytes.len());
    assert_eq!(Bundle::decode(&bytes), Ok(bundle.clone()));
    let log = log_signer().verifier_key().clone();
    for key in [None, Some(&log)] {
        let verified = verify(&bytes, key).expect("verifies");
        assert_eq!(verified.authenticated, key.is_some());
        assert_eq!(
            (verified.origin.as_str(), verified.index, verified.size),
            (LOG, 11, 21)
        );
        assert_eq!(verified.leaf, bundle.leaf);
        let times: Vec<_> = verified.signers.iter().map(|s| s.timestamp).collect();
        assert_eq!(times, [None, Some(1_790_000_001)]);
        let value = |field| verified.disclosure.value(field);
        assert_eq!(value(Field::Body), Some(b"body".as_slice()));
        assert_eq!(value(Field::Agency), Some(b"bis".as_slice()));
        assert_eq!(value(Field::Actor), None);
        assert_eq!(value(Field::RequestId), None);
    }
    // Its end is a plain tlog-proof that other verifiers can read.
    let text = String::from_utf8(bytes).expect("text");
    let proof = &text[text.find("c2sp.org/tlog-proof@v1\n").expect("proof")..];
    let proof = TlogProof::parse(proof.as_bytes()).expect("proof");
    assert!(
        proof
            .verify_entry(&leaf_hash(&bundle.leaf.encode().expect("bytes")))
            .is_ok()
    );
}

#[test]
fn any_flipped_bit_is_refused() {
    let bytes = example_bundle().encode().expect("bundle");
    // Without a key, which only adds a check: whatever is refused here is refused with one.
    let refuse = &|first: usize, step: usize| {
        for bit in (first..bytes.len() * 8).step_by(step) {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let answer = verify(&changed, None);
            assert!(
                answer.is_err(),
                "bit {} of byte {} is free",
                bit % 8,
                bit / 8
            );
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for first in 0..threads {
            scope.spawn(move || refuse(first, threads));
        }
    });
}

#[test]
fn any_missing_added_or_moved_line_is_refused() {
    let bytes = example_bundle().encode().expect("bundle");
    let text = String::from_utf8(bytes).expect("text");
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let refused = |lines: &[&str]| verify(lines.concat().as_bytes(), None).is_err();
    for i in 0..lines.len() {
        let mut without = lines.clone();
        without.remove(i);
        // The witness's key and its signature may go only together.
        assert!(refused(&without), "line {}", i + 1);
        let mut twice = lines.clone();
        twice.insert(i, lines[i]);
        assert!(refused(&twice), "line {} twice", i + 1);
        if i > 0 {
            let mut swapped = lines.clone();
            swapped.swap(i - 1, i);
            assert!(refused(&swapped), "lines {} and {}", i, i + 1);
        }
    }
    for cut in 0..text.len() {
        assert!(
            verify(&text.as_bytes()[..cut], None).is_err(),
            "cut at {cut}"
        );
    }
    for more in ["\n", " ", "\0", "— a AAAAAAA=\n"] {
        assert!(verify(format!("{text}{more}").as_bytes(), None).is_err());
    }
}

#[test]
fn each_reason_for_refusal_is_said() {
    let made = |change: fn(&mut Bundle)| {
        let mut bundle = example_bundle();
        change(&mut bundle);
        bundle.encode().map(|_| ())
    };
    assert_eq!(made(|_| ()), Ok(()));
    let error = made(|b| b.proof.extra = Some(vec![1]));
    assert_eq!(error, Err(BundleError::UnauthenticatedExtra));
    assert_eq!(made(|b| b.keys.reverse()), Err(BundleError::KeysDoNotMatch));
    assert_eq!(
        made(|b| b.keys.truncate(1)),
        Err(BundleError::KeysDoNotMatch)
    );
    let error = made(|b| b.disclosure.slots.swap(0, 1));
    assert_eq!(error, Err(BundleError::Disclosure("fields")));
    let error = made(|b| b.disclosure.editions.clear());
    assert_eq!(error, Err(BundleError::Disclosure("editions")));
    let error = made(|b| b.disclosure.body = b.disclosure.request.clone());
    assert_eq!(error, Err(BundleError::Disclosure("body")));
    let error = made(|b| b.leaf.time_micros = u64::MAX);
    assert_eq!(error, Err(BundleError::Leaf(LeafError::Time(u64::MAX))));
    assert!(matches!(
        made(|b| b.leaf.time_micros += 1),
        Err(BundleError::Proof(_))
    ));
    assert!(matches!(
        made(|b| b.proof.index -= 1),
        Err(BundleError::Proof(_))
    ));

    // Only a witness has signed: that does not make it the log's.
    let error = made(|b| {
        let text = b.proof.checkpoint.text().to_owned();
        let checkpoint = Checkpoint::parse(&text).expect("checkpoint");
        b.proof.checkpoint = checkpoint.sign(&[&witness()]).expect("signed");
        b.keys.remove(0);
    });
    assert_eq!(error, Err(BundleError::NotSignedByLog(LOG.to_owned())));

    // The reader's key decides, and a cosigner's key is not the log's.
    let bytes = example_bundle().encode().expect("bundle");
    let impostor = Ed25519Signer::from_seed(LOG, &[3; 32]).expect("signer");
    let witness: VerifierKey = witness().verifier_key().clone();
    for key in [impostor.verifier_key(), &witness] {
        assert!(matches!(
            verify(&bytes, Some(key)),
            Err(BundleError::OtherKey { .. })
        ));
    }
    let text = String::from_utf8(bytes)
        .expect("text")
        .replace("\nagency open", "\nagency opem");
    let error = verify(text.as_bytes(), None).expect_err("refused");
    assert!(
        matches!(&error, BundleError::Line { line: 10, .. }),
        "{error}"
    );
}

#[test]
fn hiding_keeps_the_proof() {
    let mut bundle = example_bundle();
    for field in Field::SLOTS
        .into_iter()
        .chain([Field::Request, Field::Body])
    {
        bundle.disclosure = bundle.disclosure.hide(field);
        let verified = verify(&bundle.encode().expect("bundle"), None).expect("verifies");
        assert_eq!(verified.disclosure.value(field), None);
    }
    let hidden = |slot: &Disclosed| matches!(slot, Disclosed::Hidden(_));
    assert!(bundle.disclosure.slots.iter().all(hidden));
    let text = String::from_utf8(bundle.encode().expect("bundle")).expect("text");
    assert!(!text.contains("open") && !text.contains("absent"));
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(
        bytes in any::<Vec<u8>>(), at in any::<usize>(), cut in 0usize..200,
    ) {
        prop_assert!(verify(&bytes, None).is_err());
        let mut bundle = example_bundle().encode().expect("bundle");
        let at = at % bundle.len();
        let end = bundle.len().min(at + cut);
        let same = bundle[at..end] == bytes[..];
        bundle.splice(at..end, bytes);
        prop_assert!(same || verify(&bundle, None).is_err());
    }
}
