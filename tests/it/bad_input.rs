//! Input that must be refused: `tests/corpus/bad`, one situation per file, run through the program as a script runs it.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::Path;

use concord_controls::problem::Problems;
use concord_controls::yaml::{Document, MapReader};
use concord_kit::dev_ca::DevCert;
use concord_tests::binary::{Ran, run_in};
use concord_tests::cluster::{Cluster, Options};
use concord_tests::corpus;

/// One file of the corpus.
struct Situation {
    name: String,
    files: BTreeMap<String, Vec<u8>>,
    regimes: Option<Edit>,
    args: Vec<String>,
    expect: Expect,
}

/// One mistake in a copy of the regime files.
struct Edit {
    file: String,
    replace: String,
    with: String,
}

/// What must come out; what is absent is not compared.
#[derive(Default)]
struct Expect {
    exit: i32,
    code: Option<String>,
    reason: Option<String>,
    at: Vec<String>,
    says: Vec<String>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_input_is_refused_with_its_place_and_leaves_nothing_behind() {
    let cluster = Cluster::start(Options::default()).await;
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let hour = time::Duration::hours(1);
    let client = cluster.us.cert("client");
    let ca = cluster.us.ca();
    let expired = ca
        .issue_for(&client.id, "expired", -hour * 2, -hour)
        .expect("a certificate");
    let remote = |cert: &DevCert| {
        let address = format!("https://{}", cluster.us.addr("determination"));
        let identity = cluster.us.cert("determination").id.to_string();
        [
            ("--server", address),
            ("--cert", cert.cert.display().to_string()),
            ("--key", cert.key.display().to_string()),
            ("--ca", ca.bundle().display().to_string()),
            ("--server-identity", identity),
        ]
        .into_iter()
        .flat_map(|(flag, value)| [flag.to_owned(), value])
        .collect::<Vec<_>>()
    };
    let port = taken.local_addr().expect("a port").port().to_string();
    let (remote, expired) = (remote(client), remote(&expired));

    let mut failures = Vec::new();
    let situations = situations();
    assert!(situations.len() >= 20, "the corpus has lost situations");
    for situation in situations {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let data = dir.path().join("data");
        std::fs::create_dir(&data).expect("the folder is writable");
        for (name, bytes) in &situation.files {
            std::fs::write(dir.path().join(name), with_port(bytes, &port)).expect("writable");
        }
        if let Some(edit) = &situation.regimes {
            edit.apply(&dir.path().join("regimes"));
        }
        let args = situation.args.iter().flat_map(|arg| match arg.as_str() {
            "${remote}" => remote.clone(),
            "${expired}" => expired.clone(),
            "${data}" => vec![data.display().to_string()],
            other => vec![other.to_owned()],
        });
        let args: Vec<_> = ["--json".to_owned()].into_iter().chain(args).collect();
        let folder = dir.path().to_owned();
        let ran = tokio::task::spawn_blocking(move || run_in(&folder, args)).await;
        let ran = ran.expect("the program was run");
        for problem in compare(&situation.expect, &ran) {
            failures.push(format!(
                "{}: {problem}\n  {}",
                situation.name,
                ran.stdout.trim()
            ));
        }
        let left = files_below(&data);
        if !left.is_empty() {
            failures.push(format!("{}: left behind {left:?}", situation.name));
        }
    }
    for deployment in [&cluster.us, &cluster.kr] {
        let records = cluster.records(deployment).await;
        assert!(
            records.is_empty(),
            "{} recorded {records:?}",
            deployment.name()
        );
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
    cluster.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_destination_is_a_question_and_no_error() {
    let cluster = Cluster::start(Options::default()).await;
    let mut request = concord_tests::requests::accelerator_to_korea("nowhere");
    request
        .transaction
        .as_mut()
        .expect("a transaction")
        .destination = String::new();
    let answer = cluster
        .determination(&cluster.us)
        .determine(request)
        .await
        .expect("an answer");
    let own = answer
        .into_inner()
        .determination
        .expect("a determination")
        .own
        .expect("the own law");
    assert_eq!(own.outcome, "needs_information");
    let line = &own.lines[0];
    assert!(
        line.questions.iter().any(|q| q.input == "destination"),
        "{:?}",
        line.questions
    );
    assert_eq!(
        line.classification.as_ref().expect("a classification").code,
        "3A090.a.1"
    );
    cluster.shutdown().await;
}

impl Edit {
    /// Copies the regime files and makes the mistake in one of them.
    fn apply(&self, to: &Path) {
        let from = concord_tests::repository().join("regimes");
        for path in files_below(&from) {
            let copy = to.join(path.strip_prefix(&from).expect("a file below"));
            std::fs::create_dir_all(copy.parent().expect("a folder")).expect("writable");
            std::fs::copy(&path, &copy).expect("writable");
        }
        let path = to.join(&self.file);
        let text = std::fs::read_to_string(&path).expect("a regime file");
        assert!(
            text.contains(&self.replace),
            "{} has no `{}`",
            self.file,
            self.replace
        );
        std::fs::write(&path, text.replacen(&self.replace, &self.with, 1)).expect("writable");
    }
}

/// What is not as expected.
fn compare(expect: &Expect, ran: &Ran) -> Vec<String> {
    let mut wrong = Vec::new();
    if ran.code != Some(expect.exit) {
        wrong.push(format!(
            "exit {:?} instead of {}: {}",
            ran.code,
            expect.exit,
            ran.stderr.trim()
        ));
    }
    let error = &serde_json::from_str(&ran.stdout).unwrap_or(serde_json::Value::Null)["error"];
    for (key, wanted) in [("code", &expect.code), ("reason", &expect.reason)] {
        if let Some(wanted) = wanted
            && error[key] != **wanted
        {
            wrong.push(format!("{key} {} instead of {wanted}", error[key]));
        }
    }
    let violations = error["violations"].as_array().cloned().unwrap_or_default();
    let places: Vec<&str> = violations
        .iter()
        .filter_map(|v| v["field"].as_str())
        .collect();
    for at in &expect.at {
        if !places.iter().any(|place| place.contains(at.as_str())) {
            wrong.push(format!("`{at}` is not among {places:?}"));
        }
    }
    for word in &expect.says {
        if !error.to_string().contains(word) {
            wrong.push(format!("`{word}` is not said"));
        }
    }
    wrong
}

fn with_port(bytes: &[u8], port: &str) -> Vec<u8> {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.replace("${port}", port).into_bytes(),
        Err(_) => bytes.to_vec(),
    }
}

fn files_below(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(files_below(&path))
        } else {
            files.push(path)
        }
    }
    files
}

// === reading the corpus ===

fn situations() -> Vec<Situation> {
    let mut paths: Vec<_> = std::fs::read_dir(corpus("bad"))
        .expect("the corpus")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == "yaml"))
        .collect();
    paths.sort();
    paths.iter().map(|path| read(path)).collect()
}

fn read(path: &Path) -> Situation {
    let name = path
        .file_stem()
        .expect("a name")
        .to_string_lossy()
        .into_owned();
    let bytes = std::fs::read(path).expect("a readable file");
    let document = Document::parse(&name, &bytes).unwrap_or_else(|e| panic!("{name}: {e}"));
    let mut problems = Problems::new();
    let situation = read_situation(&name, &document, &mut problems);
    problems.finish().unwrap_or_else(|e| panic!("{e}"));
    situation.unwrap_or_else(|| panic!("{name} is no situation"))
}

fn read_situation(name: &str, document: &Document, problems: &mut Problems) -> Option<Situation> {
    let keys = ["title", "files", "latin1", "regimes", "args", "expect"];
    let map = MapReader::open(document.root(), &keys, problems)?;
    map.text("title", problems)?;
    let latin1 = map.flag("latin1", problems);
    let mut files = BTreeMap::new();
    let given = map.optional("files").map(|files| files.pairs(problems));
    for (file, _, content) in given.unwrap_or_default() {
        let text = repeated(content.text(problems)?);
        let bytes = if latin1 {
            text.chars()
                .map(|c| u8::try_from(u32::from(c)).expect("latin-1"))
                .collect()
        } else {
            text.into_bytes()
        };
        files.insert(file.to_owned(), bytes);
    }
    let regimes = map.optional("regimes").and_then(|edit| {
        let edit = MapReader::open(edit, &["file", "replace", "with"], problems)?;
        Some(Edit {
            file: edit.text("file", problems)?.to_string(),
            replace: edit.text("replace", problems)?.to_string(),
            with: edit.text("with", problems)?.to_string(),
        })
    });
    let texts = |map: &MapReader<'_>, key: &str, problems: &mut Problems| -> Vec<String> {
        map.texts(key, problems)
            .iter()
            .map(ToString::to_string)
            .collect()
    };
    let args = texts(&map, "args", problems);
    let keys = ["exit", "code", "reason", "at", "says"];
    let expected = MapReader::open(map.required("expect", problems)?, &keys, problems)?;
    let text = |key: &str, problems: &mut Problems| {
        expected
            .optional_text(key, problems)
            .map(|text| text.to_string())
    };
    let expect = Expect {
        exit: text("exit", problems)?.parse().ok()?,
        code: text("code", problems),
        reason: text("reason", problems),
        at: texts(&expected, "at", problems),
        says: texts(&expected, "says", problems),
    };
    Some(Situation {
        name: name.to_owned(),
        files,
        regimes,
        args,
        expect,
    })
}

/// `${text*N}` becomes the text N times.
fn repeated(text: &str) -> String {
    let find = || {
        let (before, rest) = text.split_once("${")?;
        let (inside, after) = rest.split_once('}')?;
        let (part, times) = inside.split_once('*')?;
        Some(format!(
            "{before}{}{after}",
            part.repeat(times.parse().ok()?)
        ))
    };
    find().unwrap_or_else(|| text.to_owned())
}
