//! Reading settings from their three layers.

use config::{Config, File, FileFormat, Value, ValueKind};
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};

const PREFIX: &str = "CONCORD__";

/// Why settings could not be read. The binary prints it and exits 64.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file could not be read.
    #[error("configuration file `{path}` cannot be read: {problem}")]
    File {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        problem: std::io::Error,
    },
    /// The file is not TOML.
    #[error("configuration file `{source_name}` is not TOML: {problem}")]
    Syntax {
        /// The file, or the name given to a text.
        source_name: String,
        /// What the TOML reader says, with line and column, on one line.
        problem: String,
    },
    /// A key is unknown, missing or of the wrong type.
    #[error("configuration key `{key}` in {origin}: {problem}")]
    Key {
        /// The key with its path, such as `server.limits.concurrency`.
        key: String,
        /// The file, or the environment variable.
        origin: String,
        /// What is wrong and what would be right.
        problem: String,
    },
    /// Settings are each well formed and do not go together, or name something unusable.
    #[error("configuration key `{key}`: {problem}")]
    Invalid {
        /// The key with its path.
        key: String,
        /// What is wrong and what would be right.
        problem: String,
    },
}

impl ConfigError {
    /// Settings that do not go together; `problem` says what would be right.
    pub fn invalid(key: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Invalid {
            key: key.into(),
            problem: problem.into(),
        }
    }
}

/// Reads settings; see [`load`] for the usual case.
#[derive(Debug, Default)]
pub struct Loader {
    texts: Vec<(String, String)>,
    env: Option<Vec<(String, String)>>,
    ignored: Vec<String>,
}

/// Reads the settings of `T`: its own defaults, then the TOML file if one is given, then the
/// process's environment. `T` and every struct in it should be `deny_unknown_fields`.
pub fn load<T: DeserializeOwned>(path: Option<&Path>) -> Result<T, ConfigError> {
    let mut loader = Loader::new();
    if let Some(path) = path {
        loader = loader.file(path)?;
    }
    loader.load()
}

impl Loader {
    /// A loader with no file that reads the process's environment.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a TOML file; later files win.
    pub fn file(self, path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|problem| ConfigError::File {
            path: path.to_owned(),
            problem,
        })?;
        Ok(self.text(&path.display().to_string(), &text))
    }

    /// Adds a TOML text that errors will call `name`; later texts win.
    pub fn text(mut self, name: &str, text: &str) -> Self {
        self.texts.push((name.to_owned(), text.to_owned()));
        self
    }

    /// Replaces the process's environment, for tests and for several services in one process.
    pub fn env(mut self, vars: impl IntoIterator<Item = (String, String)>) -> Self {
        self.env = Some(vars.into_iter().collect());
        self
    }

    /// Leaves a variable that belongs to the command line alone: `DATA_DIR` stands for
    /// `CONCORD__DATA_DIR`.
    pub fn ignore_env(mut self, key: &str) -> Self {
        self.ignored.push(format!("{PREFIX}{key}"));
        self
    }

    /// Merges the layers and reads `T` from them.
    pub fn load<T: DeserializeOwned>(self) -> Result<T, ConfigError> {
        let mut builder = Config::builder();
        for (name, text) in &self.texts {
            // Read once by ourselves: the merge below forgets which file a syntax error is in.
            toml::from_str::<toml::Table>(text).map_err(|e| ConfigError::Syntax {
                source_name: name.clone(),
                problem: one_line(&e.to_string()),
            })?;
            builder = builder.add_source(File::from_str(text, FileFormat::Toml));
        }
        let mut from_env: Vec<(String, String)> = Vec::new();
        let vars = self.env.unwrap_or_else(|| std::env::vars().collect());
        for (name, text) in vars {
            let Some(rest) = name.strip_prefix(PREFIX) else {
                continue;
            };
            if self.ignored.contains(&name) {
                continue;
            }
            let key = rest
                .split("__")
                .map(str::to_ascii_lowercase)
                .collect::<Vec<_>>()
                .join(".");
            builder = builder
                .set_override(&key, env_value(&name, &text))
                .map_err(|e| ConfigError::Key {
                    key: key.clone(),
                    origin: name.clone(),
                    problem: e.to_string(),
                })?;
            from_env.push((key, name));
        }
        let merged = builder
            .build()
            .map_err(|e| ConfigError::invalid("", one_line(&e.to_string())))?;
        merged
            .try_deserialize::<T>()
            .map_err(|e| explain(e, &self.texts, &from_env))
    }
}

/// A variable's value: text, or a list or table written as TOML.
fn env_value(name: &str, text: &str) -> Value {
    let trimmed = text.trim_start();
    if trimmed.starts_with('[') || trimmed.starts_with('{') {
        let document = format!("v = {text}");
        if let Ok(table) = toml::from_str::<toml::Table>(&document)
            && let Some(value) = table.get("v")
        {
            return from_toml(name, value);
        }
    }
    Value::new(Some(&name.to_owned()), ValueKind::String(text.to_owned()))
}

fn from_toml(name: &str, value: &toml::Value) -> Value {
    let kind = match value {
        toml::Value::Integer(i) => ValueKind::I64(*i),
        toml::Value::Float(f) => ValueKind::Float(*f),
        toml::Value::Boolean(b) => ValueKind::Boolean(*b),
        toml::Value::Array(items) => {
            ValueKind::Array(items.iter().map(|v| from_toml(name, v)).collect())
        }
        toml::Value::Table(table) => ValueKind::Table(
            table
                .iter()
                .map(|(k, v)| (k.clone(), from_toml(name, v)))
                .collect(),
        ),
        toml::Value::String(text) => ValueKind::String(text.clone()),
        toml::Value::Datetime(date) => ValueKind::String(date.to_string()),
    };
    Value::new(Some(&name.to_owned()), kind)
}

/// Turns the merger's error into one that names key and source.
fn explain(
    error: config::ConfigError,
    texts: &[(String, String)],
    from_env: &[(String, String)],
) -> ConfigError {
    let (mut path, problem) = unwrap(&error);
    if let Some(unknown) = between(&problem, "unknown field `", "`") {
        // The merger gives the path of the table; the offending key is only in the message.
        if path.rsplit('.').next() != Some(unknown) {
            path = if path.is_empty() {
                unknown.to_owned()
            } else {
                format!("{path}.{unknown}")
            };
        }
    } else if let Some(missing) = between(&problem, "missing field `", "`")
        .or_else(|| between(&problem, "missing configuration field \"", "\""))
        && path.rsplit('.').next() != Some(missing)
    {
        path = if path.is_empty() {
            missing.to_owned()
        } else {
            format!("{path}.{missing}")
        };
    }
    let origin = from_env
        .iter()
        .find(|(key, _)| *key == path || path.starts_with(&format!("{key}.")))
        .map(|(_, variable)| format!("environment variable `{variable}`"))
        .or_else(|| {
            texts
                .iter()
                .rev()
                .find(|(_, text)| holds(text, &path))
                .map(|(n, _)| format!("`{n}`"))
        })
        .or_else(|| texts.last().map(|(n, _)| format!("`{n}`")))
        .unwrap_or_else(|| "the defaults (no file was given)".to_owned());
    ConfigError::Key {
        key: path,
        origin,
        problem,
    }
}

/// The key's path and the innermost message.
fn unwrap(error: &config::ConfigError) -> (String, String) {
    match error {
        config::ConfigError::At { error, key, .. } => {
            let (inner, problem) = unwrap(error);
            let outer = key.clone().unwrap_or_default();
            let path = match (outer.is_empty(), inner.is_empty()) {
                (true, _) => inner,
                (_, true) => outer,
                _ if inner.starts_with(&outer) => inner,
                _ => format!("{outer}.{inner}"),
            };
            (path, problem)
        }
        config::ConfigError::Type {
            unexpected,
            expected,
            key,
            ..
        } => (
            key.clone().unwrap_or_default(),
            format!("found {unexpected}, expected {expected}"),
        ),
        config::ConfigError::NotFound(key) => (key.clone(), "is required and absent".to_owned()),
        other => (String::new(), one_line(&other.to_string())),
    }
}

/// Whether a TOML text sets that key.
fn holds(text: &str, path: &str) -> bool {
    let Ok(table) = toml::from_str::<toml::Table>(text) else {
        return false;
    };
    let mut value = toml::Value::Table(table);
    for segment in path.split('.') {
        let segment = segment.split('[').next().unwrap_or(segment);
        match value.get(segment) {
            Some(next) => value = next.clone(),
            None => return false,
        }
    }
    true
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let rest = text.split_once(start)?.1;
    rest.split_once(end).map(|(inside, _)| inside)
}

fn one_line(text: &str) -> String {
    text.lines()
        .map(str::trim)
        .filter(|l| !l.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::super::{ServerConfig, TelemetryConfig};
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Default, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Settings {
        server: ServerConfig,
        telemetry: TelemetryConfig,
    }

    fn read(text: &str, env: &[(&str, &str)]) -> Result<Settings, ConfigError> {
        Loader::new()
            .text("service.toml", text)
            .env(env.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())))
            .load()
    }

    #[test]
    fn later_layers_win_and_other_variables_are_left_alone() {
        let text = r#"
            [server]
            listen = "127.0.0.1:1234"
            [server.limits]
            concurrency = 7
            [server.allow]
            "/pkg.v1.Service/Method" = ["spiffe://us.example/agency/*/x"]
        "#;
        let env = [
            ("CONCORD__SERVER__LIMITS__CONCURRENCY", "9"),
            ("CONCORD__SERVER__DEV_PLAINTEXT", "true"),
            ("CONCORD__TELEMETRY__FILTER", "debug"),
            ("CONCORD_SERVICE_HOST", "10.0.0.1"),
        ];
        let settings = read(text, &env).unwrap();
        assert_eq!(settings.server.listen.port(), 1234);
        assert_eq!(settings.server.limits.concurrency, 9);
        assert!(settings.server.dev_plaintext);
        assert_eq!(settings.telemetry.filter, "debug");
        assert!(settings.server.allow.contains_key("/pkg.v1.Service/Method"));
        let env = [(
            "CONCORD__SERVER__ALLOW",
            r#"{"/a.B/C" = ["spiffe://us.example/agency/a/b"]}"#,
        )];
        assert_eq!(read("", &env).unwrap().server.allow["/a.B/C"].len(), 1);
    }

    #[test]
    fn errors_name_key_and_source_and_what_would_be_right() {
        for (text, env, wanted) in [
            (
                "[server]\nlisten_adress = \"x\"",
                None,
                ["server.listen_adress", "service.toml", "expected one of"],
            ),
            (
                "[server.limits]\nconcurrency = \"many\"",
                None,
                [
                    "server.limits.concurrency",
                    "service.toml",
                    "expected an integer",
                ],
            ),
            (
                "[server]\nlisten = \"here\"",
                None,
                ["server.listen", "service.toml", "invalid socket address"],
            ),
            (
                "",
                Some(("CONCORD__SERVER__PORT", "1")),
                ["server.port", "CONCORD__SERVER__PORT", "expected one of"],
            ),
            (
                "",
                Some(("CONCORD__TYPO", "1")),
                ["typo", "CONCORD__TYPO", "expected"],
            ),
            ("[server", None, ["service.toml", "not TOML", "line 1"]),
            (
                "[server.allow]\n\"/a.B/C\" = [\"spiffe://x/y\"]",
                None,
                ["server.allow", "service.toml", "spiffe://<trust domain>"],
            ),
        ] {
            let env: Vec<_> = env.into_iter().collect();
            let error = read(text, &env).unwrap_err().to_string();
            for part in wanted {
                assert!(error.contains(part), "`{part}` is not in: {error}");
            }
        }
    }
}
