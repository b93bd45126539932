//! The built `concord` program, run as a person or a script runs it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// What a run left.
#[derive(Debug)]
pub struct Ran {
    /// Exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// Data.
    pub stdout: String,
    /// Everything else.
    pub stderr: String,
}

impl Ran {
    /// Stdout as one JSON document.
    ///
    /// # Panics
    /// When it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("stdout is not one JSON document: {error}\n{self:?}"))
    }
}

/// The program: `CONCORD_BIN` if it is set, else built once with the profile of the tests.
pub fn concord() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        if let Some(path) = std::env::var_os("CONCORD_BIN") {
            return PathBuf::from(path);
        }
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let built = Command::new(cargo)
            .args([
                "build",
                "--quiet",
                "--locked",
                "-p",
                "concord",
                "--message-format",
                "json",
            ])
            .current_dir(crate::repository())
            .stderr(Stdio::inherit())
            .output()
            .expect("cargo runs");
        assert!(built.status.success(), "the program does not build");
        let lines = String::from_utf8(built.stdout).expect("cargo prints text");
        let path = lines
            .lines()
            .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
            .filter(|message| message["target"]["name"] == "concord")
            .find_map(|message| message["executable"].as_str().map(PathBuf::from));
        path.expect("cargo names the program that it built")
    })
}

/// Runs the program with those arguments, away from any settings of this machine.
pub fn run<A: AsRef<OsStr>>(args: impl IntoIterator<Item = A>) -> Ran {
    run_in(Path::new("."), args)
}

/// Like [`run`], in that folder.
pub fn run_in<A: AsRef<OsStr>>(folder: &Path, args: impl IntoIterator<Item = A>) -> Ran {
    let mut command = Command::new(concord());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CONCORD") {
            command.env_remove(name);
        }
    }
    let out = command
        .args(args)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .expect("the program runs");
    Ran {
        code: out.status.code(),
        stdout: String::from_utf8(out.stdout).expect("stdout is UTF-8"),
        stderr: String::from_utf8(out.stderr).expect("stderr is UTF-8"),
    }
}
