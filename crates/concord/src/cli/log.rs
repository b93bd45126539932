//! `concord log`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Which log, and what opens it.
#[derive(Debug, Args)]
pub struct OfLog {
    /// The deployment whose log it is
    #[arg(long, value_name = "us|kr", default_value = "us")]
    pub by: String,
    /// The settings of the service whose log it is, for a log that is not in the data directory
    #[arg(long, value_name = "FILE", conflicts_with_all = ["by", "kek"])]
    pub config: Option<PathBuf>,
    /// The agency's key, which opens what records say: the current one first, then earlier ones; by default
    /// keys/kek.key beside the log
    #[arg(long, value_name = "FILE")]
    pub kek: Vec<PathBuf>,
}

/// `concord log search`.
#[derive(Debug, Args)]
pub struct Search {
    /// Made for this agency
    #[arg(long)]
    pub agency: Option<String>,
    /// With this outcome, for example licence_required
    #[arg(long)]
    pub outcome: Option<String>,
    /// About this control code or one below it: 3A090 finds 3A090.a
    #[arg(long, value_name = "CODE")]
    pub item: Option<String>,
    /// With a party of this whole name; case, accents, punctuation and the order of words do not count
    #[arg(long, value_name = "NAME")]
    pub party: Option<String>,
    /// Of this case
    #[arg(long, value_name = "REFERENCE")]
    pub case: Option<String>,
    /// Made on behalf of this identity
    #[arg(long, value_name = "IDENTITY")]
    pub caller: Option<String>,
    /// Of this kind: determination, human_decision, judgement_answer, refusal, erasure, disclosure
    #[arg(long, value_name = "KIND")]
    pub kind: Vec<String>,
    /// About the record with this id
    #[arg(long, value_name = "ID")]
    pub about: Option<String>,
    /// Not logged before this date or RFC 3339 time (UTC)
    #[arg(long, value_name = "TIME")]
    pub from: Option<String>,
    /// Logged before this date or RFC 3339 time (UTC)
    #[arg(long, value_name = "TIME")]
    pub to: Option<String>,
    /// How many records
    #[arg(long, default_value_t = 50)]
    pub limit: u32,
    /// Only records with a smaller index, to go on where an earlier search ended
    #[arg(long, value_name = "INDEX")]
    pub before: Option<u64>,
    /// Which log
    #[command(flatten)]
    pub log: OfLog,
}

/// `concord log migrate`.
#[derive(Debug, Args)]
pub struct Migrate {
    /// The database and the role that is to own the tables, for example
    /// postgres://owner@db.example:5432/concord_audit
    #[arg(long, value_name = "URL")]
    pub url: String,
    /// The file with the role's password
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
    /// The CA that vouches for the server; needed over TCP
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// The role of the service, which gets only the rights that it needs
    #[arg(long, value_name = "ROLE", default_value = "concord_audit")]
    pub service_role: String,
}

/// `concord log`.
#[derive(Debug, Subcommand)]
pub enum Log {
    /// Size, root and latest checkpoint, and the last records
    Show {
        /// How many records
        #[arg(long, default_value_t = 10)]
        limit: u32,
        /// Which log
        #[command(flatten)]
        log: OfLog,
    },
    /// Make the tables of a log in PostgreSQL, or bring them to this program's version
    Migrate(Migrate),
    /// Find records by agency, time, outcome, item, party, case or kind, newest first
    Search(Box<Search>),
    /// Write one self-contained proof bundle for a record
    Prove {
        /// Index of the record; 0 is the first
        #[arg(long)]
        index: u64,
        /// Leave this out and prove only that it is unchanged; may be repeated: request, body, or a field such as parties. Who hides a field should think of request and body, which repeat most of them
        #[arg(long, value_name = "NAME")]
        hide: Vec<String>,
        /// Where to write it; by default stdout
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Which log
        #[command(flatten)]
        log: OfLog,
    },
    /// Verify a proof bundle without configuration or network
    Verify {
        /// The bundle
        file: PathBuf,
        /// The log's verifier key (C2SP vkey); without it the signer is not authenticated
        #[arg(long, value_name = "VKEY")]
        key: Option<String>,
    },
    /// Check every record, hash and checkpoint of the log; what records say too, with the agency's key
    Fsck {
        /// Which log
        #[command(flatten)]
        log: OfLog,
    },
    /// Look for the twin of every joint record: in the other deployment's log in the data directory, or in
    /// bundles that the counterpart gave; exit 1 if one is missing or different
    Twins {
        /// Bundles of the counterpart's log; without them its log in the data directory is read
        bundles: Vec<PathBuf>,
        /// Which log
        #[command(flatten)]
        log: OfLog,
    },
    /// Copy the log into a new directory, also while it is served, and check the copy whole (keys apart)
    Backup {
        /// The new directory
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// Which log
        #[command(flatten)]
        log: OfLog,
    },
    /// Put a backup where there is no log; it is served after a witness has said how far the log had come
    Restore {
        /// The backup
        dir: PathBuf,
        /// Which log
        #[command(flatten)]
        log: OfLog,
    },
    /// Put every record under the agency's current key (and encrypt what an earlier version did not), so that
    /// earlier keys can be destroyed; the service is stopped meanwhile, but on PostgreSQL (--config) replicas run on
    Rewrap {
        /// Which log
        #[command(flatten)]
        log: OfLog,
    },
    /// Write the request with which a witness is asked to cosign the latest checkpoint (C2SP add-checkpoint), of a log
    /// in the data directory; one in PostgreSQL is witnessed over HTTP
    AskCosign {
        /// Size that the witness cosigned last; it says so when it refuses with 409
        #[arg(long, default_value_t = 0)]
        old: u64,
        /// The deployment whose log asks
        #[arg(long, value_name = "us|kr", default_value = "us")]
        by: String,
    },
    /// Cosign the request of another log, by file; prints the answer (C2SP cosignature lines)
    Cosign {
        /// The request
        file: PathBuf,
        /// The deployment that cosigns
        #[arg(long, value_name = "us|kr", default_value = "us")]
        by: String,
        /// A log that may ask, beside those of the settings: its agency and verifier key
        #[arg(long, value_name = "AGENCY=VKEY")]
        log: Vec<String>,
    },
    /// Take the witnesses' answers to a request of ours, by file
    Accept {
        /// The request that was answered
        request: PathBuf,
        /// The answers, of as many witnesses as the settings ask for
        #[arg(required = true)]
        answers: Vec<PathBuf>,
        /// The deployment whose log asked
        #[arg(long, value_name = "us|kr", default_value = "us")]
        by: String,
        /// A witness's verifier key, beside those of the settings
        #[arg(long, value_name = "VKEY")]
        witness: Vec<String>,
    },
}
