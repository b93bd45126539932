//! Tiles and entry bundles: a log as static files (C2SP tlog-tiles v0.1.0).
//!
//! A full tile has 256 hashes. Level 0 holds leaf hashes; each hash of level L is the root of a full
//! tile of level L-1, so it is the complete subtree at height 8L of the tree that the store keeps.

use std::fmt;

use crate::encoding;
use crate::hash::Hash;
use crate::tree::{HashReader, NodeId};

/// Hashes of a full tile, entries of a full bundle.
pub const FULL_WIDTH: u16 = 256;

/// The longest entry that a bundle can hold, in bytes.
pub const MAX_ENTRY_BYTES: usize = u16::MAX as usize;

/// The highest level that a path may name.
const MAX_LEVEL: u8 = 63;

/// What a path below a log's prefix names. `Display` prints the path, without a leading slash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Resource {
    /// Hashes: `tile/<level>/<index>[.p/<width>]`.
    Hashes(Tile),
    /// Entries: `tile/entries/<index>[.p/<width>]`; the level is 0.
    Entries(Tile),
}

/// A tile: its level, its place among the tiles of that level, and how many hashes it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tile {
    level: u8,
    index: u64,
    // INVARIANT: 1 to 256.
    width: u16,
}

/// How many tiles one level of a tree has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LevelTiles {
    /// The level.
    pub level: u8,
    /// Full tiles.
    pub full: u64,
    /// Width of the partial tile after them; 0: there is none.
    pub partial_width: u16,
}

/// A bundle of entries is malformed, or an entry does not fit into one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EntriesError {
    /// The length of an entry is written in two bytes.
    #[error("an entry of {0} bytes is longer than the limit of {MAX_ENTRY_BYTES}")]
    TooLong(usize),
    /// The bytes end within an entry.
    #[error("the entry bundle ends within entry {0}")]
    Truncated(usize),
    /// Another number of entries than the path says.
    #[error("the entry bundle has {found} entries, not {expected}")]
    Width {
        /// What the path says.
        expected: u16,
        /// What the bytes hold.
        found: usize,
    },
}

impl Tile {
    /// The tile of `width` hashes (1 to 256) at `index` of `level` (0 to 63); `None` beyond these
    /// limits or if its leaves would be beyond what a tree can hold.
    pub fn new(level: u8, index: u64, width: u16) -> Option<Self> {
        let tile = Self {
            level,
            index,
            width,
        };
        let shape = level <= MAX_LEVEL && (1..=FULL_WIDTH).contains(&width);
        // Every hash of the tile must have a number.
        let end = index.checked_mul(u64::from(FULL_WIDTH))?;
        end.checked_add(u64::from(width))?;
        shape.then_some(tile)
    }

    /// Level, 0 for leaf hashes.
    pub fn level(&self) -> u8 {
        self.level
    }

    /// Place among the tiles of its level.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// Number of hashes or entries, 1 to 256.
    pub fn width(&self) -> u16 {
        self.width
    }

    /// Number of its first hash among the hashes of its level; for level 0 the first leaf.
    pub fn first(&self) -> u64 {
        self.index * u64::from(FULL_WIDTH)
    }

    /// Whether a log of `size` leaves has all hashes of this tile. A partial tile of a size that the
    /// log has passed is still there: it is the beginning of what took its place.
    pub fn is_within(&self, size: u64) -> bool {
        let shift = u32::from(self.level) * 8;
        let hashes = size.checked_shr(shift).unwrap_or(0);
        self.first() + u64::from(self.width) <= hashes
    }

    /// The tile's bytes: its hashes joined. The store must have them: see [`Self::is_within`].
    pub fn read<R: HashReader>(&self, reader: &R) -> Result<Vec<u8>, R::Error> {
        let first = self.first();
        let mut bytes = Vec::with_capacity(usize::from(self.width) * 32);
        for index in first..first + u64::from(self.width) {
            let level = self.level.saturating_mul(8);
            let hash = reader.read(NodeId { level, index })?;
            bytes.extend_from_slice(hash.as_bytes());
        }
        Ok(bytes)
    }

    /// The hash number `at` of a tile's bytes; `None` if they are not a tile of this width.
    pub fn hash_at(&self, bytes: &[u8], at: u16) -> Option<Hash> {
        let (hashes, rest) = bytes.as_chunks::<32>();
        let whole = rest.is_empty() && hashes.len() == usize::from(self.width);
        let hash = hashes.get(usize::from(at)).filter(|_| whole)?;
        Some(Hash::from_bytes(*hash))
    }

    fn parse(level: u8, path: &str) -> Option<Self> {
        let (number, width) = match path.split_once(".p/") {
            None => (path, FULL_WIDTH),
            Some((number, width)) => {
                let width = encoding::from_decimal(width).and_then(|w| u16::try_from(w).ok())?;
                (number, Some(width).filter(|w| *w < FULL_WIDTH)?)
            }
        };
        Self::new(level, parse_number(number)?, width)
    }
}

/// `x001/x234/067`: groups of three digits, an `x` before all but the last, no superfluous group.
fn parse_number(text: &str) -> Option<u64> {
    let mut number = 0u64;
    let mut groups = text.split('/').peekable();
    let mut first = true;
    while let Some(group) = groups.next() {
        let last = groups.peek().is_none();
        let digits = if last {
            group
        } else {
            group.strip_prefix('x')?
        };
        if digits.len() != 3 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        if first && !last && digits == "000" {
            return None;
        }
        first = false;
        number = number
            .checked_mul(1000)?
            .checked_add(digits.parse().ok()?)?;
    }
    Some(number)
}

fn write_number(f: &mut fmt::Formatter<'_>, number: u64) -> fmt::Result {
    let mut groups = vec![number % 1000];
    let mut rest = number / 1000;
    while rest > 0 {
        groups.push(rest % 1000);
        rest /= 1000;
    }
    let last = groups.len() - 1;
    for (place, group) in groups.into_iter().rev().enumerate() {
        match place == last {
            true => write!(f, "{group:03}")?,
            false => write!(f, "x{group:03}/")?,
        }
    }
    Ok(())
}

impl Resource {
    /// Reads a path without leading slash, in its one form; `None` if it names no tile.
    pub fn parse(path: &str) -> Option<Self> {
        let (level, rest) = path.strip_prefix("tile/")?.split_once('/')?;
        if level == "entries" {
            return Tile::parse(0, rest).map(Self::Entries);
        }
        let level = encoding::from_decimal(level).and_then(|l| u8::try_from(l).ok())?;
        Tile::parse(level, rest).map(Self::Hashes)
    }

    /// The tile that is named.
    pub fn tile(&self) -> Tile {
        match self {
            Self::Hashes(tile) | Self::Entries(tile) => *tile,
        }
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hashes(tile) => write!(f, "tile/{}/", tile.level)?,
            Self::Entries(_) => f.write_str("tile/entries/")?,
        }
        let tile = self.tile();
        write_number(f, tile.index)?;
        match tile.width {
            FULL_WIDTH => Ok(()),
            width => write!(f, ".p/{width}"),
        }
    }
}

/// The tiles that a tree of `size` leaves has, level by level.
pub fn tiles_of_size(size: u64) -> Vec<LevelTiles> {
    (0..8u8)
        .map(|level| (level, size >> (u32::from(level) * 8)))
        .take_while(|(_, hashes)| *hashes > 0)
        .map(|(level, hashes)| LevelTiles {
            level,
            full: hashes / u64::from(FULL_WIDTH),
            // A remainder of 256 fits.
            partial_width: u16::try_from(hashes % u64::from(FULL_WIDTH)).unwrap_or(0),
        })
        .collect()
}

/// Writes a bundle: each entry after its length in two bytes, big-endian.
pub fn encode_entries<B: AsRef<[u8]>>(
    entries: impl IntoIterator<Item = B>,
) -> Result<Vec<u8>, EntriesError> {
    let mut bytes = Vec::new();
    for entry in entries {
        let entry = entry.as_ref();
        let length = u16::try_from(entry.len()).map_err(|_| EntriesError::TooLong(entry.len()))?;
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(entry);
    }
    Ok(bytes)
}

/// Reads a bundle of exactly `width` entries.
pub fn decode_entries(bytes: &[u8], width: u16) -> Result<Vec<&[u8]>, EntriesError> {
    let mut entries = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let at = entries.len();
        if at >= usize::from(width) {
            return Err(EntriesError::Width {
                expected: width,
                found: at + 1,
            });
        }
        let (length, after) = rest
            .split_first_chunk::<2>()
            .ok_or(EntriesError::Truncated(at))?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (entry, after) = after
            .split_at_checked(length)
            .ok_or(EntriesError::Truncated(at))?;
        entries.push(entry);
        rest = after;
    }
    if entries.len() != usize::from(width) {
        return Err(EntriesError::Width {
            expected: width,
            found: entries.len(),
        });
    }
    Ok(entries)
}
