//! `concord lists add URL`, `update` and `status` against a server of published files, which also fails in every way.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use concord_tests::binary::{Ran, run};
use serde_json::Value;

/// What the server answers for one path.
#[derive(Clone)]
struct Page {
    body: Vec<u8>,
    etag: String,
    status: u16,
    /// Bytes that are promised and never sent.
    missing: usize,
}

/// A server that knows conditional requests, and the requests that it had.
#[derive(Clone)]
struct Publisher {
    address: String,
    pages: Arc<Mutex<BTreeMap<String, Page>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Publisher {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let publisher = Self {
            address: format!("http://{}", listener.local_addr().expect("an address")),
            pages: Arc::default(),
            asked: Arc::default(),
        };
        let serving = publisher.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut lines = BufReader::new(&stream).lines();
                let first = lines.next().and_then(Result::ok).unwrap_or_default();
                let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
                let mut condition = String::new();
                for line in lines.map_while(Result::ok).take_while(|l| !l.is_empty()) {
                    if let Some((name, value)) = line.split_once(": ")
                        && name.eq_ignore_ascii_case("if-none-match")
                    {
                        value.clone_into(&mut condition);
                    }
                }
                serving
                    .asked
                    .lock()
                    .expect("not poisoned")
                    .push(format!("{path} {condition}"));
                let page = serving
                    .pages
                    .lock()
                    .expect("not poisoned")
                    .get(&path)
                    .cloned();
                let _ = answer(&stream, page, &condition);
            }
        });
        publisher
    }

    fn put(&self, path: &str, body: impl Into<Vec<u8>>, etag: &str) {
        self.set(path, |page| {
            page.body = body.into();
            etag.clone_into(&mut page.etag);
        });
    }

    fn set(&self, path: &str, change: impl FnOnce(&mut Page)) {
        let mut pages = self.pages.lock().expect("not poisoned");
        let page = pages.entry(path.to_owned()).or_insert(Page {
            body: Vec::new(),
            etag: String::new(),
            status: 200,
            missing: 0,
        });
        change(page);
    }

    fn last_asked(&self) -> String {
        self.asked
            .lock()
            .expect("not poisoned")
            .last()
            .cloned()
            .unwrap_or_default()
    }
}

fn answer(mut stream: impl Write, page: Option<Page>, condition: &str) -> std::io::Result<()> {
    let close = "Connection: close\r\n";
    match page {
        None => write!(
            stream,
            "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n{close}\r\n"
        ),
        Some(page) if page.status != 200 => {
            write!(
                stream,
                "HTTP/1.1 {} No\r\nContent-Length: 0\r\n{close}\r\n",
                page.status
            )
        }
        Some(page) if condition == page.etag => {
            write!(
                stream,
                "HTTP/1.1 304 Not Modified\r\nETag: {condition}\r\n{close}\r\n"
            )
        }
        Some(page) => {
            write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nETag: {}\r\nLast-Modified: Fri, 20 Nov 2026 08:00:00 GMT\r\n{close}\r\n",
                page.body.len() + page.missing,
                page.etag,
            )?;
            stream.write_all(&page.body)
        }
    }
}

/// A list of one's own with `count` parties.
fn list(count: usize) -> String {
    let mut text = "party_id,list,type,name\n".to_owned();
    for n in 1..=count {
        text.push_str(&format!(
            "{n},own_partners,organisation,Example Works {n}\n"
        ));
    }
    text
}

#[test]
fn lists_are_fetched_where_they_changed_and_a_bad_one_leaves_the_good_one() {
    let publisher = Publisher::start();
    let dir = tempfile::tempdir().expect("a temporary folder");
    let data = dir.path().to_str().expect("a path of text");
    let url = format!("{}/partners.csv", publisher.address);
    let concord = |args: &[&str]| -> Ran { run(["--json", "--data-dir", data].iter().chain(args)) };
    let parties = || -> Value {
        let ran = concord(&["lists", "status"]);
        ran.json()["deployments"][0]["lists"][0].clone()
    };
    let refused = |reason: &str, exit: i32| {
        let digest = concord(&["lists", "status"]).json()["deployments"][0]["digest"].clone();
        let ran = concord(&["lists", "update"]);
        assert_eq!(ran.code, Some(exit), "{ran:?}");
        assert_eq!(ran.json()["error"]["reason"], reason, "{ran:?}");
        assert_eq!(parties()["parties"], 40, "what was there stays");
        let after = concord(&["lists", "status"]).json()["deployments"][0]["digest"].clone();
        assert_eq!(digest, after, "nothing half-written");
    };

    let ran = concord(&["lists", "update"]);
    assert_eq!(
        (ran.code, &ran.json()["error"]["reason"]),
        (Some(64), &Value::from("NO_SOURCES"))
    );

    publisher.put("/partners.csv", list(40), "\"one\"");
    let ran = concord(&["lists", "add", &url]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(publisher.last_asked(), "/partners.csv ");
    let status = parties();
    assert_eq!(status["parties"], 40);
    // The file states no date; the server's does.
    assert_eq!(status["data_date"], "2026-11-20");
    assert!(status["age_days"].is_i64(), "{status}");

    let ran = concord(&["lists", "update"]);
    assert_eq!(ran.json()["sources"][0]["result"], "unchanged", "{ran:?}");
    assert_eq!(publisher.last_asked(), "/partners.csv \"one\"");

    // Shrunk, damaged, cut off, not there: each with its reason, and nothing changes.
    publisher.put("/partners.csv", list(28), "\"two\"");
    refused("LIST_SHRUNK", 1);
    publisher.put("/partners.csv", list(9), "\"two\"");
    refused("LIST_SHRUNK", 1);
    publisher.put(
        "/partners.csv",
        format!("{}41,own_partners,organ", list(40)),
        "\"three\"",
    );
    refused("INVALID_LIST", 1);
    publisher.put(
        "/partners.csv",
        "<html>maintenance</html>".repeat(200),
        "\"four\"",
    );
    refused("INVALID_LIST", 1);
    publisher.put("/partners.csv", list(40), "\"five\"");
    publisher.set("/partners.csv", |page| page.missing = 100);
    refused("SOURCE_UNREACHABLE", 2);
    publisher.set("/partners.csv", |page| {
        (page.missing, page.status) = (0, 503)
    });
    refused("SOURCE_UNREACHABLE", 2);

    // Every refusal asked with the validators of the last good copy.
    assert_eq!(publisher.last_asked(), "/partners.csv \"one\"");
    publisher.set("/partners.csv", |page| page.status = 200);
    publisher.put("/partners.csv", list(42), "\"six\"");
    let ran = concord(&["lists", "update", "partners.csv"]);
    assert_eq!(ran.json()["sources"][0]["result"], "updated", "{ran:?}");
    assert_eq!(parties()["parties"], 42);
    publisher.put("/partners.csv", list(9), "\"seven\"");
    let ran = concord(&["lists", "update", "--accept-shrink"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(parties()["parties"], 9);

    // A copy that was changed on disk is not taken for the publisher's.
    let copies = dir.path().join("list-downloads/partners.csv");
    for entry in std::fs::read_dir(&copies).expect("copies").flatten() {
        if entry.file_name() != "state.json" {
            std::fs::write(entry.path(), list(1)).expect("writable");
        }
    }
    let ran = concord(&["lists", "update"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(publisher.last_asked(), "/partners.csv ");
    assert_eq!(parties()["parties"], 9);

    // Files of a set come together, from lists.toml; a mistake in it is named.
    let toml =
        |text: String| std::fs::write(dir.path().join("lists.toml"), text).expect("writable");
    let sdn = [
        (
            "sdn.csv",
            "7,\"EXAMPLE\",\"individual\",\"SDGT\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \r\n\u{1a}",
        ),
        ("add.csv", "7,1,-0- ,\"Town\",\"Cuba\",-0- \r\n\u{1a}"),
        ("alt.csv", "7,2,\"aka\",\"SAMPLE\",-0- \r\n\u{1a}"),
    ];
    for (name, body) in sdn {
        publisher.put(&format!("/ofac/{name}"), body, "\"x\"");
    }
    let base = format!("{}/ofac", publisher.address);
    toml(format!(
        "[[source]]\nname = \"sdn\"\nurls = [\"{base}/sdn.csv\", \"{base}/add.csv\", \"{base}/alt.csv\"]\nfor = [\"us\"]\n"
    ));
    let ran = concord(&["lists", "update"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let lists = concord(&["lists", "status"]).json()["deployments"][0]["lists"].clone();
    assert!(
        lists
            .as_array()
            .expect("lists")
            .iter()
            .any(|l| l["list"] == "sdn" && l["parties"] == 1)
    );
    toml("[[source]]\nname = \"a\"\nurls = [\"ftp://x/y\"]\n".to_owned());
    let ran = concord(&["lists", "update"]);
    assert_eq!(ran.code, Some(64));
    assert!(ran.stdout.contains("source[0].urls"), "{ran:?}");
}
