//! Tiles: paths, widths and bytes against independent vectors, a real log and a foreign library.

use concord_tlog::hash::Hash;
use concord_tlog::tiles::{
    EntriesError, FULL_WIDTH, Resource, Tile, decode_entries, encode_entries, tiles_of_size,
};
use concord_tlog::tree::{MemoryTree, subtree_root};
use proptest::prelude::{any, prop_assert_eq, proptest};

use crate::data::{self, number, text};

fn concord_leaves(size: u64) -> Vec<String> {
    (0..size).map(|i| format!("concord leaf {i}")).collect()
}

#[test]
fn paths_widths_and_bytes_are_those_of_the_vectors() {
    let Some(vectors) = data::vectors("the tile vectors") else {
        return;
    };
    for v in vectors["tile_paths"].as_array().expect("paths") {
        let (level, width) = (number(v, "level"), number(v, "width"));
        let tile = Tile::new(level as u8, number(v, "index"), width as u16).expect("tile");
        let resource = Resource::Hashes(tile);
        assert_eq!(resource.to_string(), text(v, "path"));
        assert_eq!(Resource::parse(text(v, "path")), Some(resource));
    }
    for (size, levels) in vectors["tiles_for_size"].as_object().expect("sizes") {
        let size: u64 = size.parse().expect("size");
        let tiles = tiles_of_size(size);
        let levels = levels.as_array().expect("levels");
        assert_eq!(tiles.len(), levels.len(), "{size}");
        for (tile, v) in tiles.iter().zip(levels) {
            assert_eq!(u64::from(tile.level), number(v, "level"));
            assert_eq!(tile.full, number(v, "full"));
            assert_eq!(u64::from(tile.partial_width), number(v, "partial_width"));
        }
    }
    let leaves = concord_leaves(300);
    let tree: MemoryTree = leaves.iter().collect();
    for (path, v) in vectors["resources_size_300"].as_object().expect("files") {
        let resource = Resource::parse(path).expect("path");
        let tile = resource.tile();
        assert!(tile.is_within(300), "{path}");
        let bytes = match resource {
            Resource::Hashes(tile) => tile.read(&tree).expect("tile"),
            Resource::Entries(tile) => {
                let first = tile.first() as usize;
                let entries = &leaves[first..first + usize::from(tile.width())];
                let bytes = encode_entries(entries).expect("bundle");
                let read = decode_entries(&bytes, tile.width()).expect("read");
                assert!(read.iter().zip(entries).all(|(a, b)| *a == b.as_bytes()));
                bytes
            }
        };
        assert_eq!(bytes.len() as u64, number(v, "len"), "{path}");
        assert_eq!(format!("{:x}", Hash::of(&[&bytes])), text(v, "sha256_hex"));
        let first: String = bytes[..32].iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(first, text(v, "first32_hex"));
    }
    let three = encode_entries(&leaves[..3]).expect("bundle");
    let hex: String = three.iter().map(|b| format!("{b:02x}")).collect();
    assert_eq!(hex, text(&vectors, "bundle_first_3_entries_hex"));
}

#[test]
fn the_tiles_of_a_real_log_are_made_to_the_byte() {
    let Some(folder) = data::shared("the tiles of the Tessera log") else {
        return;
    };
    let folder = folder.join("tlog/tessera-log");
    let (mut hashes, mut bundles) = (0, 0);
    for width in 1..=15u16 {
        let bundle = folder.join(format!("tile/entries/000.p/{width}"));
        let Ok(bytes) = std::fs::read(&bundle) else {
            continue;
        };
        let entries = decode_entries(&bytes, width).expect("entries");
        assert_eq!(encode_entries(&entries).expect("again"), bytes);
        bundles += 1;
        let tile = folder.join(format!("tile/0/000.p/{width}"));
        if let Ok(expected) = std::fs::read(tile) {
            let tree: MemoryTree = entries.iter().collect();
            let made = Tile::new(0, 0, width).expect("tile").read(&tree);
            assert_eq!(made.expect("read"), expected);
            hashes += 1;
        }
    }
    assert!(
        bundles > 0 && hashes > 0,
        "{bundles} bundles, {hashes} tiles"
    );
}

#[test]
fn a_path_has_one_form() {
    for bad in [
        "",
        "tile",
        "tile/0",
        "tile/0/",
        "/tile/0/000",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/0",
        "tile/0/0000",
        "tile/0/x000",
        "tile/0/x000/001",
        "tile/0/x1/001",
        "tile/0/001/002",
        "tile/0/x001/x002",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/",
        "tile/0/000.p/1/",
        "tile/0/000.p/1.p/1",
        "tile/entries/",
        "tile/entries/000.p/0",
        "tile/data/000",
        "tile/8/0/000",
        "tile/0/x999/x999/x999/x999/x999/x999/999",
        "tile/0/x018/x446/x744/x073/x709/x551/616",
    ] {
        assert_eq!(Resource::parse(bad), None, "{bad}");
    }
    assert_eq!(Tile::new(0, 0, 0), None);
    assert_eq!(Tile::new(0, 0, FULL_WIDTH + 1), None);
    assert_eq!(Tile::new(64, 0, 1), None);
    assert_eq!(Tile::new(0, u64::MAX, 1), None);
}

#[test]
fn only_whole_bundles_are_read() {
    assert_eq!(decode_entries(b"\0\x01a\0\0", 2), Ok(vec![&b"a"[..], b""]));
    assert_eq!(
        decode_entries(b"\0", 1),
        Err(EntriesError::Truncated(0)),
        "half a length"
    );
    assert_eq!(
        decode_entries(b"\0\0\0\x02a", 2),
        Err(EntriesError::Truncated(1))
    );
    for (bytes, width, found) in [(&b"\0\0"[..], 2, 1), (b"\0\0\0\0", 1, 2), (b"", 1, 0)] {
        let expected = width;
        assert_eq!(
            decode_entries(bytes, width),
            Err(EntriesError::Width { expected, found })
        );
    }
    assert_eq!(
        encode_entries([vec![0; 65_536]]),
        Err(EntriesError::TooLong(65_536))
    );
    assert!(encode_entries([vec![0; 65_535]]).is_ok());
}

proptest! {
    #[test]
    fn every_tile_that_is_within_can_be_read_and_no_other(
        size in 0u64..1_000, level in 0u8..4, index in 0u64..5, width in 1u16..=256,
    ) {
        let tree: MemoryTree = (0..size).map(|i| i.to_be_bytes()).collect();
        let tile = Tile::new(level, index, width).expect("tile");
        let read = tile.read(&tree);
        prop_assert_eq!(tile.is_within(size), read.is_ok());
        if let Ok(bytes) = read {
            // Each hash is the root of the leaves that it stands for.
            for at in 0..width {
                let covers = 1u64 << (8 * u32::from(level));
                let start = (tile.first() + u64::from(at)) * covers;
                let root = subtree_root(start, start + covers, &tree).expect("root");
                prop_assert_eq!(tile.hash_at(&bytes, at), Some(root));
            }
            prop_assert_eq!(tile.hash_at(&bytes, width), None);
        }
    }

    #[test]
    fn decoders_of_paths_and_bundles_take_anything(
        path in "(tile/)?(entries|[0-9]{1,3})?/?[x0-9/.p]{0,24}", bytes: Vec<u8>, width in any::<u16>(),
    ) {
        if let Some(resource) = Resource::parse(&path) {
            prop_assert_eq!(resource.to_string(), path);
        }
        if let Ok(entries) = decode_entries(&bytes, width) {
            prop_assert_eq!(encode_entries(entries).expect("again"), bytes);
        }
    }
}
