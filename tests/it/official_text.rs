//! The regulator's own file through the command line: attached, kept, compared with the data and with its next issue.

use std::ffi::OsStr;
use std::io::Read;
use std::path::Path;

use concord_tests::binary::run;
use concord_tests::data::shared_data;
use serde_json::Value;

const ISSUE: &str = "regs/us/ecfr-part774-supp1.xml.gz";

fn regimes(args: &[&OsStr], data: &Path) -> (Option<i32>, Value) {
    let mut all: Vec<&OsStr> = ["--json", "regimes"].map(OsStr::new).to_vec();
    all.extend(args);
    all.extend([OsStr::new("--data-dir"), data.as_os_str()]);
    let ran = run(all);
    (ran.code, ran.json())
}

fn attach(file: &Path, data: &Path) -> (Option<i32>, Value) {
    let args = ["attach-text", "us", "ecfr"].map(OsStr::new);
    regimes(&[&args[..], &[file.as_os_str()]].concat(), data)
}

fn check(file: &Path, data: &Path) -> (Option<i32>, Value) {
    regimes(
        &[
            OsStr::new("check"),
            OsStr::new("--against"),
            file.as_os_str(),
        ],
        data,
    )
}

#[test]
fn the_real_file_is_attached_and_a_damaged_one_leaves_it_in_use() {
    let Some(issue) = shared_data(ISSUE) else {
        return;
    };
    let dir = tempfile::tempdir().expect("a folder");
    let data = dir.path().join("data");
    let (code, kept) = attach(&issue, &data);
    assert_eq!(code, Some(0), "{kept}");
    assert_eq!(kept["entries"], 638, "{kept}");
    assert!(
        kept["digest"]
            .as_str()
            .is_some_and(|digest| digest.starts_with("sha256:"))
    );

    let mut text = String::new();
    let file = std::fs::File::open(&issue).expect("the file");
    let mut gz = flate2::read::GzDecoder::new(file);
    gz.read_to_string(&mut text).expect("UTF-8");
    let half: String = text.chars().take(text.chars().count() / 2).collect();
    let broken = dir.path().join("half.xml");
    std::fs::write(&broken, half).expect("writable");
    let (code, refused) = attach(&broken, &data);
    assert_eq!(code, Some(1), "{refused}");
    assert_eq!(refused["error"]["reason"], "INVALID_TEXT");
    let place = refused["error"]["violations"][0]["field"].as_str();
    assert!(
        place.is_some_and(|place| place.contains("half.xml:")),
        "{refused}"
    );
    let message = refused["error"]["message"].as_str();
    assert!(
        message.is_some_and(|m| m.contains("the text attached before stays in use")),
        "{refused}"
    );

    // The next issue: what changed, and the formulas it touches.
    let newer = text
        .replacen(
            "<P>a.1. A 'total processing performance' of 4800 or more",
            "<P>a.1. A 'total processing performance' of 4700 or more",
            1,
        )
        .replacen("greater than 65 MSPS", "greater than 64 MSPS", 1);
    let next = dir.path().join("next.xml");
    std::fs::write(&next, newer).expect("writable");
    let (_, compared) = check(&next, &data);
    assert_eq!(compared["changes_since"], kept["digest"]);
    let changes = compared["changes"].as_array().expect("changes");
    let places: Vec<String> = changes
        .iter()
        .map(|change| format!("{}.{}", change["code"], change["path"]).replace('"', ""))
        .collect();
    assert_eq!(places, ["3A001.a.5.a.5", "3A090.a.1"]);
    let touched = |change: &Value, code: &str| {
        let formulas = change["formulas"].as_array().expect("formulas");
        formulas.iter().any(|formula| formula == code)
    };
    assert!(touched(&changes[0], "3A001.a.5.a.5"), "{changes:?}");
    assert!(
        touched(&changes[1], "3A090.a.1") && touched(&changes[1], "4A090.a"),
        "{changes:?}"
    );
    let findings = compared["findings"].as_array().expect("findings");
    assert!(
        findings.iter().any(|finding| {
            finding["kind"] == "formula_threshold_not_in_text"
                && finding["code"] == "3A001"
                && finding["path"] == "a.5.a.5"
                && finding["what"] == "65 MSPS"
        }),
        "a threshold that is no longer printed is found"
    );
}

#[test]
fn the_list_is_compared_with_the_real_file() {
    let Some(issue) = shared_data(ISSUE) else {
        return;
    };
    let dir = tempfile::tempdir().expect("a folder");
    let (code, compared) = check(&issue, dir.path());
    assert_eq!(compared["entries_in_text"], 638);
    let findings = compared["findings"].as_array().expect("findings");
    let open = findings.iter().filter(|f| f["explained"].is_null());
    let open: Vec<String> = open
        .map(|f| format!("{} {}.{} {}", f["kind"], f["code"], f["path"], f["detail"]))
        .collect();
    assert!(open.is_empty(), "not explained:\n{}", open.join("\n"));
    assert_eq!((code, &compared["unexplained"]), (Some(0), &0.into()));
    // Each reason that we give is about a difference that is there.
    assert!(findings.len() > 40, "{}", findings.len());
    let coverage = compared["coverage"].as_array().expect("coverage");
    assert_eq!(coverage.len(), 10, "ten categories");
    for category in coverage {
        assert!(category["entries"].as_u64() > Some(0), "{category}");
    }
}

#[test]
fn tables_are_attached_searched_and_survive_a_wrong_file() {
    const WORDS: &str = "regs/kr/control-number-keywords-2026-05-22.csv";
    const CODES: &str = "regs/kr/hsk-control-number-2018-11-26.csv.gz";
    let (Some(words), Some(codes)) = (shared_data(WORDS), shared_data(CODES)) else {
        return;
    };
    let dir = tempfile::tempdir().expect("a folder");
    let data = dir.path().join("data");
    let attach = |text: &str, file: &Path| {
        let args = ["attach-text", "kr", text].map(OsStr::new);
        regimes(&[&args[..], &[file.as_os_str()]].concat(), &data)
    };
    let (code, kept) = attach("keywords", &words);
    assert_eq!(
        (code, &kept["control_numbers"]),
        (Some(0), &1_006.into()),
        "{kept}"
    );
    let (code, kept) = attach("hsk", &codes);
    assert_eq!(
        (code, &kept["encoding"]),
        (Some(0), &"CP949".into()),
        "{kept}"
    );

    // The right words in the wrong encoding: refused, and what was attached answers as before.
    let text = std::fs::read_to_string(&words).expect("UTF-8");
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let wrong = dir.path().join("wide.csv");
    std::fs::write(&wrong, wide).expect("writable");
    let (code, refused) = attach("keywords", &wrong);
    assert_eq!(
        (code, &refused["error"]["reason"]),
        (Some(1), &"INVALID_TABLE".into()),
        "{refused}"
    );
    let message = refused["error"]["message"].as_str().unwrap_or("");
    assert!(
        message.ends_with("the text attached before stays in use"),
        "{message}"
    );

    let search = |args: &[&str]| {
        let mut all: Vec<&OsStr> = ["--json", "search"].map(OsStr::new).to_vec();
        all.extend(args.iter().map(|arg| OsStr::new(*arg)));
        all.extend([OsStr::new("--data-dir"), data.as_os_str()]);
        let ran = run(all);
        (ran.code, ran.json())
    };
    let (code, found) = search(&[
        "반도체 제조용 플라즈마 식각 장비를 베트남 자회사에 보내려고 합니다",
        "--jurisdiction",
        "kr",
    ]);
    assert_eq!(code, Some(0), "{found}");
    // Nothing in the sentence tells 3B001 from 3B901.
    let first = [0, 1].map(|at| found["entries"][at]["code"].as_str());
    assert!(first.contains(&Some("3B901")), "{found}");
    assert_eq!(
        found["attached"].as_array().map(Vec::len),
        Some(2),
        "{found}"
    );
    let (code, found) = search(&["9013.20", "--limit", "3"]);
    assert_eq!(code, Some(0), "{found}");
    assert_eq!(
        found["entries"][0]["found_by"][0], "hs_candidate",
        "{found}"
    );
    let (code, refused) = search(&["…"]);
    assert_eq!(
        (code, &refused["error"]["reason"]),
        (Some(1), &"MISSING_FIELD".into()),
        "{refused}"
    );
    let (code, refused) = search(&["radar", "--jurisdiction", "jp"]);
    assert_eq!(
        (code, &refused["error"]["reason"]),
        (Some(1), &"UNKNOWN_JURISDICTION".into()),
        "{refused}"
    );
}
