//! The control lists that this replica has loaded, by jurisdiction.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use concord_controls::problem::LoadError;
use concord_controls::regime::{Regime, RegimeSource};
use concord_licensing::{Alignment, LawEdition};
use jiff::civil::Date;

use crate::wire::answer::Listed;

/// Why the lists could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// The directory could not be read.
    #[error("regime files cannot be read below `{path}`: {problem}")]
    Read {
        /// The directory or file.
        path: PathBuf,
        /// The operating system's reason.
        problem: std::io::Error,
    },
    /// A file is not valid.
    #[error("regime files are not valid:\n{0}")]
    Invalid(#[from] LoadError),
    /// The alignment speaks of codes that no list has.
    #[error("regime files are not valid:\n{0}")]
    Alignment(String),
    /// There is no list for the deployment's own jurisdiction.
    #[error("there are no regime files for jurisdiction `{jurisdiction}`; found: {found}")]
    NoOwnList {
        /// The configured jurisdiction.
        jurisdiction: String,
        /// Those that are there.
        found: String,
    },
}

/// The loaded lists, each with the law that it belongs to, and which entry of one is which of another.
#[derive(Debug)]
pub struct Catalogue {
    own: String,
    source: RegimeSource,
    laws: BTreeMap<String, LawEdition>,
    /// What each list says of its paragraphs, as answers carry it.
    listed: BTreeMap<String, Listed>,
    alignment: Alignment,
}

impl Catalogue {
    /// Loads every jurisdiction's list, from `dir` or from the files built into the program.
    ///
    /// # Errors
    /// Unreadable or invalid files, or no list for `own`.
    pub fn load(own: &str, dir: Option<&Path>) -> Result<Self, CatalogueError> {
        let source: RegimeSource = match dir {
            None => concord_controls::embedded::source(),
            Some(dir) => concord_kit::files::read_tree(dir)
                .map_err(|(path, problem)| CatalogueError::Read { path, problem })?
                .into_iter()
                .collect(),
        };
        let mut laws = BTreeMap::new();
        for folder in source.folders() {
            let law = LawEdition::load(&source, &folder)?;
            laws.insert(law.jurisdiction().to_owned(), law);
        }
        if !laws.contains_key(own) {
            return Err(CatalogueError::NoOwnList {
                jurisdiction: own.to_owned(),
                found: laws.keys().cloned().collect::<Vec<_>>().join(", "),
            });
        }
        let alignment = Alignment::load(&source)?;
        let wrong = alignment.unknown_members(&laws.values().collect::<Vec<_>>());
        if !wrong.is_empty() {
            return Err(CatalogueError::Alignment(wrong.join("\n")));
        }
        let listed = laws.iter();
        let listed = listed.map(|(name, law)| (name.clone(), Listed::of(law.regime())));
        Ok(Self {
            own: own.to_owned(),
            listed: listed.collect(),
            alignment,
            laws,
            source,
        })
    }

    /// The files that the lists were read from.
    pub const fn source(&self) -> &RegimeSource {
        &self.source
    }

    /// The list of a jurisdiction.
    pub fn get(&self, jurisdiction: &str) -> Option<&Regime> {
        self.laws.get(jurisdiction).map(|law| &**law.regime())
    }

    /// The list of a jurisdiction with what it says of its paragraphs, as answers carry it.
    pub fn listed(&self, jurisdiction: &str) -> Option<(&Regime, &Listed)> {
        Some((self.get(jurisdiction)?, self.listed.get(jurisdiction)?))
    }

    /// The law of a jurisdiction: its list and what decides about licences.
    pub fn law(&self, jurisdiction: &str) -> Option<&LawEdition> {
        self.laws.get(jurisdiction)
    }

    /// Which entry of one list is which entry of another.
    pub const fn alignment(&self) -> &Alignment {
        &self.alignment
    }

    /// Whether `jurisdiction` is the deployment's own.
    pub fn is_own(&self, jurisdiction: &str) -> bool {
        self.own == jurisdiction
    }

    /// All lists in order of jurisdiction.
    pub fn all(&self) -> impl Iterator<Item = &Regime> {
        self.laws.values().map(|law| &**law.regime())
    }
}

/// Today's civil date in the list's own time zone; UTC when the zone is not known to this machine.
pub fn today(regime: &Regime) -> Date {
    let now = jiff::Timestamp::now();
    let zone = jiff::tz::TimeZone::get(regime.time_zone()).unwrap_or(jiff::tz::TimeZone::UTC);
    now.to_zoned_datetime(zone).date()
}
