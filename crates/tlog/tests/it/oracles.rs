//! Foreign libraries over what we write: `tlog_tiles` and `signed_note` of another project.

use concord_tlog::checkpoint::Checkpoint;
use concord_tlog::hash::{Hash, leaf_hash};
use concord_tlog::note::{CosignatureSigner, Ed25519Signer, KnownKeys, Note, NoteSigner};
use concord_tlog::proof::verify_consistency;
use concord_tlog::tiles::{Resource, Tile};
use concord_tlog::tree::{MemoryTree, consistency_proof, inclusion_proof, root_of_size};

const ORIGIN: &str = "us.concord.example/audit";

fn tree(size: u64) -> MemoryTree {
    (0..size).map(|i| format!("entry {i}")).collect()
}

/// Our tiles as the foreign client asks for them, by path.
struct Ours(MemoryTree);

impl tlog_tiles::TileReader for Ours {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[tlog_tiles::Tile]) -> Result<Vec<Vec<u8>>, tlog_tiles::Error> {
        let read = |tile: &tlog_tiles::Tile| {
            // Its paths begin with the height, which C2SP's have not.
            let path = tile.path().replacen("tile/8/", "tile/", 1);
            let Some(Resource::Hashes(ours)) = Resource::parse(&path) else {
                panic!("`{path}` is not a path of ours");
            };
            let same = (ours.level(), ours.index(), u32::from(ours.width()));
            assert_eq!(same, (tile.level(), tile.level_index(), tile.width()));
            assert!(ours.is_within(self.0.size()), "{path}");
            ours.read(&self.0).expect("tile")
        };
        Ok(tiles.iter().map(read).collect())
    }

    fn save_tiles(&self, _: &[tlog_tiles::Tile], _: &[Vec<u8>]) {}
}

fn theirs(hash: Hash) -> tlog_tiles::Hash {
    tlog_tiles::Hash(*hash.as_bytes())
}

#[test]
fn a_foreign_tile_client_proves_every_record_from_our_tiles() {
    for size in [1, 2, 255, 256, 257, 700, 65_537] {
        let ours = Ours(tree(size));
        let root = theirs(ours.0.root());
        let reader = tlog_tiles::TileHashReader::new(size, root, &ours);
        let indexes = [0, 1, size / 2, size - 1].into_iter().filter(|i| *i < size);
        for index in indexes {
            let leaf = leaf_hash(format!("entry {index}").as_bytes());
            let proof = tlog_tiles::prove_record(size, index, &reader).expect("record proof");
            tlog_tiles::check_record(&proof, size, root, index, theirs(leaf)).expect("checks");
            let made = inclusion_proof(index, size, &ours.0).expect("proof");
            let made: Vec<_> = made.into_iter().map(theirs).collect();
            assert_eq!(made, proof, "{index} of {size}");
        }
        for old in [1, size / 2, size].into_iter().filter(|old| *old > 0) {
            let proof = tlog_tiles::prove_tree(size, old, &reader).expect("tree proof");
            let old_root = root_of_size(old, &ours.0).expect("root");
            tlog_tiles::check_tree(&proof, size, root, old, theirs(old_root)).expect("checks");
            let made = consistency_proof(old, size, &ours.0).expect("proof");
            assert_eq!(made.iter().copied().map(theirs).collect::<Vec<_>>(), proof);
            let checked = verify_consistency(old, size, &made, &old_root, &ours.0.root());
            assert_eq!(checked, Ok(()));
        }
    }
    // The client checks what it is given: one wrong hash is refused.
    let (honest, other) = (tree(700), Ours(tree(701)));
    let reader = tlog_tiles::TileHashReader::new(700, theirs(Hash::of(&[b"x"])), &other);
    assert!(tlog_tiles::prove_record(700, 5, &reader).is_err());
    assert!(Tile::new(0, 2, 188).expect("tile").is_within(honest.size()));
}

#[test]
fn a_foreign_note_library_verifies_our_checkpoints_and_we_theirs() {
    let log = Ed25519Signer::from_seed(ORIGIN, &[3; 32]).expect("signer");
    let witness = Ed25519Signer::from_seed("kr.concord.example/witness", &[4; 32]).expect("key");
    let witness = CosignatureSigner::new(witness, 1_790_000_000).expect("cosigner");
    let tree = tree(300);
    let checkpoint = Checkpoint::new(ORIGIN, 300, tree.root()).expect("checkpoint");
    let signed = checkpoint
        .sign(&[&log, &witness])
        .expect("signed")
        .to_string();

    let key = signed_note::StandardVerifier::new(&log.verifier_key().to_string()).expect("vkey");
    let known = signed_note::VerifierList::new(vec![Box::new(key)]);
    let note = signed_note::Note::from_bytes(signed.as_bytes()).expect("note");
    let (verified, unknown) = note.verify(&known).expect("verifies");
    assert_eq!((verified.len(), unknown.len()), (1, 1));
    let read = tlog_tiles::Checkpoint::from_bytes(note.text()).expect("checkpoint");
    assert_eq!((read.origin(), read.size()), (ORIGIN, 300));
    assert_eq!(*read.hash(), theirs(tree.root()));
    assert!(read.extension().is_empty());

    let altered = signed.replace("\n300\n", "\n301\n");
    let altered = signed_note::Note::from_bytes(altered.as_bytes()).expect("note");
    assert!(altered.verify(&known).is_err());

    // Written by them, the same bytes are read by us.
    let note = Note::parse(&note.to_bytes()).expect("ours");
    assert_eq!(note.to_string(), signed);
    let keys = [log.verifier_key().clone(), witness.verifier_key().clone()];
    let keys = KnownKeys::new(keys).expect("keys");
    assert_eq!(note.verify(&keys).map(|v| v.len()), Ok(2));
}
