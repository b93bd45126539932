//! Which package may use which: read from `cargo metadata`, so that a new arrow is a decision and not an accident.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// Package -> the workspace packages that it may use. A package that is missing here may use none, and fails.
const ALLOWED: &[(&str, &[&str])] = &[
    // pure cores
    ("concord-controls", &[]),
    ("concord-names", &[]),
    ("concord-lists", &[]),
    ("concord-tlog", &[]),
    ("concord-licensing", &["concord-controls"]),
    // the edge
    ("concord-proto", &[]),
    ("concord-kit", &["concord-proto"]),
    (
        "concord-classification",
        &[
            "concord-kit",
            "concord-proto",
            "concord-controls",
            // which entry of one list is which of another (search, comparison), and what both laws ask of an item
            "concord-licensing",
        ],
    ),
    (
        "concord-screening",
        &[
            "concord-kit",
            "concord-proto",
            "concord-names",
            "concord-lists",
        ],
    ),
    (
        "concord-audit",
        &["concord-kit", "concord-proto", "concord-tlog"],
    ),
    (
        "concord-determination",
        &[
            "concord-kit",
            "concord-proto",
            "concord-controls",
            "concord-licensing",
        ],
    ),
    ("concord", &["*"]),
    ("concord-tests", &["*"]),
];

/// Packages whose result must depend on their input alone.
const PURE: &[&str] = &[
    "concord-controls",
    "concord-licensing",
    "concord-names",
    "concord-lists",
    "concord-tlog",
];

/// Crates, with those whose names begin so, that a pure core must not reach, not even through another crate.
const EDGE: &[&str] = &[
    "tokio",
    "tonic",
    "prost",
    "redis",
    "opentelemetry",
    "hyper",
    "axum",
];

/// External crates that belong to one room.
const ROOMS: &[(&str, &[&str])] = &[
    // one stateful service; tests may look into its file
    ("rusqlite", &["concord-audit", "concord-tests"]),
    ("tokio-postgres", &["concord-audit"]),
    // the cache and the exporters are the kit's; services may use the API's instruments
    ("redis", &["concord-kit", "concord-tests"]),
    ("moka", &["concord-kit"]),
    ("opentelemetry_sdk", &["concord-kit"]),
    ("opentelemetry-otlp", &["concord-kit"]),
];

/// Everything that generated wire code may need.
const WIRE: &[&str] = &[
    "prost",
    "prost-types",
    "tonic",
    "tonic-prost",
    "tonic-prost-build",
    "protox",
];

/// One package with what it needs outside tests: normal and build dependencies.
struct Package {
    name: String,
    member: bool,
    uses: BTreeSet<String>,
}

/// Package id -> package, for the platform that runs the test.
fn packages() -> BTreeMap<String, Package> {
    let host = Command::new("rustc")
        .arg("-vV")
        .output()
        .expect("rustc runs");
    let host = String::from_utf8(host.stdout).expect("rustc prints text");
    let host = host
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .expect("a host line");
    let out = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".into()))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--locked",
            "--filter-platform",
            host,
        ])
        .current_dir(concord_tests::repository())
        .output()
        .expect("cargo metadata runs");
    assert!(
        out.status.success(),
        "cargo metadata: {}",
        String::from_utf8_lossy(&out.stderr)
    );
    let metadata: Value = serde_json::from_slice(&out.stdout).expect("cargo metadata prints JSON");

    let members: BTreeSet<&str> = texts(&metadata["workspace_members"]).collect();
    let names: BTreeMap<&str, &str> = list(&metadata["packages"])
        .iter()
        .map(|p| (text(&p["id"]), text(&p["name"])))
        .collect();
    list(&metadata["resolve"]["nodes"])
        .iter()
        .map(|node| {
            let id = text(&node["id"]);
            let uses = list(&node["deps"]).iter().filter(|dep| {
                list(&dep["dep_kinds"])
                    .iter()
                    .any(|kind| kind["kind"].as_str() != Some("dev"))
            });
            let package = Package {
                name: names[id].to_owned(),
                member: members.contains(id),
                uses: uses.map(|dep| text(&dep["pkg"]).to_owned()).collect(),
            };
            (id.to_owned(), package)
        })
        .collect()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).expect("a list")
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    list(value).iter().map(text)
}

fn belongs_to(name: &str, family: &str) -> bool {
    name.strip_prefix(family)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
}

/// The first way from a package to a crate of the edge, as names.
fn way_to_edge(packages: &BTreeMap<String, Package>, from: &str) -> Option<Vec<String>> {
    let mut seen = BTreeSet::new();
    let mut open = vec![vec![from.to_owned()]];
    while let Some(way) = open.pop() {
        let package = &packages[way.last()?];
        if EDGE.iter().any(|family| belongs_to(&package.name, family)) {
            return Some(way.iter().map(|id| packages[id].name.clone()).collect());
        }
        for next in &package.uses {
            if seen.insert(next.clone()) {
                let mut longer = way.clone();
                longer.push(next.clone());
                open.push(longer);
            }
        }
    }
    None
}

#[test]
fn no_arrow_but_those_that_are_allowed() {
    let packages = packages();
    let allowed: BTreeMap<_, _> = ALLOWED.iter().copied().collect();
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for (id, package) in packages.iter().filter(|(_, package)| package.member) {
        let name = package.name.as_str();
        seen.insert(name);
        let Some(may_use) = allowed.get(name) else {
            wrong.push(format!("{name} is new: say here what it may use"));
            continue;
        };
        for used in package.uses.iter().map(|id| &packages[id]) {
            let target = used.name.as_str();
            let named = may_use.contains(&"*") || may_use.contains(&target);
            if used.member && (!named || target == "concord-tests") {
                wrong.push(format!("{name} -> {target} is not allowed"));
            }
            let rooms = ROOMS.iter().find(|(external, _)| *external == target);
            if rooms.is_some_and(|(_, rooms)| !rooms.contains(&name)) {
                wrong.push(format!(
                    "{name} -> {target}: that crate belongs to another room"
                ));
            }
            if name == "concord-proto" && !WIRE.contains(&target) {
                wrong.push(format!(
                    "{name} -> {target}: the contract needs generated code only"
                ));
            }
        }
        if PURE.contains(&name)
            && let Some(way) = way_to_edge(&packages, id)
        {
            wrong.push(format!(
                "a pure core reaches the edge: {}",
                way.join(" -> ")
            ));
        }
    }
    for (name, _) in ALLOWED {
        if !seen.contains(name) {
            wrong.push(format!("{name} is no package any more: take its row away"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
