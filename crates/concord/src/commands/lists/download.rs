//! Files of a publisher's server: fetched under conditions, limited, complete.

use std::io::{IsTerminal, Read};
use std::sync::Arc;
use std::time::Duration;

use ureq::Agent;
use ureq::http::header::{ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};
use ureq::http::{HeaderMap, HeaderName, StatusCode};
use ureq::tls::{Certificate, RootCerts, TlsConfig};

/// What a server said of a file when it was fetched: sent back to ask whether it has changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Validators {
    /// `ETag` as sent.
    pub etag: String,
    /// `Last-Modified` as sent.
    pub last_modified: String,
}

/// What came back.
#[derive(Debug)]
pub enum Fetched {
    /// The file is still the one that the validators are of.
    Unchanged,
    /// A complete new file.
    Changed(Vec<u8>, Validators),
}

/// Fetches files with one TLS configuration: the machine's own roots, and the cryptography that the services use.
#[derive(Debug)]
pub struct Downloader {
    agent: Agent,
    max_bytes: u64,
}

impl Downloader {
    /// `max_bytes`: the most that a file may have.
    pub fn new(max_bytes: u64) -> Self {
        let roots = rustls_native_certs::load_native_certs();
        for problem in &roots.errors {
            eprintln!("a root certificate of this machine cannot be read: {problem}");
        }
        let roots: Vec<Certificate<'static>> = roots
            .certs
            .iter()
            .map(|der| Certificate::from_der(der).to_owned())
            .collect();
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::new_with_certs(&roots))
            .unversioned_rustls_crypto_provider(Arc::new(
                rustls::crypto::aws_lc_rs::default_provider(),
            ))
            .build();
        let agent = Agent::config_builder()
            .tls_config(tls)
            .http_status_as_error(false)
            .user_agent(concat!("concord/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(Duration::from_secs(20)))
            .timeout_recv_response(Some(Duration::from_secs(60)))
            .timeout_recv_body(Some(Duration::from_secs(900)))
            .build()
            .new_agent();
        Self { agent, max_bytes }
    }

    /// Fetches `url` unless it is still what `known` says.
    ///
    /// # Errors
    /// What went wrong, in words: no connection, another status than 200 and 304, a file that is too large or whose
    /// end did not come.
    pub fn get(&self, url: &str, known: &Validators) -> Result<Fetched, String> {
        let mut request = self.agent.get(url);
        for (header, value) in [
            (IF_NONE_MATCH, &known.etag),
            (IF_MODIFIED_SINCE, &known.last_modified),
        ] {
            if !value.is_empty() {
                request = request.header(header, value);
            }
        }
        let mut response = request.call().map_err(|e| e.to_string())?;
        match response.status() {
            StatusCode::NOT_MODIFIED if *known != Validators::default() => {
                return Ok(Fetched::Unchanged);
            }
            StatusCode::OK => {}
            other => return Err(format!("the server answered {other}")),
        }
        let validators = Validators {
            etag: text(response.headers(), &ETAG),
            last_modified: text(response.headers(), &LAST_MODIFIED),
        };
        let expected = response.body().content_length();
        let too_large = || {
            format!(
                "larger than {} bytes; raise `max_bytes` of the source if this is right",
                self.max_bytes
            )
        };
        if expected.is_some_and(|n| n > self.max_bytes) {
            return Err(too_large());
        }
        let mut bytes = Vec::new();
        let mut progress = Progress::new(url, expected);
        let mut reader = response.body_mut().as_reader().take(self.max_bytes + 1);
        let mut part = vec![0_u8; 64 * 1024];
        loop {
            let read = reader
                .read(&mut part)
                .map_err(|e| format!("the connection ended after {} bytes: {e}", bytes.len()))?;
            if read == 0 {
                break;
            }
            bytes.extend_from_slice(part.get(..read).unwrap_or_default());
            progress.at(bytes.len() as u64);
        }
        progress.end();
        let length = bytes.len() as u64;
        if length > self.max_bytes {
            return Err(too_large());
        }
        if let Some(expected) = expected.filter(|expected| *expected != length) {
            return Err(format!("{length} of {expected} bytes came"));
        }
        if length == 0 {
            return Err("an empty file came".to_owned());
        }
        Ok(Fetched::Changed(bytes, validators))
    }
}

fn text(headers: &HeaderMap, name: &HeaderName) -> String {
    headers
        .get(name)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default()
        .to_owned()
}

/// How far a download is, on stderr: one line that moves on a terminal, a line for each quarter elsewhere.
struct Progress<'a> {
    url: &'a str,
    expected: Option<u64>,
    terminal: bool,
    shown: u64,
}

impl<'a> Progress<'a> {
    const STEP: u64 = 256 * 1024;

    fn new(url: &'a str, expected: Option<u64>) -> Self {
        Self {
            url,
            expected,
            terminal: std::io::stderr().is_terminal(),
            shown: 0,
        }
    }

    fn at(&mut self, bytes: u64) {
        let step = if self.terminal {
            Self::STEP
        } else {
            self.expected
                .unwrap_or(u64::MAX)
                .div_ceil(4)
                .max(4 * Self::STEP)
        };
        if bytes < self.shown.saturating_add(step) {
            return;
        }
        self.shown = bytes;
        let of = self
            .expected
            .map_or(String::new(), |all| format!(" of {}", megabytes(all)));
        let (start, end) = if self.terminal {
            ("\r", "")
        } else {
            ("", "\n")
        };
        eprint!("{start}{}: {}{of} MB{end}", self.url, megabytes(bytes));
    }

    fn end(&self) {
        if self.terminal && self.shown > 0 {
            eprintln!();
        }
    }
}

/// Millions of bytes with one decimal, without floating point.
fn megabytes(bytes: u64) -> String {
    let tenths = bytes / 100_000;
    format!("{}.{}", tenths / 10, tenths % 10)
}
