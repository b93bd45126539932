//! The command line. Stable: scripts depend on it. Data on stdout, everything else on stderr.

mod lists;
mod log;

pub use lists::{DecideGoodGuy, GoodGuys, Lists};

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::report::Language;

/// Export-control decisions of two countries, side by side.
#[derive(Debug, Parser)]
#[command(name = "concord", version, about, max_term_width = 100)]
pub struct Cli {
    /// What is the same for every command.
    #[command(flatten)]
    pub global: Global,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// What is the same for every command.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// Print one JSON document (batches: one per line); errors too
    #[arg(long, global = true)]
    pub json: bool,
    /// Language of labels and reports
    #[arg(long, global = true, value_enum, default_value_t)]
    pub lang: Language,
    /// Where lists, logs and keys are kept; without it one-shot commands use a per-user directory and say which
    #[arg(long, global = true, value_name = "DIR", env = "CONCORD__DATA_DIR")]
    pub data_dir: Option<PathBuf>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Decide one transaction (YAML or JSON)
    Determine(Determine),
    /// Agree with a determination, override it, or answer its judgement questions; or show what was decided about it
    #[command(after_help = DECIDE_HELP)]
    Decide(Decide),
    /// Classify the items of a file alone
    Classify(Classify),
    /// What one list controls and the other does not, exactly
    #[command(after_help = COMPARE_HELP)]
    Compare(Compare),
    /// Find control entries by English or Korean words, codes, CAS or customs numbers
    #[command(after_help = SEARCH_HELP)]
    Search(Search),
    /// Run case files
    #[command(subcommand)]
    Cases(Cases),
    /// Screen parties
    Screen(Screen),
    /// Score a pair of names, or a file of pairs
    Match(Match),
    /// Official party lists into snapshots
    #[command(subcommand)]
    Lists(Lists),
    /// The law as data
    #[command(subcommand)]
    Regimes(Regimes),
    /// The audit log in the data directory
    #[command(subcommand)]
    Log(Log),
    /// Run one service
    Serve(Serve),
    /// Run both deployments in this process
    Dev(Dev),
    /// Read a service's configuration and say whether it is right
    CheckConfig(Serve),
}

const SEARCH_HELP: &str = "\
Whole sentences will do. What is attached (`concord regimes attach-text us ecfr|kr keywords|kr hsk FILE`) is searched
too. An entry of one list is also found by its counterpart in the other (`alignment`). A customs code gives candidates
(`hs_candidate`), never classifications.

Exit 0: searched, whether or not anything was found; 1: what was asked or is attached is not right.";

/// `concord search`.
#[derive(Debug, Args)]
pub struct Search {
    /// What the goods are
    #[arg(value_name = "TEXT")]
    pub text: String,
    /// Only entries of these lists; by default all
    #[arg(long, value_delimiter = ',', value_name = "us|kr")]
    pub jurisdiction: Vec<String>,
    /// At most this many entries, 1 to 100
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub limit: u32,
    /// Go on after an answer: its next_page_token
    #[arg(long, value_name = "TOKEN", default_value = "")]
    pub page_token: String,
    /// Read the lists at this date; by default today
    #[arg(long, value_name = "YYYY-MM-DD", default_value = "")]
    pub as_of: String,
}

/// How a report is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// For a terminal.
    #[default]
    Text,
    /// A memo to file.
    Markdown,
}

/// Where a running deployment is. Without it, both deployments are started in this process.
#[derive(Debug, Clone, Args)]
pub struct Remote {
    /// Address of a running determination service, for example https://determination:7104
    #[arg(long, value_name = "URL", requires_all = ["cert", "key", "ca"])]
    pub server: Option<String>,
    /// Client certificate (PEM) with a SPIFFE identity
    #[arg(long, value_name = "FILE", requires = "server")]
    pub cert: Option<PathBuf>,
    /// Private key of the client certificate (PEM)
    #[arg(long, value_name = "FILE", requires = "server")]
    pub key: Option<PathBuf>,
    /// CA bundle of the server's trust domain (PEM)
    #[arg(long, value_name = "FILE", requires = "server")]
    pub ca: Option<PathBuf>,
    /// Identity the server must show, for example spiffe://us.concord.example/agency/bis/determination
    #[arg(long, value_name = "SPIFFE-ID", requires = "server")]
    pub server_identity: Option<String>,
}

/// `concord determine`.
#[derive(Debug, Args)]
pub struct Determine {
    /// The transaction (YAML or JSON; .gz is accepted); `-` for stdin
    pub file: PathBuf,
    /// Read the law at this date, over the one in the file
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub as_of: Option<String>,
    /// How to print the report
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// An outcome that open paragraphs could raise becomes needs_information
    #[arg(long)]
    pub strict: bool,
    /// Show every addressed paragraph, also those not met
    #[arg(long)]
    pub full: bool,
    /// The deployment that decides when both run in this process: by default that of the origin if it is one of them, else us
    #[arg(long, value_name = "us|kr")]
    pub by: Option<String>,
    /// Request id; by default a new one
    #[arg(long, value_name = "ID")]
    pub request_id: Option<String>,
    /// Where the deployment runs.
    #[command(flatten)]
    pub remote: Remote,
}

const DECIDE_HELP: &str = "\
Without --agree, --override or --judgement it shows the determination with everything that people decided about it and in its
case. What is recorded is shown beside later answers in the same case (case_reference) and changes none of them. A recorded
answer to a judgement question is adopted by naming its record: `judgements: [{judgement, answer, reason, record_id}]`.

Exit 0: recorded or shown; 1: what was given is not right, or there is no such determination; 2: the service was not reached.";

/// `concord decide`.
#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("said").args(["agree", "override_with", "judgement"])))]
pub struct Decide {
    /// Id of the determination
    #[arg(value_name = "ID")]
    pub determination: String,
    /// Agree with the computed outcome
    #[arg(long, requires = "actor", requires = "reason")]
    pub agree: bool,
    /// Override the computed outcome with this one, for example licence_required
    #[arg(
        long = "override",
        value_name = "TEXT",
        requires = "actor",
        requires = "reason"
    )]
    pub override_with: Option<String>,
    /// Answer a judgement question, for example specially_designed=no
    #[arg(
        long,
        value_name = "ID=yes|no",
        requires = "actor",
        requires = "reason"
    )]
    pub judgement: Option<String>,
    /// The line that the judgement is about; by default all
    #[arg(long, value_name = "ID", requires = "judgement", default_value = "")]
    pub line: String,
    /// Why
    #[arg(long, value_name = "TEXT", requires = "said")]
    pub reason: Option<String>,
    /// Who decides
    #[arg(long, value_name = "TEXT", requires = "said")]
    pub actor: Option<String>,
    /// Case reference; by default the determination's
    #[arg(
        long = "case",
        value_name = "REF",
        requires = "said",
        default_value = ""
    )]
    pub case_reference: String,
    /// How to print the determination
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// The deployment that made the determination, when both run in this process
    #[arg(long, value_name = "us|kr", default_value = "us")]
    pub by: String,
    /// Request id; by default a new one
    #[arg(long, value_name = "ID", requires = "said")]
    pub request_id: Option<String>,
    /// Where the deployment runs.
    #[command(flatten)]
    pub remote: Remote,
}

/// `concord classify`.
#[derive(Debug, Args)]
pub struct Classify {
    /// The item or lines (YAML or JSON; .gz is accepted); `-` for stdin
    pub file: PathBuf,
    /// Read the list at this date, over the one in the file
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub as_of: Option<String>,
    /// The lists to read
    #[arg(long, value_delimiter = ',', default_value = "us,kr")]
    pub jurisdiction: Vec<String>,
    /// How to print the report
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Show every addressed paragraph, also those not met
    #[arg(long)]
    pub full: bool,
}

/// `concord compare`.
#[derive(Debug, Args)]
pub struct Compare {
    /// The first list
    #[arg(value_name = "us")]
    pub left: String,
    /// The second list
    #[arg(value_name = "kr")]
    pub right: String,
    /// Read both lists at this date; by default today, in the first list's time zone
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub as_of: Option<String>,
    /// What is shown
    #[command(flatten)]
    pub shown: Shown,
}

/// What is shown of a comparison, and how.
#[derive(Debug, Args)]
pub struct Shown {
    /// Only these entries or paragraphs of either side
    #[arg(long, value_delimiter = ',', value_name = "3A090,3B001")]
    pub scope: Vec<String>,
    /// How to print the comparison; markdown has pictures of regions of two parameters
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Only so many lines, those that affect the most destinations
    #[arg(long, value_name = "N", conflicts_with = "json")]
    pub most: Option<usize>,
    /// Below each line every example and every destination's burdens
    #[arg(long, conflicts_with = "json")]
    pub details: bool,
}

const COMPARE_HELP: &str = "\
Each region is a set of items that one side alone controls: inequalities in the formula language of docs/regimes.md, and
items in it that both lists' evaluation confirms. burdens say what both laws ask for an export of the first of them (of
anything of the entry, for scope_gaps) to each third country, mutual what they ask for exports to one another;
destinations_affected counts those for which the controlling side asks more, and sorts the answer. scope_gaps are entries that one list alone has (list_scope_gap), or that
the other has out of force at the date (temporal). not_compared says what is missing and why: no_thresholds,
no_alignment_record, not_the_same_control, other_authority, limit_reached, no_witness_found.

Exit 0: an answer; 1: a code that neither list has in force; 64: bad usage.";

/// `concord cases`.
#[derive(Debug, Subcommand)]
pub enum Cases {
    /// Run case files; the last line of stdout is `N of M cases passed`
    Run {
        /// The case files
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Send every case over gRPC to two deployments started in this process, instead of to the core
        #[arg(long)]
        rpc: bool,
        /// Decide by a regimes directory; by default by the one built into the program
        #[arg(long, value_name = "DIR", conflicts_with = "rpc")]
        dir: Option<PathBuf>,
    },
}

/// `concord screen`.
#[derive(Debug, Args)]
pub struct Screen {
    /// The name to screen
    #[arg(long, required_unless_present = "file", conflicts_with = "file")]
    pub name: Option<String>,
    /// Country of the party (ISO 3166 alpha-2)
    #[arg(long, requires = "name")]
    pub country: Option<String>,
    /// person, organisation, vessel or aircraft
    #[arg(long = "type", requires = "name")]
    pub kind: Option<String>,
    /// A passport, registration, IMO or tail number; may be given again
    #[arg(long, requires = "name")]
    pub identifier: Vec<String>,
    /// Date of birth: YYYY, YYYY-MM or YYYY-MM-DD
    #[arg(long, requires = "name")]
    pub birth_date: Option<String>,
    /// female or male
    #[arg(long, requires = "name")]
    pub gender: Option<String>,
    /// A CSV with the columns name and, where known, country, type, birth_date, gender and identifiers (separated by |)
    #[arg(long)]
    pub file: Option<PathBuf>,
    /// Threshold from 0 to 1; by default the profile's
    #[arg(long)]
    pub threshold: Option<String>,
    /// Matching profile: default, strict or ofac
    #[arg(long, default_value = "default")]
    pub profile: String,
    /// The deployment whose lists are used
    #[arg(long, value_name = "us|kr", default_value = "us")]
    pub by: String,
}

/// `concord match`.
#[derive(Debug, Args)]
pub struct Match {
    /// Two names
    #[arg(num_args = 2, value_names = ["A", "B"], required_unless_present = "pairs", conflicts_with = "pairs")]
    pub names: Vec<String>,
    /// A CSV with the columns name1, name2 and, where known, schema (Person, Company, empty), country1, country2,
    /// birth_date1, birth_date2, gender1 and gender2
    #[arg(long, value_name = "FILE")]
    pub pairs: Option<PathBuf>,
    /// Matching profile
    #[arg(long, default_value = "default")]
    pub profile: String,
}

/// `concord regimes`.
#[derive(Debug, Subcommand)]
pub enum Regimes {
    /// Load every edition strictly and print what it covers; with --against compare the US list with the regulator's text
    #[command(after_help = CHECK_HELP)]
    Check {
        /// A regimes directory; by default the one built into the program
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
        /// The eCFR XML of 15 CFR part 774, Supplement No. 1 (.gz is accepted)
        #[arg(long, value_name = "FILE.xml")]
        against: Option<PathBuf>,
        /// Read the list at this date; by default the last day up to which it was compared with a source
        #[arg(long, value_name = "YYYY-MM-DD")]
        as_of: Option<String>,
    },
    /// Keep the regulator's own text in the data directory; a file that is not right leaves the one before in use
    AttachText {
        /// Whose text
        #[arg(value_name = "us|kr")]
        jurisdiction: String,
        /// Which text: ecfr (us) is the XML of 15 CFR part 774, Supplement No. 1, as ecfr.gov serves it; keywords (kr) the table of
        /// search words by control number, hsk (kr) the linkage of customs codes, each CSV (UTF-8, CP949) or xlsx as published
        #[arg(value_name = "ecfr|keywords|hsk")]
        text: String,
        /// The file (.gz is accepted)
        file: PathBuf,
    },
    /// What a list controls at one date and not at another
    #[command(after_help = COMPARE_HELP)]
    Diff {
        /// List and date
        #[arg(value_name = "us@2023-10-01")]
        before: String,
        /// The same list at another date
        #[arg(value_name = "us@2024-01-01")]
        after: String,
        /// What is shown
        #[command(flatten)]
        shown: Shown,
    },
}

const CHECK_HELP: &str = "\
With --against, each finding has a kind and a place: formula_threshold_not_in_text, path_not_in_text,
paragraph_with_numbers_without_formula, paragraph_not_modelled (explained by the basis of an entry whose coverage is
not full), entry_only_in_text, entry_only_in_data, row_missing, row_extra, cas_not_in_text, cas_not_in_formula,
stale_explanation. regimes/us/text-findings.yaml explains those that are right as they are (docs/regimes.md).
Where another issue is attached in the data directory, what changed since then and which formulas that touches is
printed too.

Exit 0: every finding is explained; 1: one is not, or a file is not right; 64: bad usage.";

pub use log::{Log, Migrate, OfLog, Search as LogSearch};

/// One of the services.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ServiceName {
    /// Where items stand in control lists.
    Classification,
    /// Parties against restricted-party lists.
    Screening,
    /// The transparency log.
    Audit,
    /// Decisions.
    Determination,
}

/// `concord serve` and `concord check-config`.
#[derive(Debug, Args)]
pub struct Serve {
    /// The service
    #[arg(value_enum)]
    pub service: ServiceName,
    /// Its settings (TOML); CONCORD__SECTION__KEY variables override them
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// `concord dev`.
#[derive(Debug, Args)]
pub struct Dev {
    /// Write the test CAs and client certificates here
    #[arg(long, value_name = "DIR")]
    pub write_certs: Option<PathBuf>,
}
