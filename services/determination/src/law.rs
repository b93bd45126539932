//! The law that this deployment decides under.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use concord_controls::problem::LoadError;
use concord_licensing::{Alignment, LawEdition};
use jiff::civil::Date;

/// Why the law could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LawError {
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
    /// There is no law for the configured jurisdiction.
    #[error("there are no regime files for jurisdiction `{0}`")]
    NoLaw(String),
}

/// One jurisdiction's law, with the alignment of its list to the others.
#[derive(Debug, Clone)]
pub struct Law {
    /// The edition.
    pub edition: LawEdition,
    /// Copies of the other jurisdictions' law, for comparison only.
    pub others: BTreeMap<String, LawEdition>,
    /// Which entry of one list is which entry of the other.
    pub alignment: Alignment,
}

impl Law {
    /// Loads the law of `jurisdiction`, from `dir` or from the files built into the program.
    ///
    /// # Errors
    /// Unreadable or invalid files, or none for that jurisdiction.
    pub fn load(jurisdiction: &str, dir: Option<&Path>) -> Result<Self, LawError> {
        let source = match dir {
            None => concord_controls::embedded::source(),
            Some(dir) => concord_kit::files::read_tree(dir)
                .map_err(|(path, problem)| LawError::Read { path, problem })?
                .into_iter()
                .collect(),
        };
        let mut others = BTreeMap::new();
        for folder in source.folders() {
            let edition = LawEdition::load(&source, &folder)?;
            others.insert(edition.jurisdiction().to_owned(), edition);
        }
        let edition = others
            .remove(jurisdiction)
            .ok_or_else(|| LawError::NoLaw(jurisdiction.to_owned()))?;
        let alignment = Alignment::load(&source)?;
        Ok(Self {
            edition,
            others,
            alignment,
        })
    }

    /// Today's civil date in the jurisdiction's own time zone; UTC when the zone is not known to this machine.
    pub fn today(&self) -> Date {
        let zone = jiff::tz::TimeZone::get(self.edition.regime().time_zone())
            .unwrap_or(jiff::tz::TimeZone::UTC);
        jiff::Timestamp::now().to_zoned_datetime(zone).date()
    }
}
