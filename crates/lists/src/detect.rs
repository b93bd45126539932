//! Which format files have: told from the root element, the first members or the header; names
//! count only where a file has no header.

use crate::csl;
use crate::error::{ListError, Place};
use crate::format::Format;
use crate::input::windows_1252;
use crate::read::Opened;
use crate::uk;
use crate::{ods, ofac, workbook};

/// Enough of a file to see a header, a root element or the first record.
const HEAD: usize = 64 * 1024;

pub(crate) fn detect_format(files: &[Opened<'_>]) -> Result<Format, ListError> {
    for set in [&ofac::SDN, &ofac::CONSOLIDATED] {
        if let Some(format) = set.recognise(files)? {
            return Ok(format);
        }
    }
    let table = |f: &Opened<'_>| uk::TABLES.iter().any(|t| f.name.eq_ignore_ascii_case(t));
    if files.iter().any(table) {
        return match files.iter().find(|f| !table(f)) {
            Some(other) => Err(ListError::StrayFile {
                set: "UK sanctions tables",
                file: other.name.clone(),
            }),
            None => Ok(Format::UkTablesCsv),
        };
    }
    let Some(first) = files.first() else {
        return Err(ListError::UnknownFormat {
            place: Place::line("", 1),
            found: String::new(),
        });
    };
    if files.len() > 1 {
        return Err(stray(files));
    }
    of_content(first).map_err(|found| ListError::UnknownFormat {
        place: Place::line(&first.name, 1),
        found: if found.is_empty() {
            String::new()
        } else {
            format!(" ({found})")
        },
    })
}

pub(crate) fn stray(files: &[Opened<'_>]) -> ListError {
    let file = files
        .get(1)
        .or(files.first())
        .map(|f| f.name.clone())
        .unwrap_or_default();
    ListError::StrayFile {
        set: "single-file list",
        file,
    }
}

/// The format, or what the content looks like.
fn of_content(file: &Opened<'_>) -> Result<Format, String> {
    let bytes = file.bytes.get(..HEAD).unwrap_or(&file.bytes);
    if bytes.starts_with(b"PK\x03\x04") {
        if ods::is_one(bytes) {
            return Ok(Format::UkSanctionsListOds);
        }
        return match workbook::holds(&file.bytes, "xl/workbook.xml") {
            Some(false) => Err("a zip archive; give the list file in it".to_owned()),
            // Also one that is damaged: the reader says how.
            _ => Ok(Format::JpMetiXlsx),
        };
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err("UTF-16 text; lists are UTF-8".to_owned());
    }
    let head = String::from_utf8_lossy(bytes);
    let head = head.trim_start_matches('\u{feff}').trim_start();
    match head.chars().next() {
        None => Err("an empty file".to_owned()),
        Some('<') => of_root(head),
        Some('{' | '[') => of_members(head),
        // The header may have letters of another encoding.
        Some(_) => of_header(
            file,
            &bytes
                .iter()
                .filter_map(|b| windows_1252(*b))
                .collect::<String>(),
        ),
    }
}

/// Told by the first element; declarations and comments stand before it.
fn of_root(head: &str) -> Result<Format, String> {
    let mut rest = head;
    let root = loop {
        let Some(tag) = rest.strip_prefix('<') else {
            break "";
        };
        let (end, skip) = if tag.starts_with("!--") {
            (tag.find("-->"), 3)
        } else if tag.starts_with("!DOCTYPE") && tag.find('[') < tag.find('>') && tag.contains('[')
        {
            // With declarations of its own inside brackets; the reader refuses it.
            (tag.find("]>"), 2)
        } else if tag.starts_with(['?', '!']) {
            (tag.find('>'), 1)
        } else {
            let end = tag.find(|c: char| c.is_whitespace() || matches!(c, '>' | '/'));
            break tag.get(..end.unwrap_or(tag.len())).unwrap_or_default();
        };
        let Some(after) = end.and_then(|end| tag.get(end + skip..)) else {
            break "";
        };
        rest = after.trim_start();
    };
    match root.rsplit_once(':').map_or(root, |(_, local)| local) {
        // Which of OFAC's two lists it is, the records tell.
        "sdnList" => Ok(Format::OfacSdnXml),
        "sanctionsData" if rest.contains("/DeltaFile/") => {
            Err("OFAC's file of changes; give the complete list".to_owned())
        }
        "sanctionsData" => Ok(Format::OfacSdnEnhancedXml),
        "CONSOLIDATED_LIST" => Ok(Format::UnScXml),
        "export" => Ok(Format::EuFsfXml),
        "data-set" => Ok(Format::CaSemaXml),
        "Designations" => Ok(Format::UkSanctionsListXml),
        "Sanctions" => Err("OFAC's advanced XML; give the enhanced or the classic one".to_owned()),
        "" => Err("XML without an element".to_owned()),
        root if root.eq_ignore_ascii_case("html") => {
            Err("a web page; fetch the list itself".to_owned())
        }
        root => Err(format!(
            "XML with the root element `{}`",
            root.escape_debug()
        )),
    }
}

fn of_members(head: &str) -> Result<Format, String> {
    let line = head.lines().next().unwrap_or_default();
    let has = |name: &str| line.contains(&format!("\"{name}\""));
    if has("schema") && has("properties") {
        Ok(Format::OpenSanctionsJsonl)
    } else if has("eu_reference_number") {
        Ok(Format::EuFsfJsonl)
    } else if head.contains("\"tables\"") || has("countsBySource") {
        Ok(Format::UsCslReducedJson)
    } else if head.contains("\"results\"") {
        Ok(Format::UsCslJson)
    } else {
        Err("JSON with other members".to_owned())
    }
}

fn of_header(file: &Opened<'_>, head: &str) -> Result<Format, String> {
    let head = head.trim_start_matches("\u{ef}\u{bb}\u{bf}");
    let mut lines = head.lines().map(|l| l.replace('"', ""));
    let first = lines.next().unwrap_or_default();
    let exact: Vec<String> = first
        .trim()
        .split([',', '\t'])
        .map(|c| c.trim().to_lowercase())
        .collect();
    let has_exact = |name: &str| exact.iter().any(|c| c == name);
    if has_exact("party_id") && has_exact("list") {
        return Ok(Format::OwnCsv);
    }
    if csl::COLUMNS.iter().filter(|c| has_exact(c)).count() * 2 > csl::COLUMNS.len() {
        return Ok(Format::UsCslCsv);
    }
    let lower = |line: &str, separator: char| -> Vec<String> {
        line.split(separator)
            .map(|c| c.trim().to_lowercase())
            .collect()
    };
    let tabbed = lower(&first, '\t');
    let header = lower(&first, ',');
    // Titles and the day of the report may stand above the header.
    let titled: Vec<Vec<String>> = lines.take(5).map(|l| lower(&l, ',')).collect();
    let has = |name: &str| header.iter().any(|h| h == name);
    let has_start = |name: &str| header.iter().any(|h| h.starts_with(name));
    if lower(&first, ';').iter().any(|h| h == "entity_logicalid") {
        return Ok(Format::EuFsfCsv);
    }
    if tabbed.iter().any(|h| h == "street_address") {
        return Ok(Format::BisDplTxt);
    }
    for header in std::iter::once(&header).chain(&titled) {
        let has = |name: &str| header.iter().any(|h| h == name);
        if has("name 6") && has("name 1") {
            let current = has("unique id");
            return Ok(if current {
                Format::UkSanctionsListCsv
            } else {
                Format::UkOfsiCsv
            });
        }
    }
    if has("source list") && has("alternate name") {
        return Ok(Format::UsSourceListCsv);
    }
    if has("source list") && has("alternative names") {
        return Ok(Format::StateIsnCsv);
    }
    if has_start("debarred party full name") {
        return Ok(Format::StateDebarredCsv);
    }
    if has("country") && (has("name") || has("entity") || has("listed person")) {
        let name = file.name.to_ascii_lowercase();
        if name.contains("meu") || name.contains("military") {
            return Ok(Format::BisMeuCsv);
        }
        if has("license requirement") || name.contains("entity") {
            return Ok(Format::BisEntityListCsv);
        }
        if has("address") || name.contains("uvl") || name.contains("unverified") {
            return Ok(Format::BisUnverifiedCsv);
        }
        if header.len() >= 3 && has_start("federal register") {
            return Ok(Format::BisMeuCsv);
        }
    }
    Err(String::new())
}
