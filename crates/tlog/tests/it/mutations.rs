//! Every decoder over mutations of valid bytes: none panics, and what is accepted is written again to the
//! same bytes, so that nothing can be said in two ways. A bundle that was changed at all is refused.

use concord_tlog::bundle::{Bundle, verify};
use concord_tlog::checkpoint::Checkpoint;
use concord_tlog::hash::Hash;
use concord_tlog::leaf::Leaf;
use concord_tlog::note::{
    CheckpointSigner, Ed25519Signer, MlDsa44Signer, Note, NoteSignature, NoteSigner, VerifierKey,
};
use concord_tlog::tiles::{Resource, decode_entries, encode_entries};
use concord_tlog::tlog_proof::TlogProof;
use concord_tlog::witness::AddCheckpoint;

use crate::bundle::example_bundle;
use crate::leaf::example;

/// Mutations of each decoder in CI; more with `CONCORD_MUTATIONS`.
const MUTATIONS: u64 = 10_000;

/// What a decoder makes of bytes: nothing, or the bytes that it would write.
type Decode = fn(&[u8]) -> Option<Vec<u8>>;

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

fn shown(value: impl ToString) -> Vec<u8> {
    value.to_string().into_bytes()
}

/// Each decoder with valid bytes to begin from.
fn decoders() -> Vec<(&'static str, Vec<Vec<u8>>, Decode)> {
    let log = Ed25519Signer::from_seed("log.example/a", &[1; 32]).expect("signer");
    let other = MlDsa44Signer::from_seed("log.example/a", &[2; 32]).expect("signer");
    let bundle = example_bundle();
    let (content, secret) = example();
    let leaf = Leaf::seal(&content, &secret).expect("leaf");
    let note = bundle.proof.checkpoint.to_string();
    let lines = note.split_inclusive('\n').filter(|l| l.starts_with('—'));
    let lines: Vec<Vec<u8>> = lines.map(|line| line.as_bytes().to_vec()).collect();
    let hash = bundle.proof.hashes[0];
    let ask = |old_size, proof: Vec<Hash>| {
        shown(AddCheckpoint {
            old_size,
            proof,
            note: bundle.proof.checkpoint.clone(),
        })
    };
    let asked = vec![ask(0, Vec::new()), ask(8, bundle.proof.hashes.clone())];
    let paths = [
        "tile/0/000",
        "tile/1/x001/234.p/7",
        "tile/entries/x123/x456/789",
        "tile/63/000.p/255",
    ];
    let paths = paths.map(|path| path.as_bytes().to_vec()).to_vec();
    let entries = encode_entries([leaf.encode().expect("leaf"), Vec::new(), vec![7; 300]]);
    let pem = |pem: Result<String, _>| -> Vec<u8> {
        let pem: Result<String, concord_tlog::note::SignError> = pem;
        pem.expect("key").into_bytes()
    };
    vec![
        ("note", vec![note.clone().into_bytes()], |b| {
            Note::parse(b).ok().map(shown)
        }),
        ("signature line", lines, |b| {
            NoteSignature::parse_line(text(b)?).map(shown)
        }),
        (
            "checkpoint",
            vec![bundle.proof.checkpoint.text().as_bytes().to_vec()],
            |b| Checkpoint::parse(text(b)?).ok().map(shown),
        ),
        (
            "verifier key",
            vec![shown(log.verifier_key()), shown(other.public_key())],
            |b| VerifierKey::parse(text(b)?).ok().map(shown),
        ),
        ("proof", vec![shown(&bundle.proof)], |b| {
            TlogProof::parse(b).ok().map(shown)
        }),
        ("leaf", vec![leaf.encode().expect("leaf")], |b| {
            Some(Leaf::decode(b).ok()?.encode().expect("again"))
        }),
        ("bundle", vec![bundle.encode().expect("bundle")], |b| {
            Bundle::decode(b).ok()?.encode().ok() // what it shows is checked there
        }),
        ("tile path", paths, |b| Resource::parse(text(b)?).map(shown)),
        ("entries", vec![entries.expect("entries")], |b| {
            let entries = decode_entries(b, 3).ok()?;
            Some(encode_entries(entries).expect("again"))
        }),
        ("add-checkpoint", asked, |b| {
            AddCheckpoint::parse(b).ok().map(shown)
        }),
        ("hash in base64", vec![shown(hash)], |b| {
            Hash::from_base64(text(b)?).ok().map(shown)
        }),
        ("hash in hex", vec![format!("{hash:x}").into_bytes()], |b| {
            let hash = Hash::from_hex(text(b)?).ok()?;
            Some(format!("{hash:x}").into_bytes())
        }),
        // Key files have more than one form (line lengths): only that nothing panics.
        ("key file, Ed25519", vec![pem(log.to_pkcs8_pem())], |b| {
            let _ = Ed25519Signer::from_pkcs8_pem("log.example/a", text(b)?);
            None
        }),
        (
            "key file, ML-DSA-44",
            vec![pem(other.to_pkcs8_pem())],
            |b| {
                let _ = MlDsa44Signer::from_pkcs8_pem("log.example/a", text(b)?);
                None
            },
        ),
    ]
}

/// A stream of numbers that is the same in every run.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let n = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let n = (n ^ n >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        n ^ n >> 31
    }

    fn below(&mut self, end: usize) -> usize {
        self.next() as usize % end.max(1)
    }
}

/// Texts that readers trip over.
const AWKWARD: [&[u8]; 14] = [
    b"\n",
    b"\n\n",
    b" ",
    b"=",
    b"+",
    b"/",
    b"0",
    b"-1",
    b"\r\n",
    b"\0",
    b"18446744073709551616",
    b"9223372036854775808",
    "\u{2014} ".as_bytes(),
    b"\xff\xfe",
];

/// Changes `bytes` in one to four places.
fn mutate(bytes: &mut Vec<u8>, others: &[Vec<u8>], draw: &mut Draw) {
    for _ in 0..=draw.below(4) {
        let at = draw.below(bytes.len() + 1);
        let end = (at + 1 + draw.below(40)).min(bytes.len());
        match draw.below(9) {
            0 | 1 if at < bytes.len() => bytes[at] ^= 1 << draw.below(8),
            2 if at < bytes.len() => bytes[at] = draw.next() as u8,
            3 => drop(bytes.drain(at.min(end)..end)),
            4 => {
                let piece = bytes[at.min(end)..end].to_vec();
                drop(bytes.splice(at..at, piece));
            }
            5 => {
                let awkward = AWKWARD[draw.below(AWKWARD.len())];
                drop(bytes.splice(at..at, awkward.iter().copied()));
            }
            6 => bytes.truncate(at),
            7 => {
                let other = &others[draw.below(others.len())];
                let from = draw.below(other.len());
                bytes.truncate(at);
                bytes.extend(&other[from..]);
            }
            _ => {
                let mut lines: Vec<_> = bytes.split_inclusive(|b| *b == b'\n').collect();
                let (a, b) = (draw.below(lines.len()), draw.below(lines.len()));
                if !lines.is_empty() {
                    lines.swap(a, b);
                }
                *bytes = lines.concat();
            }
        }
    }
}

#[test]
fn every_decoder_takes_every_mutation_and_has_one_form() {
    let wanted = std::env::var("CONCORD_MUTATIONS");
    let wanted = wanted.map_or(MUTATIONS, |text| text.parse().expect("a number"));
    for (name, seeds, decode) in decoders() {
        for seed in seeds.iter().filter(|_| !name.starts_with("key file")) {
            assert_eq!(decode(seed).as_ref(), Some(seed), "{name}: valid bytes");
        }
        let (mut draw, mut accepted, mut changed) = (Draw(7), 0, 0);
        for n in 0..wanted {
            let seed = &seeds[n as usize % seeds.len()];
            let mut bytes = seed.clone();
            mutate(&mut bytes, &seeds, &mut draw);
            if let Some(again) = decode(&bytes) {
                accepted += 1;
                assert_eq!(again, bytes, "{name}: {}", String::from_utf8_lossy(&bytes));
            }
            if name == "bundle" && !seeds.contains(&bytes) {
                changed += 1;
                let why = "a changed bundle is refused";
                assert!(verify(&bytes, None).is_err(), "{why}: {bytes:?}");
            }
        }
        eprintln!("{name}: {wanted} mutations, {accepted} accepted, {changed} changed bundles");
    }
}
