//! Leaves and commitments: one encoding, strictly read; openings that cannot be moved or changed.

use std::collections::BTreeMap;

use concord_tlog::commitment::{Field, Opening, RecordSecret, SLOT_COUNT, SlotCommitments, commit};
use concord_tlog::hash::Hash;
use concord_tlog::leaf::{
    LEAF_V1_BYTES, Leaf, LeafError, MAX_LEAF_BYTES, RecordContent, RecordKind, editions_root,
};
use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

/// The record of the worked example in docs/log-format.md.
pub fn example() -> (RecordContent, RecordSecret) {
    let mut record_id = [0; 16];
    for (byte, value) in record_id.iter_mut().zip(0..) {
        *byte = value;
    }
    let content = RecordContent {
        kind: RecordKind::Determination,
        record_id,
        time_micros: 1_790_000_000_000_000,
        request: Some(b"request".to_vec()),
        body: Some(b"body".to_vec()),
        editions: BTreeMap::from([
            ("engine/concord".to_owned(), Hash::of(&[b"engine"])),
            ("regime/us@2025-05-13".to_owned(), Hash::of(&[b"regime"])),
        ]),
        fields: BTreeMap::from([
            (Field::Agency, b"bis".to_vec()),
            (Field::RequestId, b"r-1".to_vec()),
            (Field::Outcome, b"licence_required".to_vec()),
        ]),
        counterpart: None,
    };
    (content, RecordSecret::from_bytes([0x5a; 32]))
}

#[test]
fn a_leaf_is_read_back_and_every_malformed_one_refused() {
    let (mut content, secret) = example();
    for counterpart in [None, Some(Hash::of(&[b"twin"]))] {
        content.counterpart = counterpart;
        for kind in RecordKind::ALL {
            content.kind = kind;
            let leaf = Leaf::seal(&content, &secret).expect("leaf");
            let bytes = leaf.encode().expect("bytes");
            assert_eq!(bytes.len(), LEAF_V1_BYTES);
            assert_eq!(Leaf::decode(&bytes), Ok(leaf));
        }
    }
    let bytes = Leaf::seal(&content, &secret)
        .expect("leaf")
        .encode()
        .expect("bytes");
    for length in 0..bytes.len() {
        assert!(Leaf::decode(&bytes[..length]).is_err(), "{length} bytes");
    }
    for extra in [1, 32, MAX_LEAF_BYTES] {
        let longer = [bytes.clone(), vec![0; extra]].concat();
        assert!(Leaf::decode(&longer).is_err(), "{extra} more bytes");
    }
    let changed = |at: usize, to: u8| {
        let mut bytes = bytes.clone();
        bytes[at] = to;
        Leaf::decode(&bytes).map(|_| ())
    };
    assert_eq!(changed(0, b'c'), Err(LeafError::Magic));
    assert_eq!(changed(4, 2), Err(LeafError::Version(2)));
    assert_eq!(changed(5, 0), Err(LeafError::Kind(0)));
    assert_eq!(changed(5, 7), Err(LeafError::Kind(7)));
    assert_eq!(changed(6, 3), Err(LeafError::Reserved(6)));
    assert_eq!(changed(7, 1), Err(LeafError::Reserved(7)));
    assert_eq!(changed(6, 0), Err(LeafError::Counterpart));
    assert!(matches!(changed(24, 0x80), Err(LeafError::Time(_))));

    content.counterpart = Some(Hash::from_bytes([0; 32]));
    assert_eq!(Leaf::seal(&content, &secret), Err(LeafError::Counterpart));
    content.counterpart = None;
    for field in [Field::Reserved14, Field::Body] {
        content.fields = BTreeMap::from([(field, vec![])]);
        assert_eq!(
            Leaf::seal(&content, &secret),
            Err(LeafError::Field(field.name()))
        );
    }
}

#[test]
fn commitments_bind_field_salt_length_and_presence() {
    let secret = RecordSecret::from_bytes([1; 32]);
    let salt = secret.salt(Field::Agency);
    let base = commit(Field::Agency, &salt, Some(b"bis"));
    for other in [
        commit(Field::Actor, &salt, Some(b"bis")),
        commit(Field::Agency, &secret.salt(Field::Actor), Some(b"bis")),
        commit(Field::Agency, &salt, Some(b"bis\0")),
        commit(Field::Agency, &salt, Some(b"")),
        commit(Field::Agency, &salt, None),
    ] {
        assert_ne!(base, other);
    }
    assert_ne!(
        commit(Field::Agency, &salt, Some(b"")),
        commit(Field::Agency, &salt, None),
        "empty is not absent"
    );
    for (slot, field) in (0..).zip(Field::SLOTS) {
        assert_eq!(field.number(), slot);
    }
    // Neither the secret nor a salt is ever printed.
    assert_eq!(format!("{secret:?} {salt:?}"), "RecordSecret(..) Salt(..)");
    // Names and digests of editions cannot be shifted into one another.
    let digest = Hash::of(&[b"x"]);
    let one = BTreeMap::from([("ab".to_owned(), digest)]);
    let two = BTreeMap::from([("a".to_owned(), digest), ("b".to_owned(), digest)]);
    assert_ne!(editions_root(&one), editions_root(&two));
    assert_eq!(editions_root(&BTreeMap::new()), Hash::empty_root());
}

#[test]
fn one_field_opens_alone() {
    let (content, secret) = example();
    let slots = SlotCommitments::commit(&content.fields, &secret);
    let root = Leaf::seal(&content, &secret).expect("leaf").fields_root;
    assert_eq!(slots.root(), root);
    for field in Field::SLOTS {
        let opening = Opening {
            field,
            salt: secret.salt(field),
            value: content.fields.get(&field).cloned(),
            path: slots.path(field).expect("slot"),
        };
        assert_eq!(opening.path.len(), 4);
        assert_eq!(opening.verify(&root), Ok(()));
        let refused = |change: fn(&mut Opening)| {
            let mut opening = opening.clone();
            change(&mut opening);
            opening.verify(&root).is_err()
        };
        assert!(refused(|o| o.value = Some(b"other".to_vec())));
        assert!(refused(|o| o.value = o.value.is_none().then(Vec::new)));
        assert!(refused(
            |o| o.salt = RecordSecret::from_bytes([2; 32]).salt(o.field)
        ));
        assert!(refused(|o| o.field = if o.field == Field::Actor {
            Field::Route
        } else {
            Field::Actor
        }));
        assert!(refused(|o| o.path.truncate(3)));
        assert!(refused(|o| o.path.reverse()));
        assert!(refused(|o| o.field = Field::Body));
    }
    assert_eq!(slots.path(Field::Body), None);
    assert_eq!(slots.hashes().len(), SLOT_COUNT);
}

proptest! {
    #[test]
    fn whatever_decodes_encodes_to_the_same_bytes(
        kind in 0u8..8, flags in 0u8..3, rest in proptest::collection::vec(any::<u8>(), 184),
        counterpart in any::<bool>(),
    ) {
        let mut bytes = [b"CNCD".as_slice(), &[1, kind, flags, 0], &rest].concat();
        bytes[24] &= 0x7f;
        if !counterpart {
            bytes[160..].fill(0);
        }
        let good = (1..=6).contains(&kind) && flags == u8::from(counterpart);
        let decoded = Leaf::decode(&bytes);
        prop_assert_eq!(decoded.is_ok(), good);
        if let Ok(leaf) = decoded {
            prop_assert_eq!(leaf.encode(), Ok(bytes));
        }
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in any::<Vec<u8>>()) {
        prop_assert!(Leaf::decode(&bytes).is_err());
        prop_assert!(Leaf::decode(&[b"CNCD\x01".as_slice(), &bytes].concat()).is_err());
    }
}
