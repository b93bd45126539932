//! The search index over what this replica has loaded, and the texts and tables that the operator attached to it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use concord_controls::problem::LoadError;
use concord_controls::regime::Regime;
use concord_controls::search::{Link, SearchIndex, Sources, TradeWords};
use concord_controls::table::{HskTable, KeywordTable, TableError};
use concord_controls::text::{TextError, TextTree};
use concord_kit::status::Problem;
use concord_licensing::{Alignment, Relation};
use serde::Deserialize;
use tonic::Status;

use crate::catalogue::Catalogue;

/// Files that the operator attached (`concord regimes attach-text`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AttachedFiles {
    /// The eCFR XML of 15 CFR part 774, Supplement No. 1.
    pub ecfr: Option<PathBuf>,
    /// The table of search words by Korean control number.
    pub keywords: Option<PathBuf>,
    /// The linkage of Korean customs codes to control numbers.
    pub hsk: Option<PathBuf>,
}

/// Whose list the official text is about.
const ECFR_LIST: &str = "US";
/// Whose list the tables are about.
const TABLES_LIST: &str = "KR";

/// Why the index could not be made.
#[derive(Debug, thiserror::Error)]
pub enum FinderError {
    /// An attached file cannot be read.
    #[error("the attached file `{path}` cannot be read: {problem}")]
    Read {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        problem: std::io::Error,
    },
    /// An attached text is not right.
    #[error("the attached text is not right: {0}")]
    Text(#[from] TextError),
    /// An attached table is not right.
    #[error("the attached table is not right: {0}")]
    Table(#[from] TableError),
    /// A text or table about a list that is not loaded.
    #[error("`{name}` is attached, and the list of `{jurisdiction}` is not loaded")]
    NoList {
        /// Which.
        name: &'static str,
        /// The jurisdiction.
        jurisdiction: &'static str,
    },
    /// Our own files are not valid.
    #[error("regime files are not valid:\n{0}")]
    Regimes(#[from] LoadError),
}

/// The index with the names and digests of what is attached.
#[derive(Debug)]
pub struct Finder {
    index: SearchIndex,
    attached: Vec<(&'static str, Arc<str>)>,
}

impl Finder {
    /// Reads what is attached and indexes everything.
    ///
    /// # Errors
    /// An attached file that is not right, or invalid files of ours.
    pub fn load(catalogue: &Catalogue, files: &AttachedFiles) -> Result<Self, FinderError> {
        let mut attached = Vec::new();
        let ecfr = match &files.ecfr {
            None => None,
            Some(path) => {
                let tree = TextTree::parse(&path.display().to_string(), &read(path)?)?;
                list(catalogue, "ecfr", ECFR_LIST)?;
                attached.push(("ecfr", tree.digest.clone()));
                Some(tree)
            }
        };
        let keywords = match &files.keywords {
            None => None,
            Some(path) => {
                let list = list(catalogue, "keywords", TABLES_LIST)?;
                let table = KeywordTable::parse(&path.display().to_string(), &read(path)?, list)?;
                attached.push(("keywords", table.digest.clone()));
                Some(table)
            }
        };
        let hsk = match &files.hsk {
            None => None,
            Some(path) => {
                let list = list(catalogue, "hsk", TABLES_LIST)?;
                let table = HskTable::parse(&path.display().to_string(), &read(path)?, list)?;
                attached.push(("hsk", table.digest.clone()));
                Some(table)
            }
        };
        let lists: Vec<&Regime> = catalogue.all().collect();
        let words = TradeWords::load(catalogue.source(), &lists)?;
        let links = links(catalogue.alignment(), &lists);
        let index = SearchIndex::build(&Sources {
            lists,
            words: &words,
            links,
            texts: ecfr.iter().map(|tree| (ECFR_LIST, tree)).collect(),
            keywords: keywords.iter().collect(),
            customs: hsk.iter().collect(),
        });
        Ok(Self { index, attached })
    }

    /// The index.
    pub const fn index(&self) -> &SearchIndex {
        &self.index
    }

    /// Name and digest of each attached text and table.
    pub fn attached(&self) -> &[(&'static str, Arc<str>)] {
        &self.attached
    }
}

fn read(path: &Path) -> Result<Vec<u8>, FinderError> {
    std::fs::read(path).map_err(|problem| FinderError::Read {
        path: path.to_owned(),
        problem,
    })
}

fn list<'c>(
    catalogue: &'c Catalogue,
    name: &'static str,
    jurisdiction: &'static str,
) -> Result<&'c Regime, FinderError> {
    catalogue
        .get(jurisdiction)
        .ok_or(FinderError::NoList { name, jurisdiction })
}

/// Entries that stand for one another. Entries that no record names are paired by number, as in comparisons; equal numbers
/// that are known to be different controls never are.
fn links(alignment: &Alignment, lists: &[&Regime]) -> Vec<Link> {
    let entry = |code: &str| code.split('.').next().unwrap_or(code).to_owned();
    let mut links: Vec<Link> = Vec::new();
    let mut apart: Vec<String> = Vec::new();
    for record in alignment.records() {
        let members = record.members.iter();
        let mut members: Vec<(String, String)> = members
            .map(|m| (m.jurisdiction.clone(), entry(&m.code)))
            .collect();
        if record.relation == Relation::NotTheSame {
            apart.extend(members.into_iter().map(|(_, code)| code));
            continue;
        }
        members.dedup();
        links.push(Link {
            members,
            subject: vec![record.subject.en.clone(), record.subject.ko.clone()],
        });
    }
    let named = |jurisdiction: &str, code: &str| {
        links.iter().any(|l| {
            l.members
                .iter()
                .any(|(j, c)| j == jurisdiction && c == code)
        })
    };
    let mut by_number: Vec<Link> = Vec::new();
    for (at, left) in lists.iter().enumerate() {
        for right in lists.iter().skip(at + 1) {
            for code in left.entries().iter().map(|e| &*e.code) {
                let pair =
                    [left, right].map(|list| (list.jurisdiction().to_string(), code.to_owned()));
                let known = pair.iter().any(|(j, c)| named(j, c));
                if right.entry(code).is_some() && !known && !apart.iter().any(|a| a == code) {
                    by_number.push(Link {
                        members: pair.to_vec(),
                        subject: Vec::new(),
                    });
                }
            }
        }
    }
    links.extend(by_number);
    links
}

/// The index of a service: made when it is first asked for, unless something is attached.
#[derive(Clone, Debug)]
pub struct LazyFinder {
    catalogue: Arc<Catalogue>,
    files: Arc<AttachedFiles>,
    made: Arc<OnceLock<Result<Finder, FinderError>>>,
}

impl LazyFinder {
    /// Nothing is read yet.
    pub fn new(catalogue: Arc<Catalogue>, files: AttachedFiles) -> Self {
        Self {
            catalogue,
            files: Arc::new(files),
            made: Arc::new(OnceLock::new()),
        }
    }

    /// Whether anything is attached.
    pub fn has_attached(&self) -> bool {
        *self.files != AttachedFiles::default()
    }

    /// Makes the index now.
    ///
    /// # Errors
    /// As [`Finder::load`].
    pub fn check(&self) -> Result<(), FinderError> {
        let finder = Finder::load(&self.catalogue, &self.files)?;
        let _ = self.made.set(Ok(finder));
        Ok(())
    }

    /// The index, made beside the calls that are being answered when it is not there yet.
    ///
    /// # Errors
    /// INTERNAL when it cannot be made.
    pub async fn get(&self) -> Result<&Finder, Status> {
        if self.made.get().is_none() {
            let this = self.clone();
            let made = tokio::task::spawn_blocking(move || {
                this.made
                    .get_or_init(|| Finder::load(&this.catalogue, &this.files));
            });
            made.await.map_err(|e| Status::from(Problem::internal(e)))?;
        }
        match self.made.get() {
            Some(Ok(finder)) => Ok(finder),
            Some(Err(e)) => Err(Problem::internal(e.to_string()).into()),
            None => Err(Problem::internal("the search index was not made").into()),
        }
    }
}
