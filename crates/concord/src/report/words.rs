//! The fixed words of a report in English and Korean. Labels of the law come with the answer; these are only the frame.

use concord_proto::types::LocalizedText;

/// The language of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Korean.
    Ko,
}

impl Language {
    /// The BCP 47 tag.
    pub fn tag(self) -> &'static str {
        match self {
            Language::En => "en",
            Language::Ko => "ko",
        }
    }

    /// The text in this language; failing that in English; failing that whatever there is.
    pub fn pick(self, texts: &[LocalizedText]) -> &str {
        let of = |tag: &str| {
            texts
                .iter()
                .find(|t| t.language == tag)
                .map(|t| t.text.as_str())
        };
        of(self.tag())
            .or_else(|| of("en"))
            .or_else(|| texts.first().map(|t| t.text.as_str()))
            .unwrap_or("")
    }

    /// One of two words.
    pub(super) fn say(self, en: &'static str, ko: &'static str) -> &'static str {
        match self {
            Language::En => en,
            Language::Ko => ko,
        }
    }
}

/// An outcome word with what it means. An unknown word is shown as it is, never as a clearance.
pub(super) fn outcome(lang: Language, word: &str) -> String {
    let (en, ko) = match word {
        "licence_required" => ("a licence is required", "수출허가가 필요함"),
        "exception_candidate" => (
            "every requirement has a candidate exception; a person must confirm its conditions",
            "모든 요건에 허가예외 후보가 있으나 조건을 사람이 확인해야 함",
        ),
        "no_list_licence" => (
            "no list-based licence requirement found; not a clearance",
            "목록에 따른 허가요건이 발견되지 않음(허가 불요의 확인이 아님)",
        ),
        "not_subject" => (
            "this act is not subject to this law",
            "이 행위는 이 법의 적용 대상이 아님",
        ),
        "needs_information" => (
            "the facts given do not decide; see the open questions",
            "주어진 사실만으로 결정할 수 없음(미결 질문 참조)",
        ),
        "indeterminate" => ("cannot be determined", "결정할 수 없음"),
        "export_licence_required" => ("an export licence is required", "수출허가가 필요함"),
        "situational_licence_required" => (
            "a situational (catch-all) licence is required",
            "상황허가가 필요함",
        ),
        "brokering_licence_required" => ("a brokering licence is required", "중개허가가 필요함"),
        "transit_licence_required" => (
            "a transit or transshipment licence is required",
            "경유 또는 환적허가가 필요함",
        ),
        "prohibited" => ("prohibited; no licensing path", "금지됨(허가 경로 없음)"),
        _ => return word.to_owned(),
    };
    format!("{word}: {}", lang.say(en, ko))
}

/// A burden in words.
pub(super) fn burden(lang: Language, burden: i32) -> &'static str {
    use concord_proto::types::Burden;
    match Burden::try_from(burden).unwrap_or(Burden::Unknown) {
        Burden::NotSubject => lang.say("not subject", "적용 대상 아님"),
        Burden::NoListLicence => lang.say("no list-based licence", "목록상 허가요건 없음"),
        Burden::ExceptionCandidate => lang.say("exception candidate", "허가예외 후보"),
        Burden::Notification => lang.say("notification", "사전 통지"),
        Burden::SimplifiedLicence => lang.say("simplified licence", "간소화된 허가"),
        Burden::ComprehensiveLicence => lang.say("comprehensive licence", "포괄허가"),
        Burden::IndividualLicence => lang.say("individual licence", "개별허가"),
        Burden::IndividualLicenceDenialPresumed => {
            lang.say("individual licence, denial presumed", "개별허가(거부 추정)")
        }
        Burden::Prohibited => lang.say("prohibited", "금지"),
        Burden::Unspecified | Burden::Unknown => lang.say("unknown", "알 수 없음"),
    }
}

/// A divergence kind as the wire names it, without the prefix.
pub(super) fn divergence(lang: Language, kind: i32) -> String {
    use concord_proto::types::DivergenceKind as K;
    let word = match K::try_from(kind).unwrap_or(K::Unspecified) {
        K::Classification => lang.say("classification", "분류"),
        K::ListScopeGap => lang.say("list scope gap", "목록 범위 차이"),
        K::ParameterThresholdGap => lang.say("threshold gap", "기준값 차이"),
        K::NumberingOnly => lang.say("numbering only", "번호만 다름"),
        K::LicenceRequirement => lang.say("licence requirement", "허가요건"),
        K::Exception => lang.say("exception", "허가예외"),
        K::Party => lang.say("party", "거래당사자"),
        K::Temporal => lang.say("temporal", "시행 시기"),
        K::Jurisdiction => lang.say("jurisdiction", "적용 범위"),
        K::Process => lang.say("process", "절차"),
        K::Unspecified => lang.say("unnamed", "미지정"),
    };
    word.to_owned()
}

/// What a finding is about; an unknown key is shown as it is.
pub(super) fn finding(lang: Language, key: &str) -> String {
    finding_words(key).map_or_else(
        || key.replace('_', " "),
        |(en, ko)| lang.say(en, ko).to_owned(),
    )
}

/// The words of a key of docs/api.md.
fn finding_words(key: &str) -> Option<(&'static str, &'static str)> {
    let words = match key {
        "subject_to_ear" => ("subject to the EAR", "EAR 적용 여부"),
        "content_test" => (
            "controlled US content (de minimis)",
            "미국산 통제 함량(de minimis)",
        ),
        "zero_percent_case" => ("case without a limit", "한도가 없는 경우"),
        "direct_product_limbs" => (
            "limbs of a direct product rule",
            "직접생산품 규칙의 요건별 판단",
        ),
        "direct_product_rule" => ("direct product rule", "직접생산품 규칙"),
        "deemed_export" => ("deemed export to", "간주수출 대상국"),
        "affiliate_rule" => ("Affiliates Rule", "계열사 규칙(Affiliates Rule)"),
        "listed_ownership" => ("ownership by listed parties", "등재자의 지분"),
        "party_hit" => ("party found on a list", "목록에 있는 당사자"),
        "region" => ("region of the destination", "목적지 지역 구분"),
        "list_status" => ("strategic item", "전략물자 해당 여부"),
        "situational_list" => ("Annex 2-2 for this destination", "별표 2의2(해당 목적지)"),
        "situational_trigger" => ("what asks for a situational licence", "상황허가 사유"),
        "policy" => ("policy", "허가 방침"),
        "procedure" => ("procedure", "절차"),
        "licence_type" => ("licence type", "허가 종류"),
        "processing_days" => ("processing time in days", "처리 기간(일)"),
        "documents" => ("documents", "제출 서류"),
        "validity_months" => ("validity in months", "유효기간(개월)"),
        "extensions_allowed" => ("extensions allowed", "연장 가능 횟수"),
        "self_classification" => ("self-classification", "자가판정"),
        "expert_classification" => ("expert classification", "전문판정"),
        "count" => ("entries of the list", "목록의 품목 수"),
        "authority" => ("licensing authority", "허가기관"),
        "territory" => ("the act as seen from Korea", "한국에서 본 행위"),
        "exemption" => ("exemption", "면제"),
        _ => return None,
    };
    Some(words)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    /// The words in backticks of the first column of the table under `heading`.
    fn documented(page: &str, heading: &str) -> BTreeSet<String> {
        let section = page.split(heading).nth(1).unwrap_or_default();
        let section = section.split("\n### ").next().unwrap_or_default();
        let cells = section.lines().filter(|l| l.starts_with("| `"));
        let cells = cells.filter_map(|l| l.split('|').nth(1));
        cells
            .flat_map(|cell| cell.split('`').skip(1).step_by(2))
            .map(str::to_owned)
            .collect()
    }

    /// Keys that the flows give to findings, read from their sources.
    fn given(folder: &Path, keys: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                given(&path, keys);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            for call in ["draft.find(", "Finding {"] {
                for rest in text.split(call).skip(1) {
                    let first = rest.trim_start().trim_start_matches("key: ");
                    let word = first.strip_prefix('"').and_then(|w| w.split('"').next());
                    keys.extend(word.map(str::to_owned));
                }
            }
        }
    }

    #[test]
    fn every_key_of_a_finding_has_words_in_both_languages() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let page = std::fs::read_to_string(root.join("docs/api.md")).unwrap();
        let mut keys = documented(&page, "\n### Findings");
        assert!(keys.len() > 20, "{keys:?}");
        let mut found = BTreeSet::new();
        given(&root.join("crates/licensing/src"), &mut found);
        assert!(found.len() > 12, "{found:?}");
        let not_documented: Vec<_> = found.difference(&keys).collect();
        assert!(not_documented.is_empty(), "{not_documented:?}");
        keys.extend(found);
        for key in &keys {
            let Some((en, ko)) = finding_words(key) else {
                panic!("no words for `{key}`");
            };
            let korean = ko.chars().any(|c| ('가'..='힣').contains(&c));
            assert!(
                !en.is_empty() && en.is_ascii() && korean,
                "{key}: {en}, {ko}"
            );
        }
    }
}
