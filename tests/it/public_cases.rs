//! The published cases, and those of our own, at three levels: the core, over RPC between two deployments, and by the command line.

use concord_tests::binary::run;
use concord_tests::data::shared_data;

const CASES: &str = "gold/classification_public.yaml";

/// `N of M cases passed`, the last line of stdout.
fn passed(stdout: &str) -> Option<(u32, u32)> {
    let line = stdout.lines().last()?.strip_suffix(" cases passed")?;
    let (passed, all) = line.split_once(" of ")?;
    Some((passed.parse().ok()?, all.parse().ok()?))
}

#[test]
fn all_public_cases_pass_in_the_core_by_the_command_line() {
    let Some(path) = shared_data(CASES) else {
        return;
    };
    all_pass(&[path.as_os_str()], &[]);
}

#[test]
fn all_public_cases_pass_over_rpc_through_two_deployments() {
    let Some(path) = shared_data(CASES) else {
        return;
    };
    all_pass(&[path.as_os_str()], &["--rpc"]);
}

/// Our own cases, in the same format.
#[test]
fn all_cases_of_our_own_pass_in_the_core_and_over_rpc() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/cases");
    let entries = std::fs::read_dir(folder).expect("the cases");
    let paths = entries.map(|entry| entry.expect("a case file").path());
    let paths: Vec<_> = paths.collect();
    assert!(paths.len() >= 4, "{paths:?}");
    let files: Vec<_> = paths.iter().map(|path| path.as_os_str()).collect();
    all_pass(&files, &[]);
    all_pass(&files, &["--rpc"]);
}

fn all_pass(files: &[&std::ffi::OsStr], flags: &[&str]) {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let mut args: Vec<&std::ffi::OsStr> = vec!["cases".as_ref(), "run".as_ref()];
    args.extend(files);
    args.extend(flags.iter().map(AsRef::<std::ffi::OsStr>::as_ref));
    args.extend(["--data-dir".as_ref(), dir.path().as_os_str()]);
    let ran = run(&args);
    let (good, all) = passed(&ran.stdout).unwrap_or_else(|| panic!("no count: {ran:?}"));
    assert!(all >= 15, "only {all} cases were counted");
    assert_eq!(
        (good, ran.code),
        (all, Some(0)),
        "{}\n{}",
        ran.stdout,
        ran.stderr
    );
}

#[test]
fn a_case_that_fails_is_named_and_an_unknown_key_is_an_error() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, expected: &str| {
        let path = dir.path().join(name);
        let text = format!(
            "schema_version: 1\nsources: {{here: made up}}\ncases:\n- id: machine\n  title: a machine\n  class: licence\n  \
             as_of: '2026-10-01'\n  jurisdictions: [US]\n  item:\n    name: machine\n    kind: commodity\n  \
             transaction: {{origin: US, destination: KR, activity: export}}\n  expect:\n    us:\n      {expected}\n  \
             evidence: [{{source: here, locator: made up}}]\n  status: derived\n"
        );
        std::fs::write(&path, text).expect("the folder is writable");
        path
    };
    let wrong = write("wrong.yaml", "outcome: prohibited");
    let data = dir.path().join("data");
    let args = |file: &std::path::Path| {
        ["cases", "run", "--data-dir"]
            .map(std::ffi::OsString::from)
            .into_iter()
            .chain([data.clone().into_os_string(), file.as_os_str().to_owned()])
            .collect::<Vec<_>>()
    };
    let ran = run(args(&wrong));
    assert_eq!(
        (passed(&ran.stdout), ran.code),
        (Some((0, 1)), Some(1)),
        "{ran:?}"
    );
    assert!(ran.stdout.contains("machine"), "{}", ran.stdout);
    let unknown = write("unknown.yaml", "outcom: prohibited");
    let ran = run(args(&unknown));
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.stderr.contains("unknown.yaml:15:7"), "{}", ran.stderr);
}
