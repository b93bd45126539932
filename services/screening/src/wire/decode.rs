//! Requests, checked field by field.

use std::collections::BTreeSet;

use concord_kit::violations::Violations;
use concord_lists::{BirthDate, CountryCode, Gender, Kind};
use concord_names::{Day, FULL, Profile, Qualifiers, Query, Subject};
use concord_proto::screening as api;
use concord_proto::types as wire;
use jiff::civil::Date;
use tonic::{Code, Status};

use crate::error::{reason, refuse};
use crate::identifier;
use crate::loaded::{self, Loaded, is_empty, subject};

const PARTIES: usize = 1_000;
const NAME: usize = 512;
const ADDRESS: usize = 1_024;
const ROLE: usize = 128;
const IDENTIFIERS: usize = 32;
const IDENTIFIER: usize = 128;

/// What is asked, checked.
#[derive(Debug, Clone)]
pub struct Question {
    /// The parties, in the order of the request.
    pub parties: Vec<AskedParty>,
    /// How names are compared.
    pub profile: &'static Profile,
    /// From which score on a listed party is a hit, of 10 000.
    pub threshold: u32,
    /// With the explanation as JSON.
    pub full: bool,
}

impl Question {
    /// How is asked, without whom.
    pub fn without_parties(&self) -> Self {
        Self {
            parties: Vec::new(),
            ..*self
        }
    }
}

/// A party that is asked about. Its `Debug` shows no name.
#[derive(Clone)]
pub struct AskedParty {
    /// Its role, repeated in the answer.
    pub role: String,
    /// What is searched for; the name has single spaces between its words.
    pub query: Query,
    /// What its identifiers are compared by.
    pub identifiers: BTreeSet<String>,
    /// Date of birth as stated.
    pub birth_date: String,
}

impl std::fmt::Debug for AskedParty {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AskedParty")
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

/// A Screen request against what is loaded.
pub fn question(loaded: &Loaded, request: &api::ScreenRequest) -> Result<Question, Status> {
    pinned(loaded, request.snapshot.as_ref())?;
    let mut violations = Violations::default();
    let (profile, threshold) = measure(request.threshold, &request.profile, &mut violations);
    let count = request.parties.len();
    if count == 0 || count > PARTIES {
        violations.field(
            "parties",
            format!("has {count} entries; 1 to {PARTIES} can be screened in one call"),
        );
    }
    let parties = request
        .parties
        .iter()
        .take(PARTIES)
        .enumerate()
        .map(|(i, p)| party(p, &format!("parties[{i}]"), &mut violations))
        .collect();
    violations.finish()?;
    Ok(Question {
        parties,
        profile,
        threshold,
        full: request.view() == wire::View::Full,
    })
}

/// How an element of a batch asks: its parties are decoded one by one.
pub fn element(request: &api::BatchScreenRequest) -> Result<Question, Status> {
    let mut violations = Violations::default();
    let (profile, threshold) = measure(request.threshold, &request.profile, &mut violations);
    let count = request.parties.len();
    if count > PARTIES {
        let text = format!("has {count} entries; 1 to {PARTIES} can be screened in one element");
        violations.field("parties", text);
    }
    if count > 0 && request.party.is_some() {
        violations.field("party", "is given beside `parties`; give one of them");
    }
    violations.finish()?;
    Ok(Question {
        parties: Vec::new(),
        profile,
        threshold,
        full: false,
    })
}

/// One party of an element, named `path` where it is wrong.
pub fn one_party(asked: &wire::Party, path: &str) -> Result<AskedParty, Status> {
    let mut violations = Violations::default();
    let party = party(asked, path, &mut violations);
    violations.finish()?;
    Ok(party)
}

/// Refuses a pinned snapshot other than the loaded one.
pub fn pinned(loaded: &Loaded, wanted: Option<&wire::SnapshotRef>) -> Result<(), Status> {
    let loaded = loaded.snapshot().digest();
    match wanted {
        Some(wanted) if !wanted.digest.is_empty() && wanted.digest != loaded => {
            let wanted: String = wanted.digest.chars().take(80).collect();
            let text = format!("snapshot `{wanted}` is not loaded here; `{loaded}` is");
            Err(refuse(
                Code::FailedPrecondition,
                reason::SNAPSHOT_NOT_LOADED,
                text,
            ))
        }
        _ => Ok(()),
    }
}

/// Profile and threshold; an empty profile is the default one.
fn measure(wanted: u32, profile: &str, violations: &mut Violations) -> (&'static Profile, u32) {
    let id = if profile.is_empty() {
        Profile::DEFAULT.id
    } else {
        profile
    };
    let profile = Profile::named(id).unwrap_or_else(|| {
        let known: Vec<String> = Profile::ALL.iter().map(|p| format!("`{}`", p.id)).collect();
        let text = format!("there is no such profile; there are {}", known.join(", "));
        violations.add(reason::UNKNOWN_PROFILE, "profile", text);
        Profile::ALL[0]
    });
    if wanted > FULL {
        violations.field(
            "threshold",
            format!("is {wanted}; expected 1 to {FULL}, or 0 for the profile's"),
        );
    }
    let threshold = match wanted {
        0 => profile.threshold,
        wanted => wanted,
    };
    (profile, threshold)
}

fn party(party: &wire::Party, path: &str, violations: &mut Violations) -> AskedParty {
    let mut longest = |field: &str, text: &str, most: usize| {
        let length = text.chars().count();
        let fits = length <= most;
        if !fits {
            violations.field(
                format!("{path}.{field}"),
                format!("has {length} characters; at most {most}"),
            );
        }
        fits
    };
    longest("role", &party.role, ROLE);
    longest("address", &party.address, ADDRESS);
    let name = if longest("name", &party.name, NAME) {
        party.name.split_whitespace().collect::<Vec<_>>().join(" ")
    } else {
        String::new()
    };
    if party.name.trim().is_empty() {
        violations.field(
            format!("{path}.name"),
            "is empty; a party is screened by its name",
        );
    } else if !name.is_empty() && is_empty(&name) {
        // Nothing could ever match it, which would read as a clean answer.
        violations.field(format!("{path}.name"), "holds no letter or digit");
    }
    let countries = match party.country.as_str() {
        "" => Vec::new(),
        code => {
            if CountryCode::new(code).is_none() {
                let text = "is not an ISO 3166 alpha-2 code such as `KR`";
                violations.field(format!("{path}.country"), text);
            }
            vec![code.to_owned()]
        }
    };
    let subject = match party.kind.as_str() {
        "" => Subject::Unknown,
        "person" => subject(Kind::Person),
        "organisation" => subject(Kind::Organisation),
        "vessel" => subject(Kind::Vessel),
        "aircraft" => subject(Kind::Aircraft),
        _ => {
            let text = "is not `person`, `organisation`, `vessel` or `aircraft`; leave it empty when unknown";
            violations.field(format!("{path}.kind"), text);
            Subject::Unknown
        }
    };
    let births = match party.birth_date.as_str() {
        "" => Vec::new(),
        text => match birth(text) {
            Some(days) => vec![days],
            None => {
                let text = "is not a date of the form YYYY, YYYY-MM or YYYY-MM-DD";
                violations.field(format!("{path}.birth_date"), text);
                Vec::new()
            }
        },
    };
    let gender = Gender::of_word(&party.gender).filter(|g| g.as_str() == party.gender);
    if gender.is_none() && !party.gender.is_empty() {
        let text = "is neither `female` nor `male`; leave it empty when unknown";
        violations.field(format!("{path}.gender"), text);
    }
    let count = party.identifiers.len();
    if count > IDENTIFIERS {
        let text = format!("has {count} entries; at most {IDENTIFIERS}");
        violations.field(format!("{path}.identifiers"), text);
    }
    let mut identifiers = BTreeSet::new();
    for (i, text) in party.identifiers.iter().take(IDENTIFIERS).enumerate() {
        let keys = identifier::keys(text);
        if text.chars().count() > IDENTIFIER || keys.is_empty() {
            let text = format!(
                "is not an identifier: 1 to {IDENTIFIER} characters with a letter or digit"
            );
            violations.field(format!("{path}.identifiers[{i}]"), text);
        } else {
            identifiers.extend(keys);
        }
    }
    let facts = Qualifiers {
        subject,
        countries,
        births,
        gender: gender.map(loaded::gender),
    };
    AskedParty {
        role: party.role.clone(),
        query: Query { name, facts },
        identifiers,
        birth_date: party.birth_date.clone(),
    }
}

/// The days that a stated date allows.
fn birth(text: &str) -> Option<(Day, Day)> {
    // A year or a month is completed to its first day, so that one calendar judges all three forms.
    let day = match text.len() {
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        _ => text.to_owned(),
    };
    let plain = day.len() == 10 && day.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let _: Date = day.parse().ok().filter(|_| plain)?;
    loaded::possible_days(&BirthDate::parse(text))
}
