//! Formats of party lists.

/// A format of party lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// The US Consolidated Screening List as CSV (28 columns in 2019, 29 with `_id` since).
    UsCslCsv,
    /// The US Consolidated Screening List as JSON (`results`).
    UsCslJson,
    /// The US Consolidated Screening List reduced to names, countries and citations (`tables`,
    /// `entries`).
    UsCslReducedJson,
    /// OFAC's SDN list: sdn.csv, add.csv, alt.csv and sdn_comments.csv.
    OfacSdnCsv,
    /// OFAC's consolidated non-SDN list: cons_prim.csv, cons_add.csv, cons_alt.csv,
    /// cons_comments.csv.
    OfacConsolidatedCsv,
    /// OFAC's SDN list as classic XML (`sdnList`).
    OfacSdnXml,
    /// OFAC's consolidated non-SDN list as classic XML (`sdnList`).
    OfacConsolidatedXml,
    /// OFAC's SDN list as enhanced XML (`sanctionsData`).
    OfacSdnEnhancedXml,
    /// OFAC's consolidated non-SDN list as enhanced XML (`sanctionsData`).
    OfacConsolidatedEnhancedXml,
    /// The Denied Persons List as dpl.txt (separated by tabs).
    BisDplTxt,
    /// The Entity List: country, entity, licence requirement, policy, citation.
    BisEntityListCsv,
    /// The Military End-User List: country, entity, citation.
    BisMeuCsv,
    /// The Unverified List: country, name, address.
    BisUnverifiedCsv,
    /// Lists of Commerce and State in trade.gov's 31 columns, a row for each address and alias.
    UsSourceListCsv,
    /// State's nonproliferation sanctions (9 columns).
    StateIsnCsv,
    /// State's parties debarred under the AECA.
    StateDebarredCsv,
    /// The Security Council's consolidated list (`CONSOLIDATED_LIST`).
    UnScXml,
    /// The EU's consolidated list of financial sanctions (`export`).
    EuFsfXml,
    /// The same list as CSV.
    EuFsfCsv,
    /// The same records as JSON lines.
    EuFsfJsonl,
    /// The UK Sanctions List as CSV.
    UkSanctionsListCsv,
    /// The UK Sanctions List as an OpenDocument spreadsheet.
    UkSanctionsListOds,
    /// The UK Sanctions List as XML (`Designations`).
    UkSanctionsListXml,
    /// OFSI's consolidated list as CSV (`Name 6`, `Group ID`).
    UkOfsiCsv,
    /// OFSI's consolidated list as an OpenDocument spreadsheet.
    UkOfsiOds,
    /// The UK Sanctions List as five tables: subjects.csv, subject_names.csv, subject_dobs.csv,
    /// subject_identifiers.csv and subject_countries.csv.
    UkTablesCsv,
    /// Canada's list under the Special Economic Measures Act (`data-set`).
    CaSemaXml,
    /// Japan's Foreign End User List as an xlsx workbook.
    JpMetiXlsx,
    /// OpenSanctions' Follow-the-Money entities as JSON lines.
    OpenSanctionsJsonl,
    /// The concord own-list CSV (see docs of [`crate::read`]).
    OwnCsv,
}

/// Word, source word and description of every format.
const FORMATS: &[(Format, &str, &str, &str)] = &[
    (
        Format::UsCslCsv,
        "us_csl_csv",
        "us_csl",
        "the US Consolidated Screening List CSV",
    ),
    (Format::UsCslJson, "us_csl_json", "us_csl", "and JSON"),
    (
        Format::UsCslReducedJson,
        "us_csl_reduced_json",
        "us_csl",
        "",
    ),
    (
        Format::OfacSdnCsv,
        "ofac_sdn_csv",
        "us_ofac_sdn",
        "OFAC's SDN and consolidated CSV sets",
    ),
    (
        Format::OfacConsolidatedCsv,
        "ofac_consolidated_csv",
        "us_ofac_cons",
        "",
    ),
    (
        Format::OfacSdnXml,
        "ofac_sdn_xml",
        "us_ofac_sdn",
        "classic XML",
    ),
    (
        Format::OfacConsolidatedXml,
        "ofac_consolidated_xml",
        "us_ofac_cons",
        "",
    ),
    (
        Format::OfacSdnEnhancedXml,
        "ofac_sdn_enhanced_xml",
        "us_ofac_sdn",
        "and enhanced XML",
    ),
    (
        Format::OfacConsolidatedEnhancedXml,
        "ofac_consolidated_enhanced_xml",
        "us_ofac_cons",
        "",
    ),
    (
        Format::BisDplTxt,
        "bis_dpl_txt",
        "us_bis_dpl",
        "BIS dpl.txt",
    ),
    (
        Format::BisEntityListCsv,
        "bis_entity_list_csv",
        "us_bis_el",
        "Entity List",
    ),
    (
        Format::BisMeuCsv,
        "bis_meu_csv",
        "us_bis_meu",
        "Military End-User",
    ),
    (
        Format::BisUnverifiedCsv,
        "bis_unverified_csv",
        "us_bis_uvl",
        "and Unverified List CSV",
    ),
    (
        Format::UsSourceListCsv,
        "us_source_list_csv",
        "us_source_list",
        "",
    ),
    (
        Format::StateIsnCsv,
        "state_isn_csv",
        "us_state_isn",
        "State's nonproliferation",
    ),
    (
        Format::StateDebarredCsv,
        "state_debarred_csv",
        "us_state_debarred",
        "and debarred CSV",
    ),
    (Format::UnScXml, "un_sc_xml", "un_sc", "UN XML"),
    (Format::EuFsfXml, "eu_fsf_xml", "eu_fsf", "EU XML"),
    (Format::EuFsfCsv, "eu_fsf_csv", "eu_fsf", "CSV"),
    (
        Format::EuFsfJsonl,
        "eu_fsf_jsonl",
        "eu_fsf",
        "and JSON lines",
    ),
    (
        Format::UkSanctionsListCsv,
        "uk_sanctions_list_csv",
        "uk_sl",
        "UK Sanctions List CSV",
    ),
    (
        Format::UkSanctionsListOds,
        "uk_sanctions_list_ods",
        "uk_sl",
        "ODS",
    ),
    (
        Format::UkSanctionsListXml,
        "uk_sanctions_list_xml",
        "uk_sl",
        "XML",
    ),
    (Format::UkTablesCsv, "uk_tables_csv", "uk_sl", "and tables"),
    (Format::UkOfsiCsv, "uk_ofsi_csv", "uk_ofsi", "OFSI CSV"),
    (Format::UkOfsiOds, "uk_ofsi_ods", "uk_ofsi", "and ODS"),
    (
        Format::CaSemaXml,
        "ca_sema_xml",
        "ca_sema",
        "Canada's SEMA XML",
    ),
    (
        Format::JpMetiXlsx,
        "jp_meti_xlsx",
        "jp_meti",
        "Japan's Foreign End User List xlsx",
    ),
    (
        Format::OpenSanctionsJsonl,
        "opensanctions_jsonl",
        "opensanctions",
        "OpenSanctions JSON lines",
    ),
    (
        Format::OwnCsv,
        "own_csv",
        "own",
        "and the concord own-list CSV",
    ),
];

impl Format {
    /// Every format.
    pub fn all() -> impl Iterator<Item = Self> {
        FORMATS.iter().map(|(format, ..)| *format)
    }

    fn row(self) -> (&'static str, &'static str) {
        FORMATS
            .iter()
            .find(|(format, ..)| *format == self)
            .map_or(("", ""), |(_, word, source, _)| (word, source))
    }

    /// Stable word for the format, as `concord lists inspect` prints it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.row().0
    }

    /// The source word that party identifiers of this format begin with. Formats of one publication
    /// share it: its parties have the same identifiers in each.
    #[must_use]
    pub fn source(self) -> &'static str {
        self.row().1
    }
}

/// The formats in words, for the refusal of a file.
pub(crate) fn known() -> String {
    let words: Vec<&str> = FORMATS
        .iter()
        .map(|(.., words)| *words)
        .filter(|w| !w.is_empty())
        .collect();
    words.join(", ").replace(", and ", " and ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_has_a_word_of_its_own() {
        let mut words: Vec<&str> = Format::all().map(Format::as_str).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), FORMATS.len());
        assert!(Format::all().all(|f| !f.source().is_empty()));
        assert!(known().ends_with("OpenSanctions JSON lines and the concord own-list CSV"));
    }
}
