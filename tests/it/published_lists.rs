//! Published party lists through `concord lists add`, and a party that is really on one of them.

use concord_tests::binary::{Ran, run};
use concord_tests::data::shared_data;
use serde_json::Value;

/// A transaction with one consignee.
fn transaction(consignee: &str, country: &str) -> String {
    format!(
        "as_of: 2022-06-01\nitem: {{name: oscilloscope, kind: commodity, stated_classification: {{US: EAR99}}}}\n\
         transaction:\n  origin: US\n  destination: {country}\n  activity: export\n  parties:\n  \
         - {{role: exporter, name: Redwood Instruments LLC, country: US}}\n  \
         - {{role: consignee, name: {consignee}, country: {country}}}\n"
    )
}

#[test]
fn a_party_of_a_published_list_hits_and_the_answer_says_what_it_was_screened_against() {
    let (Some(csl), Some(sdn)) = (
        shared_data("lists/us-csl/csl-2022-05-16.csv.gz"),
        shared_data("lists/ofac-sdn/2021-04-25"),
    ) else {
        return;
    };
    let dir = tempfile::tempdir().expect("a temporary folder");
    let data = dir.path().join("data");
    let data = data.to_str().expect("a path of text");
    let add = |path: &std::path::Path| {
        let path = path.to_str().expect("a path of text");
        let ran = run(["--json", "lists", "add", path, "--data-dir", data]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
    };
    add(&csl);
    add(&sdn);
    let determine = |consignee: &str, country: &str| -> Value {
        let file = dir.path().join("transaction.yaml");
        std::fs::write(&file, transaction(consignee, country)).expect("writable");
        let ran: Ran = run([
            "--json",
            "determine",
            "--full",
            file.to_str().expect("text"),
            "--data-dir",
            data,
        ]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        ran.json()
    };

    // On the Entity List since 2020-12-18 (85 FR 83420), and in the file of 2022-05-16.
    let listed = determine(
        "Semiconductor Manufacturing International Corporation",
        "CN",
    );
    let text = listed.to_string();
    assert!(
        !text.contains("EXAMPLE_LIST_ONLY"),
        "the shipped example is not what was used"
    );
    assert!(text.contains("entity_list"), "{text}");
    let hits = hits(&listed);
    assert!(
        hits.iter().any(|hit| hit["list_id"] == "entity_list"),
        "{hits:?}"
    );
    assert!(hits.iter().all(|hit| {
        hit["explanation_json"]
            .as_str()
            .is_some_and(|e| !e.is_empty())
    }));
    let free = determine("Hangang Data Centre Co Ltd", "KR");
    assert!(self::hits(&free).is_empty(), "{:?}", self::hits(&free));
}

/// Every hit of the screening.
fn hits(answer: &Value) -> Vec<Value> {
    let mut found = Vec::new();
    collect(answer, &mut found);
    found
}

fn collect(value: &Value, found: &mut Vec<Value>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                match value.as_array() {
                    Some(hits) if key == "hits" => found.extend(hits.iter().cloned()),
                    _ => collect(value, found),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, found)),
        _ => {}
    }
}
