//! The files of all regimes, from wherever they come.

use std::borrow::Cow;
use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

/// Files below `regimes/` by path with `/`, for example `us/entries/3A090.yaml`. The binary embeds them, tests read them
/// from disk; the core only sees bytes.
#[derive(Debug, Clone, Default)]
pub struct RegimeSource {
    files: BTreeMap<String, Cow<'static, [u8]>>,
}

/// The vocabulary files that belong to every edition.
pub(crate) const VOCABULARY: &str = "vocabulary.yaml";
/// What the shared vocabulary does not say about its own words.
pub(crate) const VOCABULARY_EXTRA: &str = "vocabulary-extra.yaml";
/// The folder of further words, one file per field of the lists, in the form of [`VOCABULARY_EXTRA`].
pub(crate) const VOCABULARY_FOLDER: &str = "vocabulary";

/// True for a file whose words belong to every edition.
fn is_vocabulary(path: &str) -> bool {
    path == VOCABULARY || path == VOCABULARY_EXTRA || is_below(path, VOCABULARY_FOLDER)
}

fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.starts_with('/'))
}

impl RegimeSource {
    /// No files yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            files: BTreeMap::new(),
        }
    }

    /// Adds or replaces a file.
    pub fn insert(&mut self, path: impl Into<String>, bytes: impl Into<Cow<'static, [u8]>>) {
        self.files.insert(path.into(), bytes.into());
    }

    /// A file by its path.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(|bytes| &**bytes)
    }

    /// The files below a folder in path order.
    pub fn below<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = (&'a str, &'a [u8])> + 'a {
        self.files
            .iter()
            .filter(move |(path, _)| is_below(path, folder))
            .map(|(path, bytes)| (path.as_str(), &**bytes))
    }

    /// The folders that hold an edition (those with a `regime.yaml`), in order.
    #[must_use]
    pub fn folders(&self) -> Vec<String> {
        let folders = self
            .files
            .keys()
            .filter_map(|path| path.strip_suffix("/regime.yaml"));
        folders
            .filter(|folder| !folder.contains('/'))
            .map(str::to_owned)
            .collect()
    }

    /// The digest of an edition: `sha256:` over the folder's files and all vocabulary files in path order, each as its
    /// path, a zero byte, its length as eight bytes (big endian), and its bytes.
    #[must_use]
    pub fn digest(&self, folder: &str) -> String {
        self.digest_of(|path| is_vocabulary(path) || is_below(path, folder))
    }

    /// The digest of the vocabulary files alone.
    pub(crate) fn vocabulary_digest(&self) -> String {
        self.digest_of(is_vocabulary)
    }

    fn digest_of(&self, belongs: impl Fn(&str) -> bool) -> String {
        let mut hash = Sha256::new();
        for (path, bytes) in self.files.iter().filter(|(path, _)| belongs(path)) {
            hash.update(path.as_bytes());
            hash.update([0]);
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        }
        let mut text = String::from("sha256:");
        for byte in hash.finalize() {
            for nibble in [byte >> 4, byte & 15] {
                text.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
            }
        }
        text
    }
}

impl FromIterator<(String, Vec<u8>)> for RegimeSource {
    /// Files by their path below `regimes/`, as an edge read them.
    fn from_iter<I: IntoIterator<Item = (String, Vec<u8>)>>(files: I) -> Self {
        let files = files
            .into_iter()
            .map(|(path, bytes)| (path, Cow::Owned(bytes)));
        Self {
            files: files.collect(),
        }
    }
}
