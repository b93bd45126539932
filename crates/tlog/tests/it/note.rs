//! Signed notes: the published example, and everything that must be refused.

use concord_tlog::checkpoint::{Checkpoint, CheckpointError};
use concord_tlog::hash::{Hash, HashError};
use concord_tlog::note::{
    CosignatureSigner, Ed25519Signer, KeyError, KnownKeys, MAX_NOTE_BYTES, MAX_SIGNATURES, Note,
    NoteError, NoteSignature, NoteSigner, SignError, SignatureKind, VerifierKey,
};
use concord_tlog::tlog_proof::{TlogProof, TlogProofError};
use proptest::prelude::{any, prop_assert_eq, proptest};

/// The example of C2SP signed-note.
const VKEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const SIGNED: &str = "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

fn signer(name: &str, seed: u8) -> Ed25519Signer {
    Ed25519Signer::from_seed(name, &[seed; 32]).expect("signer")
}

fn keys<'s>(signers: impl IntoIterator<Item = &'s dyn NoteSigner>) -> KnownKeys {
    KnownKeys::new(signers.into_iter().map(|s| s.verifier_key().clone())).expect("keys")
}

#[test]
fn the_published_example_verifies_and_no_changed_one() {
    let key = VerifierKey::parse(VKEY).expect("vkey");
    assert_eq!(key.to_string(), VKEY);
    let known = KnownKeys::new([key.clone()]).expect("keys");
    let note = Note::parse(SIGNED.as_bytes()).expect("note");
    assert_eq!(note.text(), "This is an example message.\n");
    assert_eq!(note.to_string(), SIGNED);
    assert_eq!(note.verify(&known).expect("verifies")[0].key, &key);
    for bit in 0..SIGNED.len() * 8 {
        let mut bytes = SIGNED.as_bytes().to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert!(
            Note::parse(&bytes)
                .and_then(|n| n.verify(&known).map(|_| ()))
                .is_err()
        );
    }
    for bit in 0..VKEY.len() * 8 {
        let mut bytes = VKEY.as_bytes().to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let key = String::from_utf8(bytes).map(|vkey| VerifierKey::parse(&vkey).is_ok());
        assert_ne!(key, Ok(true), "bit {bit}");
    }
}

#[test]
fn malformed_notes_are_refused() {
    let line = "— a AAAAAAA=\n";
    for (note, error) in [
        ("text\n".to_owned(), NoteError::NoSignatures),
        ("text\n\n".to_owned(), NoteError::NoSignatures),
        (format!("text{line}"), NoteError::NoSignatures),
        (format!("te\rxt\n\n{line}"), NoteError::NotText),
        (
            format!("text\n\n{}", line.replace('a', "a\t")),
            NoteError::NotText,
        ),
        (
            format!("text\n\n{}", line.trim_end()),
            NoteError::BadSignatureLine { line: 1 },
        ),
        (
            format!("text\n\n{line}x\n"),
            NoteError::BadSignatureLine { line: 2 },
        ),
        (
            format!("text\n\n{}", line.repeat(MAX_SIGNATURES + 1)),
            NoteError::TooManySignatures,
        ),
        (
            "x".repeat(MAX_NOTE_BYTES + 1),
            NoteError::TooLarge(MAX_NOTE_BYTES + 1),
        ),
    ] {
        assert_eq!(Note::parse(note.as_bytes()), Err(error), "{note:.60}");
    }
    assert_eq!(Note::parse(b"te\xffxt\n\n"), Err(NoteError::NotText));
    for line in [
        "- a AAAAAAA=\n",          // hyphen
        "—  a AAAAAAA=\n",         // two spaces
        "— a  AAAAAAA=\n",         // two spaces
        "— a+b AAAAAAA=\n",        // plus in the name
        "— a\u{3000}b AAAAAAA=\n", // ideographic space in the name
        "— a AAAAAAA\n",           // no padding
        "— a AAAAAAB=\n",          // stray bits
        "— a AAAAAA==\n",          // key id alone
        "— a AAAAAAA= \n",         // trailing space
        "—  AAAAAAA=\n",           // no name
    ] {
        assert_eq!(NoteSignature::parse_line(line), None, "{line}");
        let error = Err(NoteError::BadSignatureLine { line: 1 });
        assert_eq!(Note::parse(format!("text\n\n{line}").as_bytes()), error);
    }
    // The last empty line separates; the text may hold others. Sixteen signatures are fine.
    let note = format!("a\n\nb\n\n\n{}", "— a AAAAAAA=\n".repeat(16));
    let note = Note::parse(note.as_bytes()).expect("note");
    assert_eq!((note.text(), note.signatures().len()), ("a\n\nb\n\n", 16));
}

#[test]
fn keys_are_told_apart_by_name_and_id_together() {
    let (ours, same_name, same_seed) = (signer("a", 1), signer("a", 2), signer("b", 1));
    let mut note = Note::new("text\n").expect("note");
    note.sign(&same_name).expect("signed");
    note.sign(&same_seed).expect("signed");
    assert_eq!(
        note.verify(&keys([&ours as _])),
        Err(NoteError::NoKnownSignature)
    );
    note.sign(&ours).expect("signed");
    assert_eq!(note.verify(&keys([&ours as _])).map(|v| v.len()), Ok(1));
    let all: [&dyn NoteSigner; 3] = [&ours, &same_name, &same_seed];
    assert_eq!(note.verify(&keys(all)).map(|v| v.len()), Ok(3));

    // One bad signature of a known key spoils the note, whoever else has signed.
    let line = Note::parse(SIGNED.as_bytes()).expect("note").signatures()[0].clone();
    note.push(line).expect("pushed");
    assert_eq!(note.verify(&keys(all)).map(|v| v.len()), Ok(3));
    let known = all.map(|signer| signer.verifier_key().clone());
    let foo = VerifierKey::parse(VKEY).expect("vkey");
    let spoilt = note
        .verify(&KnownKeys::new([foo, known[0].clone()]).expect("keys"))
        .map(|_| ());
    assert!(
        matches!(spoilt, Err(NoteError::BadSignature { name, .. }) if name == "example.com/foo")
    );
}

#[test]
fn bad_keys_are_refused() {
    let id = "530d903a";
    assert!(matches!(
        VerifierKey::parse("a+b"),
        Err(KeyError::Malformed(_))
    ));
    let vkey = VKEY.replace(id, "530d903b");
    assert!(matches!(
        VerifierKey::parse(&vkey),
        Err(KeyError::IdMismatch { .. })
    ));
    let vkey = VKEY.replace(id, "530D903A");
    assert!(matches!(
        VerifierKey::parse(&vkey),
        Err(KeyError::Malformed(_))
    ));
    for name in ["", "a b", "a+b", "a\n", "\u{a0}"] {
        let key = VerifierKey::new(name, SignatureKind::Ed25519, &[3; 32]);
        assert_eq!(key, Err(KeyError::Name(name.to_owned())));
    }
    // The identity point is a key for which everybody can sign; 31 bytes are none.
    let mut identity = [0; 32];
    identity[0] = 1;
    for public in [identity.as_slice(), &[3; 31]] {
        let key = VerifierKey::new("a", SignatureKind::Ed25519, public);
        assert_eq!(key, Err(KeyError::PublicKey("a".to_owned())));
    }
}

#[test]
fn private_keys_are_read_from_pkcs8_and_never_printed() {
    let made = signer("us.concord.example/audit", 9);
    let pem = made.to_pkcs8_pem().expect("pem");
    let read = Ed25519Signer::from_pkcs8_pem("us.concord.example/audit", &pem).expect("signer");
    assert_eq!(read.verifier_key(), made.verifier_key());
    assert!(!format!("{made:?}").contains("9, 9"));
    // As `openssl genpkey -algorithm ed25519` writes it: RFC 8410 section 10.3's example key.
    let openssl = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
    let read = Ed25519Signer::from_pkcs8_pem("a", openssl).expect("signer");
    let public = "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1";
    let public = Hash::from_hex(public).expect("hex");
    let key = VerifierKey::new("a", SignatureKind::Ed25519, public.as_bytes()).expect("key");
    assert_eq!(read.verifier_key(), &key);
    let bad = Ed25519Signer::from_pkcs8_pem("a", "-----BEGIN PRIVATE KEY-----\n").map(|_| ());
    assert_eq!(bad, Err(SignError::PrivateKey("a".to_owned())));
}

#[test]
fn a_cosignature_states_its_time_and_cannot_pass_for_a_signature() {
    let witness = CosignatureSigner::new(signer("w", 4), 1_790_000_000).expect("cosigner");
    let mut note = Note::new("log\n0\nroot\n").expect("note");
    note.sign(&witness).expect("cosigned");
    let known = keys([&witness as _]);
    assert_eq!(
        note.verify(&known).expect("verifies")[0].timestamp,
        Some(1_790_000_000)
    );
    assert_eq!(
        note.verify(&keys([&signer("w", 4) as _])),
        Err(NoteError::NoKnownSignature)
    );
    let late = witness.at(1 << 63);
    assert_eq!(note.sign(&late), Err(SignError::Time(1 << 63)));
}

#[test]
fn malformed_checkpoints_are_refused() {
    let root = Hash::empty_root();
    for (text, error) in [
        (format!("log\n5\n{root}"), CheckpointError::Lines),
        ("log\n5\n".to_owned(), CheckpointError::Lines),
        (
            "log\n5\nAAAA\n".to_owned(),
            CheckpointError::Root(HashError::Base64("AAAA".to_owned())),
        ),
        (
            format!("log\n5\n{root}\nextension\n"),
            CheckpointError::Extensions,
        ),
        (format!("log\n5\n{root}\n\n"), CheckpointError::Extensions),
        (
            format!("\n5\n{root}\n"),
            CheckpointError::Origin(String::new()),
        ),
        (
            format!("log\n05\n{root}\n"),
            CheckpointError::Size("05".to_owned()),
        ),
        (
            format!("log\n-5\n{root}\n"),
            CheckpointError::Size("-5".to_owned()),
        ),
    ] {
        assert_eq!(Checkpoint::parse(&text), Err(error), "{text}");
    }
    let (log, other) = (signer("log", 1), signer("other", 2));
    let note = Checkpoint::new("log", 0, root)
        .expect("checkpoint")
        .sign(&[&other]);
    let note = note.expect("signed").to_string();
    let all = keys([&log as &dyn NoteSigner, &other]);
    let error = Checkpoint::open(note.as_bytes(), "log", &all).map(|_| ());
    assert_eq!(
        error,
        Err(CheckpointError::NotSignedByLog("log".to_owned()))
    );
    let error = Checkpoint::open(note.as_bytes(), "other", &all).map(|_| ());
    assert!(matches!(error, Err(CheckpointError::OtherOrigin { .. })));
}

#[test]
fn malformed_proof_texts_are_refused() {
    let note = Checkpoint::new("log", 1, Hash::empty_root()).expect("checkpoint");
    let note = note.sign(&[&signer("log", 1)]).expect("signed").to_string();
    let hash = Hash::empty_root();
    let parse = |head: &str| TlogProof::parse(format!("{head}\n\n{note}").as_bytes());
    let good = "c2sp.org/tlog-proof@v1\nextra AAE=\nindex 0";
    assert_eq!(parse(good).expect("proof").extra, Some(vec![0, 1]));
    for (head, line) in [
        ("c2sp.org/tlog-proof@v2\nindex 0", 1),
        ("c2sp.org/tlog-proof@v1", 2),
        ("c2sp.org/tlog-proof@v1\nindex 00", 2),
        ("c2sp.org/tlog-proof@v1\nextra AAE\nindex 0", 2),
        ("c2sp.org/tlog-proof@v1\nextra AAE=\nextra AAE=\nindex 0", 3),
    ] {
        let error = parse(head).expect_err(head);
        assert!(
            matches!(error, TlogProofError::Line { line: l, .. } if l == line),
            "{error}"
        );
    }
    let error = parse(&format!("{good}\n{hash}\nx")).expect_err("hash");
    assert!(matches!(error, TlogProofError::Hash { line: 5, .. }));
    let many = format!("\n{hash}").repeat(65);
    assert_eq!(
        parse(&format!("{good}{many}")),
        Err(TlogProofError::TooManyHashes)
    );
}

proptest! {
    #[test]
    fn what_is_read_is_written_back(text in "[ -~가-힣]{0,40}(\n[ -~]{0,20}){0,4}\n", seed in any::<[u8; 32]>()) {
        let signer = Ed25519Signer::from_seed("log.example/가", &seed).expect("signer");
        let mut note = Note::new(text).expect("note");
        note.sign(&signer).expect("signed");
        let read = Note::parse(note.to_string().as_bytes()).expect("reads");
        prop_assert_eq!(&read, &note);
        prop_assert_eq!(read.verify(&keys([&signer as _])).map(|v| v.len()), Ok(1));
    }

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in any::<Vec<u8>>(), text in "(.|\n){0,80}") {
        let _ = Note::parse(&bytes);
        let _ = TlogProof::parse(&bytes);
        let _ = Note::parse(format!("{text}\n\n— {text}\n").as_bytes());
        let _ = Checkpoint::parse(&text);
        let _ = VerifierKey::parse(&text);
        let _ = TlogProof::parse(format!("c2sp.org/tlog-proof@v1\nindex 0\n{text}").as_bytes());
    }
}
