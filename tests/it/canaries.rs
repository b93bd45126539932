//! Names stay where they belong: a word planted in every text field of a request is in no span, log line, metric, error
//! text or Redis value, nor in any file of a log or its backup, and of what concerns people nothing crosses the border.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use concord_audit::offline::backup;
use concord_audit::vault::KekFiles;
use concord_lists::{ReadOptions, SourceFile};
use concord_proto::audit::{GetRecordRequest, get_record_request};
use concord_proto::determination::DetermineRequest;
use concord_proto::types::{
    JudgementAnswer, OwnershipShare, Party, RequestContext, StatedClassification,
};
use concord_screening::{AddOptions, ListStore};
use concord_tests::cluster::{Cluster, Options};
use concord_tests::redis_server::RedisServer;
use concord_tests::requests::{accelerator_to_korea, quantity};
use concord_tests::{logs, network};
use jiff::Timestamp;
use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, Kind, MapKey, MessageDescriptor, Value};
use tonic::Status;

/// Part of every planted word; nothing else in the world has it.
const CANARY: &str = "zilvervos";
/// Planted where only words of a closed set are accepted: the refusal may quote it, nothing else may.
const MISFIT: &str = "kwartelkoning";

/// Text fields that hold a word of a closed set, a number, a date or an id chosen by the caller's system, so that a name
/// cannot be in an accepted request.
const CLOSED: &[&str] = &[
    "concord.determination.v1.DetermineRequest.as_of",
    "concord.determination.v1.DetermineRequest.consult",
    "concord.type.v1.RequestContext.request_id",
    "concord.type.v1.Transaction.origin",
    "concord.type.v1.Transaction.destination",
    "concord.type.v1.Transaction.recipient",
    "concord.type.v1.Transaction.contract_date",
    "concord.type.v1.Transaction.consignee_listed_in",
    "concord.type.v1.Transaction.consignee_not_listed_in",
    "concord.type.v1.Party.role",
    "concord.type.v1.Party.country",
    "concord.type.v1.Party.compliance_grade",
    "concord.type.v1.Party.kind",
    "concord.type.v1.Item.type",
    "concord.type.v1.Item.parameters.key",
    "concord.type.v1.Item.flags.key",
    "concord.type.v1.Item.cas",
    "concord.type.v1.Item.hs6",
    "concord.type.v1.Item.material",
    "concord.type.v1.Item.process",
    "concord.type.v1.Item.wetted_material",
    "concord.type.v1.Quantity.value",
    "concord.type.v1.Quantity.unit",
    "concord.type.v1.StatedClassification.jurisdiction",
    "concord.type.v1.StatedClassification.code",
    "concord.type.v1.OwnershipShare.list",
    "concord.type.v1.OwnershipShare.percent",
    "concord.type.v1.JudgementAnswer.judgement",
    "concord.type.v1.Party.gender",
    "concord.type.v1.JudgementAnswer.record_id", // of a recorded answer; refused below
];

/// A date of birth that is in no other text.
const BORN: &str = "1957-03-11";

/// What of the planted words the counterpart's log may hold: they are about the item.
const MAY_CROSS: &[&str] = &[
    "zilvervos-maker",
    "zilvervos-model",
    "zilvervos-reference",
    "zilvervos-item",
];

/// An accepted request with a planted word in every field that takes free text.
fn planted(request_id: &str) -> DetermineRequest {
    let word = |what: &str| format!("{CANARY}-{what}");
    let mut request = accelerator_to_korea(request_id);
    request.context = Some(RequestContext {
        request_id: request_id.to_owned(),
        case_reference: word("case"),
        actor: word("actor"),
        purpose: word("purpose"),
    });
    let transaction = request.transaction.as_mut().expect("a transaction");
    transaction.parties = vec![Party {
        role: "consignee".to_owned(),
        name: word("name"),
        country: "KR".to_owned(),
        address: word("address"),
        identifiers: vec![word("identifier")],
        kind: "person".to_owned(),
        birth_date: BORN.to_owned(),
        ..Party::default()
    }];
    transaction.consignee_owners = vec![OwnershipShare {
        owner: word("owner"),
        list: "none".to_owned(),
        percent: "30".to_owned(),
    }];
    let line = &mut transaction.lines[0];
    line.line_id = word("line");
    let item = line.item.as_mut().expect("an item");
    item.name = word("item");
    item.manufacturer = word("maker");
    item.model = word("model");
    item.stated_classifications = vec![StatedClassification {
        jurisdiction: "US".to_owned(),
        code: "3A090.a".to_owned(),
        reference: word("reference"),
        ..StatedClassification::default()
    }];
    transaction.judgements = vec![JudgementAnswer {
        judgement: "specially_designed".to_owned(),
        line_id: word("line"),
        answer: false,
        reason: word("reason"),
        ..JudgementAnswer::default()
    }];
    request
}

/// Requests that are refused, each with planted words all over.
fn refused() -> Vec<DetermineRequest> {
    let edits: &[fn(&mut DetermineRequest)] = &[
        |r| context(r).actor = CANARY.repeat(100),
        |r| context(r).case_reference = CANARY.repeat(100),
        |r| context(r).purpose = CANARY.repeat(100),
        |r| transaction(r).parties[0].name = CANARY.repeat(100),
        |r| transaction(r).parties[0].address = CANARY.repeat(200),
        |r| transaction(r).parties[0].birth_date = format!("{CANARY}-born"),
        |r| transaction(r).lines[0].line_id = CANARY.repeat(20),
        |r| transaction(r).lines.push(r_line()),
        |r| transaction(r).destination = MISFIT.to_owned(),
        |r| transaction(r).parties[0].country = MISFIT.to_owned(),
        |r| transaction(r).parties[0].kind = MISFIT.to_owned(),
        |r| item(r).r#type = MISFIT.to_owned(),
        |r| item(r).parameters = [(MISFIT.to_owned(), quantity("1", "nm"))].into(),
        |r| item(r).parameters = [("tpp".to_owned(), quantity("1", MISFIT))].into(),
        |r| item(r).parameters = [("tpp".to_owned(), quantity(MISFIT, "TPP"))].into(),
        |r| item(r).flags = [(MISFIT.to_owned(), true)].into(),
        |r| item(r).stated_classifications[0].code = format!("{MISFIT} 1"),
        |r| transaction(r).judgements[0].judgement = MISFIT.to_owned(),
        |r| transaction(r).judgements[0].record_id = MISFIT.to_owned(),
        |r| r.as_of = MISFIT.to_owned(),
        |r| r.consult = vec![MISFIT.to_owned()],
        |r| context(r).request_id = format!("{MISFIT} {MISFIT}"),
    ];
    let number = |(i, edit): (usize, &fn(&mut DetermineRequest))| {
        let mut request = planted(&format!("refused-{i}"));
        edit(&mut request);
        request
    };
    edits.iter().enumerate().map(number).collect()
}

fn context(request: &mut DetermineRequest) -> &mut RequestContext {
    request.context.as_mut().expect("a context")
}

fn transaction(request: &mut DetermineRequest) -> &mut concord_proto::types::Transaction {
    request.transaction.as_mut().expect("a transaction")
}

fn item(request: &mut DetermineRequest) -> &mut concord_proto::types::Item {
    transaction(request).lines[0]
        .item
        .as_mut()
        .expect("an item")
}

/// A second line with the same id as the first.
fn r_line() -> concord_proto::types::Line {
    planted("")
        .transaction
        .expect("a transaction")
        .lines
        .remove(0)
}

#[test]
fn a_word_is_planted_in_every_field_that_takes_one() {
    let pool = DescriptorPool::decode(concord_proto::FILE_DESCRIPTOR_SET).expect("descriptors");
    let request = pool
        .get_message_by_name("concord.determination.v1.DetermineRequest")
        .expect("the request is in the contract");
    let mut all = BTreeSet::new();
    text_fields(&request, &mut all);
    let mut with_word = BTreeSet::new();
    let bytes = planted("r").encode_to_vec();
    let message = DynamicMessage::decode(request, bytes.as_slice()).expect("the same message");
    planted_fields(&message, &mut with_word);
    let closed: BTreeSet<String> = CLOSED.iter().map(|&field| field.to_owned()).collect();
    let missing: Vec<_> = all
        .difference(&closed)
        .filter(|field| !with_word.contains(*field))
        .collect();
    assert!(
        missing.is_empty(),
        "plant a word there, or say why none can be: {missing:?}"
    );
    let gone: Vec<_> = closed.difference(&all).collect();
    assert!(gone.is_empty(), "no such fields: {gone:?}");
}

/// Full names of every text field below a message.
fn text_fields(message: &MessageDescriptor, found: &mut BTreeSet<String>) {
    for field in message.fields() {
        if field.is_map() {
            found.insert(format!("{}.key", field.full_name()));
        }
        let kind = if let (true, Kind::Message(entry)) = (field.is_map(), field.kind()) {
            entry.map_entry_value_field().kind()
        } else {
            field.kind()
        };
        match kind {
            Kind::String => {
                found.insert(field.full_name().to_owned());
            }
            Kind::Message(below) => text_fields(&below, found),
            _ => {}
        }
    }
}

/// Full names of the text fields that hold a planted word.
fn planted_fields(message: &DynamicMessage, found: &mut BTreeSet<String>) {
    for (field, value) in message.fields() {
        let mut look = |value: &Value| match value {
            Value::String(text) if text.contains(CANARY) || text == BORN => {
                found.insert(field.full_name().to_owned());
            }
            Value::Message(below) => planted_fields(below, found),
            _ => {}
        };
        match value {
            Value::List(values) => values.iter().for_each(&mut look),
            Value::Map(pairs) => {
                for (key, value) in pairs {
                    assert!(!matches!(key, MapKey::String(text) if text.contains(CANARY)));
                    look(value);
                }
            }
            one => look(one),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn planted_words_are_found_nowhere() {
    let logs = logs::keep();
    let redis = RedisServer::start();
    let lists = tempfile::tempdir().expect("a temporary folder");
    large_list_with_planted_word(lists.path());
    let options = Options {
        collector: true,
        redis: Some(redis.url()),
        lists: Some(lists.path().to_owned()),
        ..Options::default()
    };
    let mut cluster = Cluster::start(options).await;
    let mut us = cluster.determination(&cluster.us);

    let first = us
        .determine(planted("accepted"))
        .await
        .expect("an answer")
        .into_inner();
    us.determine(planted("accepted"))
        .await
        .expect("the same answer");
    let mut errors = Vec::new();
    for request in refused() {
        let id = request.context.clone().unwrap_or_default().request_id;
        let status = us.determine(request).await.err();
        errors.push(status.unwrap_or_else(|| panic!("{id} was not refused")));
    }
    let mut other = planted("accepted");
    transaction(&mut other).parties[0].name = format!("{CANARY}-other");
    errors.push(us.determine(other).await.expect_err("the id is taken"));

    // The consignee is on the list, so that hits with their explanations went everywhere that hits go.
    let decided = first.determination.expect("a determination");
    let hits = &decided.screening.as_ref().expect("a screening").parties[0].hits;
    assert!(!hits.is_empty(), "{:?}", decided.screening);

    // The counterpart's log knows what the item is, and nobody.
    let theirs = decided.counterparts[0].receipt.as_ref();
    let name = get_record_request::Name::RecordId(theirs.expect("a receipt").record_id.clone());
    let record = cluster
        .audit(&cluster.kr)
        .get_record(GetRecordRequest { name: Some(name) })
        .await;
    let record = format!(
        "{:?}",
        readable(&record.expect("the record").into_inner().encode_to_vec())
    );
    let mut left = record.clone();
    for word in MAY_CROSS {
        left = left.replace(word, "");
    }
    nothing_in("the counterpart's record", &left);

    // Failures inside are where names are printed by accident.
    cluster.us.stop("screening").await;
    errors.push(
        us.determine(planted("no-screening"))
            .await
            .expect_err("a refusal"),
    );
    for (deployment, name) in [(&cluster.us, "us"), (&cluster.kr, "kr")] {
        let (log, out) = (
            cluster.dir().join(name).join("log"),
            cluster.dir().join(format!("{name}-backup")),
        );
        let copied = backup(&log, &out, &KekFiles::of(&log)).expect("a backup");
        assert!(
            copied.opened > 0 && copied.opened == copied.records,
            "{copied:?}"
        );
        // While they are served: the write-ahead log is there too. Names of the item, too, are encrypted.
        let files = files_of(&log).into_iter().chain(files_of(&out));
        let mut databases = 0;
        for (path, bytes) in files {
            nothing_in(&path, &readable(&bytes));
            assert!(!readable(&bytes).contains(MISFIT), "{MISFIT} is in {path}");
            databases += usize::from(path.contains("audit.sqlite3"));
        }
        assert!(
            databases >= 3,
            "database, write-ahead log and backup of {name}"
        );
        assert_eq!(cluster.refusals(deployment).await.is_empty(), name == "kr");
    }
    cluster.kr.stop_all().await;
    drop(us);

    cluster.flush().await;
    let spans = || (!cluster.collector().spans().is_empty()).then_some(());
    network::until(Duration::from_secs(5), spans)
        .await
        .expect("spans were exported");
    let log = logs.text();
    assert!(log.contains("listening"), "no log line was kept");
    for (place, text) in [
        ("spans and metrics", cluster.collector().everything()),
        ("log lines", log),
        ("metric pages", cluster.us.metrics_pages().await),
    ] {
        nothing_in(place, &text);
        assert!(
            !text.to_lowercase().contains(MISFIT),
            "{MISFIT} is in the {place}"
        );
    }
    let keys = redis.keys();
    assert!(
        !keys.is_empty(),
        "nothing was cached, so nothing was tested"
    );
    for key in keys {
        nothing_in("a Redis key", &readable(&key));
        nothing_in(
            "a Redis value",
            &readable(&redis.get(&key).unwrap_or_default()),
        );
    }
    nothing_in("Redis's file", &readable(&redis.dump()));
    for error in errors {
        nothing_in("an error", &text_of(&error));
    }
    cluster.shutdown().await;
}

/// A list of one's own, large enough that what is found in it is kept, with the consignee of [`planted`] on it.
fn large_list_with_planted_word(folder: &Path) {
    let mut csv = "party_id,list,type,name\n".to_owned();
    for i in 0..1_500 {
        csv.push_str(&format!("{i},own_test,person,Party Number {i}\n"));
    }
    csv.push_str(&format!("hit,own_test,person,{CANARY}-name\n"));
    let file = SourceFile {
        name: "own.csv",
        bytes: csv.as_bytes(),
    };
    let reading = concord_lists::read(&[file], &ReadOptions::default()).expect("a list");
    let added = ListStore::open(folder).add(vec![reading], &AddOptions::at(Timestamp::now()));
    added.expect("the list is added");
}

/// Every file below a folder, with its contents.
fn files_of(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("a file").path();
        match path.is_dir() {
            true => files.extend(files_of(&path)),
            false => {
                let bytes = std::fs::read(&path).expect("a file");
                files.push((path.display().to_string(), bytes));
            }
        }
    }
    files
}

fn readable(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Message, details and metadata of an error.
fn text_of(status: &Status) -> String {
    format!("{status:?} {}", readable(status.details()))
}

fn nothing_in(place: &str, text: &str) {
    let lower = text.to_lowercase();
    if let Some(at) = lower.find(CANARY).or_else(|| lower.find(BORN)) {
        let around: String = lower
            .chars()
            .skip(lower[..at].chars().count().saturating_sub(150))
            .take(300)
            .collect();
        panic!("a planted word is in {place}: …{around}…");
    }
}
