//! Transaction files and case files into messages of the contract. Shape and words are checked here, with
//! `file:line:column`; values (units, parameters, codes) are checked by the services, with the field's path.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use concord_controls::problem::{Problem, ProblemKind, Problems};
use concord_controls::yaml::{Cursor, Document, MapReader};
use concord_proto::types::{
    Activity, Item, ItemKind, JudgementAnswer, Line, OwnershipShare, Party, Quantity,
    StatedClassification, StatedSource, Transaction,
};

use crate::failure::Failure;

/// Largest document read, after decompression.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// One transaction as a file states it.
#[derive(Debug, Clone, PartialEq)]
pub struct TransactionFile {
    /// Request id; empty when the file gives none.
    pub request_id: String,
    /// The agency's case number.
    pub case_reference: String,
    /// Who acts.
    pub actor: String,
    /// Why.
    pub purpose: String,
    /// The date at which the law is read; empty: today.
    pub as_of: String,
    /// The transaction with its lines.
    pub transaction: Transaction,
}

/// Reads a file, or stdin for `-`; `.gz` is decompressed.
///
/// # Errors
/// `CANNOT_READ` with the operating system's reason, `TOO_LARGE` above 16 MiB.
pub fn read_bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let cannot = |e: std::io::Error| {
        Failure::invalid(
            "CANNOT_READ",
            format!("`{}` cannot be read: {e}", path.display()),
        )
    };
    let mut bytes = Vec::new();
    if path.as_os_str() == "-" {
        std::io::stdin()
            .take(MAX_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(cannot)?;
    } else {
        let file = std::fs::File::open(path).map_err(cannot)?;
        if path.extension().is_some_and(|e| e == "gz") {
            let reader = flate2::read::MultiGzDecoder::new(file);
            reader
                .take(MAX_BYTES + 1)
                .read_to_end(&mut bytes)
                .map_err(cannot)?;
        } else {
            file.take(MAX_BYTES + 1)
                .read_to_end(&mut bytes)
                .map_err(cannot)?;
        }
    }
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Failure::invalid(
            "TOO_LARGE",
            format!("`{}` is larger than {MAX_BYTES} bytes", path.display()),
        ));
    }
    Ok(bytes)
}

/// Reads a transaction file (YAML; JSON is read as the YAML it is).
///
/// # Errors
/// `INVALID_DOCUMENT` with every problem and its place.
pub fn transaction_file(path: &Path) -> Result<TransactionFile, Failure> {
    let bytes = read_bytes(path)?;
    let name = path.display().to_string();
    let document = Document::parse(&name, &bytes).map_err(|p| refuse(&name, &[p]))?;
    let mut problems = Problems::new();
    let file = read_transaction_file(document.root(), &mut problems);
    finish(&name, problems)?;
    file.ok_or_else(|| {
        Failure::invalid("INVALID_DOCUMENT", format!("`{name}` is not a transaction"))
    })
}

/// Ends a reading: every problem found becomes a violation with its place.
pub fn finish(name: &str, problems: Problems) -> Result<(), Failure> {
    problems.finish().map_err(|e| refuse(name, &e.problems))
}

/// The failure for problems found in the document `name`.
pub fn refuse(name: &str, problems: &[Problem]) -> Failure {
    let mut failure = Failure::invalid(
        "INVALID_DOCUMENT",
        format!("`{name}` is not a valid document"),
    );
    for p in problems {
        failure = failure.at(p.at.to_string(), p.kind.to_string());
    }
    failure
}

fn read_transaction_file(root: Cursor<'_>, problems: &mut Problems) -> Option<TransactionFile> {
    let keys = [
        "request_id",
        "case_reference",
        "actor",
        "purpose",
        "as_of",
        "item",
        "lines",
        "transaction",
        "judgements",
    ];
    let map = MapReader::open(root, &keys, problems)?;
    let mut transaction = map
        .optional("transaction")
        .map(|c| read_transaction(c, problems))
        .unwrap_or_default();
    match (map.optional("item"), map.optional("lines")) {
        (Some(item), None) => transaction.lines.push(Line {
            line_id: String::new(),
            item: read_item(item, problems),
        }),
        (None, Some(lines)) => {
            for line in lines.items(problems) {
                if let Some(m) = MapReader::open(line, &["line_id", "item"], problems) {
                    let line_id = text(&m, "line_id", problems);
                    let item = m
                        .required("item", problems)
                        .and_then(|c| read_item(c, problems));
                    transaction.lines.push(Line { line_id, item });
                }
            }
        }
        (Some(_), Some(lines)) => problems.push(
            lines.location(),
            ProblemKind::Invalid {
                what: "give either `item` or `lines`, not both".into(),
            },
        ),
        (None, None) => problems.push(
            map.location(),
            ProblemKind::Invalid {
                what: "there is neither `item` nor `lines`".into(),
            },
        ),
    }
    for answer in map
        .optional("judgements")
        .map(|c| c.items(problems))
        .unwrap_or_default()
    {
        let keys = ["judgement", "line_id", "answer", "reason", "record_id"];
        if let Some(m) = MapReader::open(answer, &keys, problems) {
            transaction.judgements.push(JudgementAnswer {
                judgement: m
                    .text("judgement", problems)
                    .as_deref()
                    .unwrap_or("")
                    .to_owned(),
                line_id: text(&m, "line_id", problems),
                answer: m
                    .required("answer", problems)
                    .and_then(|c| c.boolean(problems))
                    .unwrap_or(false),
                reason: text(&m, "reason", problems),
                record_id: text(&m, "record_id", problems),
            });
        }
    }
    let as_of = map
        .optional("as_of")
        .and_then(|c| c.date(problems))
        .map(|d| d.to_string())
        .unwrap_or_default();
    Some(TransactionFile {
        request_id: text(&map, "request_id", problems),
        case_reference: text(&map, "case_reference", problems),
        actor: text(&map, "actor", problems),
        purpose: text(&map, "purpose", problems),
        as_of,
        transaction,
    })
}

/// Reads an item as `vocabulary.yaml` words it. Absent or null is unknown.
pub fn read_item(cursor: Cursor<'_>, problems: &mut Problems) -> Option<Item> {
    let keys = [
        "name",
        "kind",
        "type",
        "stated_classification",
        "cas",
        "hs6",
        "material",
        "process",
        "wetted_material",
        "value",
        "parameters",
        "flags",
        "manufacturer",
        "model",
    ];
    let map = MapReader::open(cursor, &keys, problems)?;
    let kinds = [
        ("commodity", ItemKind::Commodity),
        ("software", ItemKind::Software),
        ("technology", ItemKind::Technology),
        ("any", ItemKind::Any),
        ("list", ItemKind::List),
        ("procedure", ItemKind::Procedure),
    ];
    let kind = map
        .optional("kind")
        .and_then(|c| c.word(&kinds, problems))
        .unwrap_or_default();
    let mut item = Item {
        name: text(&map, "name", problems),
        kind: kind.into(),
        r#type: text(&map, "type", problems),
        cas: text(&map, "cas", problems),
        hs6: text(&map, "hs6", problems),
        material: text(&map, "material", problems),
        process: text(&map, "process", problems),
        wetted_material: text(&map, "wetted_material", problems),
        manufacturer: text(&map, "manufacturer", problems),
        model: text(&map, "model", problems),
        value: map
            .optional("value")
            .and_then(|c| read_quantity(c, problems)),
        ..Item::default()
    };
    if let Some(parameters) = map.optional("parameters") {
        item.parameters = read_parameters(parameters, problems);
    }
    for (id, _, value) in map
        .optional("flags")
        .map(|c| c.pairs(problems))
        .unwrap_or_default()
    {
        if !value.is_null()
            && let Some(value) = value.boolean(problems)
        {
            item.flags.insert(id.to_owned(), value);
        }
    }
    for (jurisdiction, _, code) in map
        .optional("stated_classification")
        .map(|c| c.pairs(problems))
        .unwrap_or_default()
    {
        item.stated_classifications
            .extend(read_stated(jurisdiction, code, problems));
    }
    Some(item)
}

/// `US: 3A090.a`, or `US: {code: 3A090.a, source: ccats, reference: G123456}`.
fn read_stated(
    jurisdiction: &str,
    cursor: Cursor<'_>,
    problems: &mut Problems,
) -> Option<StatedClassification> {
    let mut stated = StatedClassification {
        jurisdiction: jurisdiction.to_owned(),
        ..Default::default()
    };
    if matches!(
        cursor.kind(),
        concord_controls::yaml::NodeKind::Scalar { .. }
    ) {
        cursor.text(problems)?.clone_into(&mut stated.code);
        return Some(stated);
    }
    let map = MapReader::open(cursor, &["code", "source", "reference"], problems)?;
    let sources = [
        ("self", StatedSource::Self_),
        ("ccats", StatedSource::Ccats),
        ("kosti_expert", StatedSource::KostiExpert),
        ("vendor", StatedSource::Vendor),
    ];
    stated.code = map
        .text("code", problems)
        .as_deref()
        .unwrap_or("")
        .to_owned();
    stated.source = map
        .optional("source")
        .and_then(|c| c.word(&sources, problems))
        .unwrap_or_default()
        .into();
    stated.reference = text(&map, "reference", problems);
    Some(stated)
}

/// Parameters by id; a null parameter or value is unknown and left out.
pub fn read_parameters(cursor: Cursor<'_>, problems: &mut Problems) -> BTreeMap<String, Quantity> {
    let mut out = BTreeMap::new();
    for (id, _, value) in cursor.pairs(problems) {
        if !value.is_null()
            && let Some(quantity) = read_quantity(value, problems)
        {
            out.insert(id.to_owned(), quantity);
        }
    }
    out
}

/// `{value, unit}`; `None` when the value is null.
fn read_quantity(cursor: Cursor<'_>, problems: &mut Problems) -> Option<Quantity> {
    let map = MapReader::open(cursor, &["value", "unit"], problems)?;
    let unit = map.text("unit", problems)?;
    let value = map.optional("value")?.text(problems)?;
    Some(Quantity {
        value: value.to_owned(),
        unit: unit.to_string(),
    })
}

/// Reads a transaction (without its lines) as `vocabulary.yaml` words it.
pub fn read_transaction(cursor: Cursor<'_>, problems: &mut Problems) -> Transaction {
    let keys = [
        "origin",
        "destination",
        "activity",
        "parties",
        "recipient",
        "contract_date",
        "party_ownership",
        "consignee_in_supp8",
    ];
    let Some(map) = MapReader::open(cursor, &keys, problems) else {
        return Transaction::default();
    };
    let activities = [
        ("export", Activity::Export),
        ("reexport", Activity::Reexport),
        ("deemed_export", Activity::DeemedExport),
        ("technology_transfer", Activity::TechnologyTransfer),
        ("transit", Activity::Transit),
        ("transshipment", Activity::Transshipment),
        ("brokering", Activity::Brokering),
    ];
    let activity = map
        .optional("activity")
        .and_then(|c| c.word(&activities, problems))
        .unwrap_or_default();
    let mut out = Transaction {
        origin: text(&map, "origin", problems),
        destination: text(&map, "destination", problems),
        activity: activity.into(),
        recipient: text(&map, "recipient", problems),
        contract_date: map
            .optional("contract_date")
            .and_then(|c| c.date(problems))
            .map(|d| d.to_string())
            .unwrap_or_default(),
        ..Transaction::default()
    };
    for party in map
        .optional("parties")
        .map(|c| c.items(problems))
        .unwrap_or_default()
    {
        let keys = [
            "role",
            "name",
            "country",
            "cp_grade",
            "address",
            "identifiers",
            "kind",
            "birth_date",
            "gender",
        ];
        if let Some(m) = MapReader::open(party, &keys, problems) {
            out.parties.push(Party {
                role: text(&m, "role", problems),
                name: text(&m, "name", problems),
                country: text(&m, "country", problems),
                compliance_grade: text(&m, "cp_grade", problems),
                address: text(&m, "address", problems),
                identifiers: m
                    .texts("identifiers", problems)
                    .iter()
                    .map(ToString::to_string)
                    .collect(),
                kind: text(&m, "kind", problems),
                birth_date: text(&m, "birth_date", problems),
                gender: text(&m, "gender", problems),
            });
        }
    }
    for owner in map
        .optional("party_ownership")
        .map(|c| c.items(problems))
        .unwrap_or_default()
    {
        if let Some(m) = MapReader::open(owner, &["owner", "list", "percent"], problems) {
            out.consignee_owners.push(OwnershipShare {
                owner: text(&m, "owner", problems),
                list: text(&m, "list", problems),
                percent: text(&m, "percent", problems),
            });
        }
    }
    match map
        .optional("consignee_in_supp8")
        .and_then(|c| c.boolean(problems))
    {
        Some(true) => out.consignee_listed_in.push("740_supp_8".to_owned()),
        Some(false) => out.consignee_not_listed_in.push("740_supp_8".to_owned()),
        None => {}
    }
    out
}

fn text(map: &MapReader<'_>, key: &str, problems: &mut Problems) -> String {
    map.optional_text(key, problems)
        .as_deref()
        .unwrap_or("")
        .to_owned()
}
