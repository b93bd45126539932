//! Finding entries: our own questions over all categories, bad input, and the time it takes.

use std::path::{Path, PathBuf};
use std::time::Instant;

use concord_classification::catalogue::Catalogue;
use concord_classification::finder::{AttachedFiles, Finder};
use concord_classification::wire::search::search;
use concord_proto::classification::{SearchEntriesRequest, SearchEntriesResponse};

struct Question {
    language: &'static str,
    text: &'static str,
    us: Vec<&'static str>,
    kr: Vec<&'static str>,
}

/// `language, question, US entries, KR entries`, parted by tabs; any one of the entries of a list is right, and each list
/// that has one must show it.
fn questions(file: &'static str) -> Vec<Question> {
    let codes = |text: &'static str| match text {
        "-" => Vec::new(),
        list => list.split(',').collect(),
    };
    file.lines()
        .map(|line| {
            let mut cells = line.split('\t');
            let mut next = || cells.next().unwrap();
            Question {
                language: next(),
                text: next(),
                us: codes(next()),
                kr: codes(next()),
            }
        })
        .collect()
}

fn steering() -> Vec<Question> {
    questions(include_str!("search/steering.tsv"))
}

fn held_out() -> Vec<Question> {
    questions(include_str!("search/held-out.tsv"))
}

/// Written after the names of goods (`regimes/search`), which were not changed for any of these.
fn unseen() -> Vec<Question> {
    questions(include_str!("search/unseen.tsv"))
}

/// A hundred as exporters ask, written without a look at the names of goods, before anything was tuned for them.
fn exporters() -> Vec<Question> {
    questions(include_str!("search/exporters.tsv"))
}

/// Thirty more, written before the words and limits of the two lists were looked at again; nothing was tuned for them.
fn fresh() -> Vec<Question> {
    questions(include_str!("search/fresh.tsv"))
}

fn catalogue() -> Catalogue {
    Catalogue::load("US", None).unwrap()
}

/// The shared texts and tables, unpacked; `None`, said plainly, without them. In CI they must be there.
fn attached() -> Option<(tempfile::TempDir, AttachedFiles)> {
    let Some(data) = std::env::var_os("CONCORD_TEST_DATA").map(PathBuf::from) else {
        assert!(
            std::env::var("CI").is_err(),
            "CI must set CONCORD_TEST_DATA"
        );
        eprintln!("not run: CONCORD_TEST_DATA does not name the shared data");
        return None;
    };
    let dir = tempfile::tempdir().unwrap();
    let unpack = |from: &str, to: &str| {
        let bytes = std::fs::read(data.join(from)).unwrap();
        let mut out = Vec::new();
        if Path::new(from).extension().is_some_and(|e| e == "gz") {
            std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&bytes[..]), &mut out)
                .unwrap();
        } else {
            out = bytes;
        }
        let path = dir.path().join(to);
        std::fs::write(&path, out).unwrap();
        Some(path)
    };
    let files = AttachedFiles {
        ecfr: unpack("regs/us/ecfr-part774-supp1.xml.gz", "ecfr.xml"),
        keywords: unpack("regs/kr/control-number-keywords-2026-05-22.csv", "keywords"),
        hsk: unpack("regs/kr/hsk-control-number-2018-11-26.csv.gz", "hsk"),
    };
    Some((dir, files))
}

fn ask(
    catalogue: &Catalogue,
    finder: &Finder,
    query: &str,
    lists: &[&str],
    size: u32,
) -> SearchEntriesResponse {
    let request = SearchEntriesRequest {
        query: query.to_owned(),
        jurisdictions: lists.iter().map(|l| (*l).to_owned()).collect(),
        page_size: size,
        as_of: "2026-11-01".to_owned(),
        ..SearchEntriesRequest::default()
    };
    search(catalogue, finder, &request).unwrap()
}

/// How many of the questions show their entries among the first ten, over both lists together; misses are printed.
fn right(catalogue: &Catalogue, finder: &Finder, questions: &[Question], name: &str) -> usize {
    let mut right = 0;
    let mut korean = (0, 0);
    for question in questions {
        let answer = ask(catalogue, finder, question.text, &[], 10);
        let shows = |list: &str, codes: &[&str]| {
            codes.is_empty()
                || answer
                    .entries
                    .iter()
                    .any(|e| e.jurisdiction == list && codes.contains(&&*e.code))
        };
        let good = shows("US", &question.us) && shows("KR", &question.kr);
        right += usize::from(good);
        if question.language == "ko" {
            korean = (korean.0 + usize::from(good), korean.1 + 1);
        }
        if !good {
            let found: Vec<String> = answer
                .entries
                .iter()
                .map(|e| format!("{}:{}", e.jurisdiction, e.code))
                .collect();
            eprintln!(
                "{name} MISS {} [{:?} {:?}]\n   {}",
                question.text,
                question.us,
                question.kr,
                found.join(" ")
            );
            for e in answer.entries.iter().take(3) {
                eprintln!("      {} {:?}", e.code, e.matched);
            }
        }
    }
    eprintln!(
        "{name}: {right} of {} ({} of {} Korean)",
        questions.len(),
        korean.0,
        korean.1
    );
    right
}

#[test]
fn questions_find_their_entries() {
    let catalogue = catalogue();
    let own = Finder::load(&catalogue, &AttachedFiles::default()).unwrap();
    let without = [
        right(&catalogue, &own, &steering(), "steering, own words"),
        right(&catalogue, &own, &held_out(), "held out, own words"),
        right(&catalogue, &own, &unseen(), "unseen, own words"),
        right(&catalogue, &own, &exporters(), "exporters, own words"),
        right(&catalogue, &own, &fresh(), "fresh, own words"),
    ];
    assert!(without[0] * 100 >= 80 * steering().len(), "{without:?}");
    assert!(without[1] * 100 >= 80 * held_out().len(), "{without:?}");
    let Some((_dir, files)) = attached() else {
        return;
    };
    let full = Finder::load(&catalogue, &files).unwrap();
    let with = [
        right(&catalogue, &full, &steering(), "steering, attached"),
        right(&catalogue, &full, &held_out(), "held out, attached"),
        right(&catalogue, &full, &unseen(), "unseen, attached"),
        right(&catalogue, &full, &exporters(), "exporters, attached"),
        right(&catalogue, &full, &fresh(), "fresh, attached"),
    ];
    assert!(with[0] * 100 >= 85 * steering().len(), "{with:?}");
    assert!(with[1] * 100 >= 85 * held_out().len(), "{with:?}");
    for found in [&without, &with] {
        assert!(found[2] * 100 >= 85 * unseen().len(), "{found:?}");
        assert!(found[3] * 100 >= 85 * exporters().len(), "{found:?}");
        assert!(found[4] * 100 >= 85 * fresh().len(), "{found:?}");
    }
}

#[test]
fn bad_questions_are_refused_and_pages_follow_one_another() {
    let catalogue = catalogue();
    let finder = Finder::load(&catalogue, &AttachedFiles::default()).unwrap();
    let refused = |request: SearchEntriesRequest, code: tonic::Code, reason: &str, field: &str| {
        let status = search(&catalogue, &finder, &request).unwrap_err();
        let problem = concord_kit::status::Problem::from_status(&status);
        assert_eq!(
            (problem.code(), problem.reason()),
            (code, reason),
            "{status:?}"
        );
        assert!(
            field.is_empty() || problem.violations().iter().any(|(f, _)| f == field),
            "{status:?}"
        );
    };
    let invalid = tonic::Code::InvalidArgument;
    let query = |query: &str| SearchEntriesRequest {
        query: query.to_owned(),
        ..SearchEntriesRequest::default()
    };
    refused(query(""), invalid, "MISSING_FIELD", "query");
    refused(query("  ?!… "), invalid, "MISSING_FIELD", "query");
    refused(
        query(&"레이더 ".repeat(2_000)),
        invalid,
        "TOO_LONG",
        "query",
    );
    refused(query("radar\u{0}\u{7}"), invalid, "INVALID_FORMAT", "query");
    refused(
        SearchEntriesRequest {
            page_size: 101,
            ..query("radar")
        },
        invalid,
        "OUT_OF_RANGE_VALUE",
        "page_size",
    );
    refused(
        SearchEntriesRequest {
            as_of: "2026-13-01".into(),
            ..query("radar")
        },
        invalid,
        "INVALID_DATE",
        "as_of",
    );
    refused(
        SearchEntriesRequest {
            page_token: "10-0".into(),
            ..query("radar")
        },
        invalid,
        "INVALID_PAGE_TOKEN",
        "page_token",
    );
    // Before every period of the lists.
    refused(
        SearchEntriesRequest {
            as_of: "1999-01-01".into(),
            ..query("radar")
        },
        invalid,
        "INVALID_DATE",
        "as_of",
    );
    let elsewhere = SearchEntriesRequest {
        jurisdictions: vec!["JP".into()],
        ..query("radar")
    };
    refused(elsewhere, tonic::Code::NotFound, "UNKNOWN_JURISDICTION", "");

    let mut page = SearchEntriesRequest {
        page_size: 7,
        ..query("레이저")
    };
    let whole = SearchEntriesRequest {
        page_size: 100,
        ..page.clone()
    };
    let whole = search(&catalogue, &finder, &whole).unwrap().entries;
    let mut seen = Vec::new();
    let token = loop {
        let answer = search(&catalogue, &finder, &page).unwrap();
        let token = std::mem::replace(&mut page.page_token, answer.next_page_token);
        seen.extend(answer.entries);
        if page.page_token.is_empty() || seen.len() >= 98 {
            break token;
        }
    };
    assert_eq!(seen, whole[..seen.len()]);
    // A token of one question is not one of another.
    refused(
        SearchEntriesRequest {
            page_token: token,
            ..query("radar")
        },
        invalid,
        "INVALID_PAGE_TOKEN",
        "page_token",
    );
}

#[test]
fn codes_and_substances_come_first_and_both_lists_answer_both_languages() {
    let catalogue = catalogue();
    let finder = Finder::load(&catalogue, &AttachedFiles::default()).unwrap();
    let first =
        |query: &str, list: &str| ask(&catalogue, &finder, query, &[list], 10).entries[0].clone();
    for query in ["3b001", "3B001.a.4를 수출합니다", "does 3B001 cover this?"] {
        let entry = first(query, "US");
        assert_eq!(
            (&*entry.code, &*entry.found_by[0]),
            ("3B001", "code"),
            "{query}"
        );
    }
    let entry = first("CAS 142-84-7 드럼", "KR");
    assert_eq!((&*entry.code, &*entry.found_by[0]), ("1C350", "cas"));
    // A number that only the list of the United States has; the Korean counterpart has another one.
    let entry = first("3C909", "KR");
    assert_eq!(
        (&*entry.code, entry.found_by),
        ("3C901", vec!["alignment".to_owned()])
    );
    let [korean, english] = ["가속도계", "accelerometer"].map(|q| first(q, "US"));
    assert_eq!((&*korean.code, &*english.code), ("7A001", "7A001"));
    assert_eq!(korean.matched[0], "가속도계");
    // A slip is no other word.
    let slip = first("a radiation hardened microprocesor", "US");
    assert!(
        slip.matched.contains(&"microprocesor".to_owned()),
        "{slip:?}"
    );
    // As the asker wrote them, not the forms that were compared.
    let camera = first("an infrared camera", "US");
    assert_eq!(camera.matched[0], "infrared camera");
    // Entries that were not in force yet.
    let early = SearchEntriesRequest {
        query: "3A090".into(),
        as_of: "2022-10-10".into(),
        ..SearchEntriesRequest::default()
    };
    let early = search(&catalogue, &finder, &early).unwrap();
    assert!(early.entries.iter().all(|e| e.code != "3A090"), "{early:?}");
}

#[test]
fn customs_codes_give_candidates() {
    let catalogue = catalogue();
    let Some((_dir, files)) = attached() else {
        return;
    };
    let finder = Finder::load(&catalogue, &files).unwrap();
    assert_eq!(
        finder
            .attached()
            .iter()
            .map(|(name, _)| *name)
            .collect::<Vec<_>>(),
        ["ecfr", "keywords", "hsk"]
    );
    let answer = ask(&catalogue, &finder, "HS 9013.20", &[], 20);
    let candidates: Vec<&str> = answer
        .entries
        .iter()
        .filter(|e| e.jurisdiction == "KR")
        .map(|e| &*e.code)
        .collect();
    assert!(candidates.contains(&"6A005"), "{candidates:?}");
    for entry in &answer.entries {
        let right = entry
            .found_by
            .iter()
            .any(|f| matches!(&**f, "hs_candidate" | "alignment"));
        assert!(right, "{entry:?}");
    }
}

#[test]
#[ignore = "a measurement: run it in release"]
fn benchmark() {
    let catalogue = catalogue();
    let Some((_dir, files)) = attached() else {
        return;
    };
    for (name, files) in [("own words", AttachedFiles::default()), ("attached", files)] {
        let start = Instant::now();
        let finder = Finder::load(&catalogue, &files).unwrap();
        let built = start.elapsed();
        let mut times = Vec::new();
        let sets = [steering(), held_out(), unseen(), exporters(), fresh()];
        for question in sets.iter().flatten().cycle().take(3_600) {
            let start = Instant::now();
            let answer = ask(&catalogue, &finder, question.text, &[], 10);
            times.push(start.elapsed());
            assert!(!answer.entries.is_empty());
        }
        times.sort();
        let at = |share: usize| times[times.len() * share / 1000];
        eprintln!(
            "{name}: {:?} built in {built:?}; p50 {:?} p99 {:?} p99.9 {:?}",
            finder.index().size(),
            at(500),
            at(990),
            at(999)
        );
    }
}
