//! Where lists come from: `lists.toml` in the data directory, and the last good copy of every file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use concord_kit::files::write_whole;
use serde::{Deserialize, Serialize};

use super::download::Validators;
use crate::deployment::Jurisdiction;
use crate::failure::Failure;

/// Name of the file with the sources.
pub const SOURCES: &str = "lists.toml";
/// Folder with the last good copies.
const COPIES: &str = "list-downloads";
const STATE: &str = "state.json";

/// The sources.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sources {
    /// One publication each.
    #[serde(default, rename = "source")]
    pub sources: Vec<Source>,
}

/// One publication: a file, or the files of a set.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Word to name it by; also the name of its folder.
    pub name: String,
    /// Addresses of its files.
    pub urls: Vec<String>,
    /// The deployments that get it.
    #[serde(default = "both")]
    pub r#for: Vec<String>,
    /// The most bytes that a file may have.
    #[serde(default = "max_bytes")]
    pub max_bytes: u64,
}

fn both() -> Vec<String> {
    vec!["us".to_owned(), "kr".to_owned()]
}

/// 256 MiB, as the reader's own limit.
pub fn max_bytes() -> u64 {
    256 << 20
}

impl Sources {
    /// The sources of a data directory; none without the file.
    ///
    /// # Errors
    /// A file that cannot be read, or a source that is not right.
    pub fn load(data_dir: &Path) -> Result<Self, Failure> {
        let path = data_dir.join(SOURCES);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(e) => return Err(wrong(&path, &e.to_string())),
        };
        let sources: Self = toml::from_str(&text).map_err(|e| wrong(&path, &e.to_string()))?;
        for (index, source) in sources.sources.iter().enumerate() {
            let at = |field: &str, problem: &str| {
                wrong(&path, &format!("source[{index}].{field}: {problem}"))
            };
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
            if source.name.is_empty()
                || source.name.starts_with('.')
                || !source.name.chars().all(plain)
            {
                return Err(at("name", "is made of letters, digits, `-`, `_` and `.`"));
            }
            if sources
                .sources
                .iter()
                .take(index)
                .any(|s| s.name == source.name)
            {
                return Err(at("name", "is the name of another source too"));
            }
            if source.urls.is_empty() || !source.urls.iter().all(|u| is_url(u)) {
                return Err(at(
                    "urls",
                    "are one or more addresses that begin with https:// or http://",
                ));
            }
            let mut names: Vec<String> = source.urls.iter().map(|u| file_name(u)).collect();
            names.sort();
            names.dedup();
            if names.len() < source.urls.len() {
                return Err(at("urls", "end in file names that differ"));
            }
            if source.r#for.is_empty()
                || source
                    .r#for
                    .iter()
                    .any(|f| Jurisdiction::parse(f).is_none())
            {
                return Err(at("for", "holds us, kr or both"));
            }
        }
        Ok(sources)
    }

    /// Writes them.
    ///
    /// # Errors
    /// The operating system's reason.
    pub fn save(&self, data_dir: &Path) -> Result<(), Failure> {
        let path = data_dir.join(SOURCES);
        let text = toml::to_string_pretty(self).map_err(|e| wrong(&path, &e.to_string()))?;
        std::fs::create_dir_all(data_dir)
            .and_then(|()| write_whole(&path, text.as_bytes()))
            .map_err(|e| wrong(&path, &e.to_string()))
    }
}

fn wrong(path: &Path, problem: &str) -> Failure {
    Failure::usage(
        "INVALID_CONFIG",
        format!("`{}`: {}", path.display(), problem.trim_end()),
    )
}

/// True for what `lists add` fetches rather than opens.
pub fn is_url(text: &str) -> bool {
    text.starts_with("https://") || text.starts_with("http://")
}

/// Last part of the path of an address; positions and messages show it.
pub fn file_name(url: &str) -> String {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let last = path.rsplit('/').find(|p| !p.is_empty()).unwrap_or_default();
    let kept: String = last
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') {
                c
            } else {
                '_'
            }
        })
        .collect();
    kept.trim_start_matches('.').to_owned()
}

/// What is recorded of one file.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Copy {
    /// `ETag` of the copy.
    pub etag: String,
    /// `Last-Modified` of the copy.
    pub last_modified: String,
    /// SHA-256 of the copy, hexadecimal.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
    /// When it came (RFC 3339).
    pub fetched_at: String,
    /// When the server was last asked and did answer.
    pub checked_at: String,
}

impl Copy {
    /// What to ask the server with.
    pub fn validators(&self) -> Validators {
        Validators {
            etag: self.etag.clone(),
            last_modified: self.last_modified.clone(),
        }
    }
}

/// The last good copies of one source.
#[derive(Debug)]
pub struct Copies {
    dir: PathBuf,
    /// By address.
    pub files: BTreeMap<String, Copy>,
}

impl Copies {
    /// Copies of `source`; none where nothing was fetched, or where what is there is not what was recorded.
    pub fn open(data_dir: &Path, source: &str) -> Self {
        let dir = data_dir.join(COPIES).join(source);
        let files = std::fs::read(dir.join(STATE))
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default();
        Self { dir, files }
    }

    /// The bytes of the copy of `url`, if they are still those that were recorded.
    pub fn bytes(&self, url: &str) -> Option<Vec<u8>> {
        let copy = self.files.get(url)?;
        let bytes = std::fs::read(self.dir.join(&copy.sha256)).ok()?;
        (concord_lists::sha256_hex(&bytes) == copy.sha256).then_some(bytes)
    }

    /// Keeps `files` as the last good ones. Contents are written under their digests before the record names them.
    ///
    /// # Errors
    /// The operating system's reason.
    pub fn keep(&mut self, files: Vec<(String, Copy, Vec<u8>)>) -> std::io::Result<()> {
        std::fs::create_dir_all(&self.dir)?;
        let mut record = BTreeMap::new();
        for (url, copy, bytes) in files {
            let path = self.dir.join(&copy.sha256);
            if !path.exists() {
                write_whole(&path, &bytes)?;
            }
            record.insert(url, copy);
        }
        let text = serde_json::to_vec_pretty(&record)?;
        write_whole(&self.dir.join(STATE), &text)?;
        // What the record no longer names is of no more use.
        for old in self
            .files
            .values()
            .filter(|old| !record.values().any(|new| new.sha256 == old.sha256))
        {
            let _ = std::fs::remove_file(self.dir.join(&old.sha256));
        }
        self.files = record;
        Ok(())
    }
}
