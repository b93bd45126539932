//! Which list: our identifiers and what publishers call them.

use std::fmt;

/// Identifier of a list: one of [`KNOWN_LISTS`], or `own_…` for a list an operator names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ListId(String);

impl ListId {
    /// `id` as a list identifier; `None` unless it is known or of the form `own_[a-z0-9_]+`.
    #[must_use]
    pub fn new(id: &str) -> Option<Self> {
        let own = id.strip_prefix("own_").is_some_and(|rest| {
            !rest.is_empty()
                && rest
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        });
        (own || KNOWN_LISTS.iter().any(|l| l.id == id)).then(|| Self(id.to_owned()))
    }

    pub(crate) fn of(list: &KnownList) -> Self {
        Self(list.id.to_owned())
    }

    /// The identifier as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is known of the list; `None` for an operator's own.
    #[must_use]
    pub fn known(&self) -> Option<&'static KnownList> {
        KNOWN_LISTS.iter().find(|l| l.id == self.0)
    }
}

impl fmt::Display for ListId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A list this release knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownList {
    /// Our identifier.
    pub id: &'static str,
    /// Abbreviation in the Consolidated Screening List's `source` column; empty if never there.
    pub csl: &'static str,
    /// Title in English.
    pub title: &'static str,
    /// Who publishes it.
    pub publisher: &'static str,
}

impl KnownList {
    /// The list that a `source` cell of the Consolidated Screening List names, by the abbreviation
    /// in its first parentheses (titles and departments vary from edition to edition).
    #[must_use]
    pub fn of_csl_source(source: &str) -> Option<&'static Self> {
        let (_, rest) = source.split_once('(')?;
        let (inside, _) = rest.split_once(')')?;
        let mark = inside.trim().trim_end_matches(" List").to_ascii_uppercase();
        // Until 2020 `(the Part 561 List)`.
        let mark = if mark.contains("561") { "561" } else { &mark };
        KNOWN_LISTS
            .iter()
            .find(|l| !l.csl.is_empty() && l.csl == mark)
    }
}

const BIS: &str = "US Department of Commerce, Bureau of Industry and Security";
const OFAC: &str = "US Department of the Treasury, Office of Foreign Assets Control";
const STATE: &str = "US Department of State";
const UN: &str = "United Nations Security Council";
const EU: &str = "European Commission";
const UK: &str = "United Kingdom, Foreign, Commonwealth and Development Office";

macro_rules! lists {
    ($(($id:literal, $csl:literal, $title:literal, $publisher:expr)),* $(,)?) => {
        /// Every list this release knows, in a fixed order.
        pub const KNOWN_LISTS: &[KnownList] =
            &[$(KnownList { id: $id, csl: $csl, title: $title, publisher: $publisher }),*];
    };
}

lists![
    ("entity_list", "EL", "Entity List (15 CFR 744 Supp. 4)", BIS),
    (
        "denied_persons",
        "DPL",
        "Denied Persons List (15 CFR 764)",
        BIS
    ),
    (
        "unverified",
        "UVL",
        "Unverified List (15 CFR 744 Supp. 6)",
        BIS
    ),
    (
        "meu_list",
        "MEU",
        "Military End-User List (15 CFR 744 Supp. 7)",
        BIS
    ),
    ("sdn", "SDN", "Specially Designated Nationals", OFAC),
    (
        "ssi",
        "SSI",
        "Sectoral Sanctions Identifications List",
        OFAC
    ),
    ("fse", "FSE", "Foreign Sanctions Evaders", OFAC),
    ("plc", "PLC", "Palestinian Legislative Council List", OFAC),
    (
        "cap",
        "CAP",
        "List of correspondent or payable-through account sanctions (CAPTA)",
        OFAC
    ),
    ("mbs", "NS-MBS", "Non-SDN Menu-Based Sanctions List", OFAC),
    (
        "cmic",
        "CMIC",
        "Non-SDN Chinese Military-Industrial Complex Companies List",
        OFAC
    ),
    (
        "part_561",
        "561",
        "List of foreign financial institutions subject to part 561 (until 2020)",
        OFAC
    ),
    (
        "ns_isa",
        "NS-ISA",
        "Non-SDN Iranian Sanctions Act List (until 2020)",
        OFAC
    ),
    (
        "ofac_consolidated",
        "",
        "OFAC consolidated list, sub-list not stated",
        OFAC
    ),
    (
        "nonproliferation",
        "ISN",
        "Nonproliferation Sanctions",
        STATE
    ),
    (
        "dtc_debarred",
        "DTC",
        "AECA debarred parties (22 CFR 127.7)",
        STATE
    ),
    (
        "un_sc",
        "",
        "United Nations Security Council Consolidated List",
        UN
    ),
    (
        "eu_fsf",
        "",
        "EU consolidated list of financial sanctions",
        EU
    ),
    ("uk_sanctions", "", "UK Sanctions List", UK),
    (
        "uk_ofsi",
        "",
        "UK consolidated list of financial sanctions targets",
        "United Kingdom, HM Treasury, Office of Financial Sanctions Implementation"
    ),
    (
        "ca_sema",
        "",
        "Consolidated Canadian Autonomous Sanctions List",
        "Global Affairs Canada"
    ),
    (
        "jp_meti_ful",
        "",
        "Foreign End User List",
        "Japan, Ministry of Economy, Trade and Industry"
    ),
    (
        "opensanctions",
        "",
        "OpenSanctions entities",
        "OpenSanctions, not an authority"
    ),
    (
        "kr_party_of_concern",
        "",
        "Parties of concern (\u{c6b0}\u{b824}\u{ac70}\u{b798}\u{c790})",
        "Republic of Korea, operator's copy"
    ),
];

pub(crate) fn known_ids() -> String {
    let ids: Vec<&str> = KNOWN_LISTS.iter().map(|l| l.id).collect();
    format!("{} and own_…", ids.join(", "))
}

pub(crate) fn known_csl_marks() -> String {
    let marks: Vec<&str> = KNOWN_LISTS
        .iter()
        .map(|l| l.csl)
        .filter(|m| !m.is_empty())
        .collect();
    marks.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csl_sources_name_lists_by_their_mark() {
        for (source, id) in [
            (
                "Entity List (EL) - Bureau of Industry and Security",
                "entity_list",
            ),
            (
                "Non-SDN Menu-Based Sanctions List (NS-MBS List) - Treasury Department",
                "mbs",
            ),
            ("Capta List (CAP) - Treasury Department", "cap"),
            (
                "The List of Foreign Financial Institutions Subject to Part 561 (the Part 561 List) - Treasury Department",
                "part_561",
            ),
            (
                "Non-SDN Iranian Sanctions Act List (NS-ISA) - Treasury Department",
                "ns_isa",
            ),
        ] {
            assert_eq!(KnownList::of_csl_source(source).map(|l| l.id), Some(id));
        }
        assert_eq!(
            KnownList::of_csl_source("Some New List (XYZ) - Treasury Department"),
            None
        );
        assert_eq!(KnownList::of_csl_source("no mark"), None);
        assert!(ListId::new("own_vendors_2026").is_some());
        assert!(ListId::new("own_").is_none() && ListId::new("entity").is_none());
    }
}
