//! `concord lists`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `concord lists`.
#[derive(Debug, Subcommand)]
pub enum Lists {
    /// Read list files (or folders of CSV sets, or addresses) into a new snapshot beside what is there
    Add {
        /// Files, folders or addresses; an address is remembered in lists.toml for `lists update`
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// The deployments that get the lists
        #[arg(long, value_delimiter = ',', default_value = "us,kr")]
        r#for: Vec<String>,
        /// Take a list although it is much smaller than the one before
        #[arg(long)]
        accept_shrink: bool,
    },
    /// Fetch the sources of lists.toml in the data directory where they have changed; a source that is damaged or much
    /// smaller leaves what was there
    Update {
        /// Names of sources; all without any
        names: Vec<String>,
        /// Take a list although it is much smaller than the one before
        #[arg(long)]
        accept_shrink: bool,
    },
    /// Read a list file or folder and say what is in it, without keeping it
    Inspect {
        /// A file or folder
        path: PathBuf,
    },
    /// What the current snapshots hold
    Status,
    /// Hits that a person has looked at and found to be another party
    #[command(subcommand)]
    GoodGuys(GoodGuys),
}

/// `concord lists good-guys`.
#[derive(Debug, Subcommand)]
pub enum GoodGuys {
    /// Say that a party that is asked about is not the listed one: the hit stays in the answer, with who, when and why
    Add(DecideGoodGuy),
    /// What was decided, and what of it still holds
    List,
    /// Take a decision back: the hit counts again
    Remove {
        /// The id that `list` shows
        id: String,
        /// The deployment
        #[arg(long, value_name = "us|kr", default_value = "us")]
        r#for: String,
    },
}

/// `concord lists good-guys add`.
#[derive(Debug, Args)]
pub struct DecideGoodGuy {
    /// The name that is asked about
    #[arg(long)]
    pub name: String,
    /// Its country (ISO 3166 alpha-2); without one only parties of an unknown country are meant
    #[arg(long, default_value = "")]
    pub country: String,
    /// Its date of birth, where it is stated when asked
    #[arg(long, default_value = "")]
    pub birth_date: String,
    /// The listed party: `party_id` of the hit
    #[arg(long, value_name = "PARTY_ID")]
    pub party: String,
    /// Who decides
    #[arg(long, value_name = "WHO")]
    pub by: String,
    /// Why
    #[arg(long)]
    pub reason: String,
    /// Last day on which it holds; without one it has no end
    #[arg(long, value_name = "YYYY-MM-DD", default_value = "")]
    pub until: String,
    /// The deployment
    #[arg(long, value_name = "us|kr", default_value = "us")]
    pub r#for: String,
}
