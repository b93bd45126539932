//! The HTTP listener: the log as static files for anybody (C2SP tlog-tiles), and the witness for
//! counterparts' logs (C2SP tlog-witness). Nothing here needs an identity: what is read is blinded and
//! signed, and what is asked of the witness is signed by the log that asks.

mod listen;

use std::collections::BTreeMap;
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use concord_tlog::hash::Hash;
use concord_tlog::note::MAX_NOTE_BYTES;
use concord_tlog::tiles::{Resource, encode_entries};
use concord_tlog::witness::Refusal;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{
    ACCEPT_ENCODING, ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, HeaderValue, VARY,
};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use serde::Deserialize;
use tonic::Status;

use crate::counterpart::{CosignOffer, Counterpart};
use crate::error::read_failed;
use crate::reader::Reader;
use crate::store::{Reads, StoreError};
use crate::writer::WriterHandle;

pub(crate) use listen::{BoundHttp, ListenError};

/// A proof of 63 lines beside the largest note.
const MAX_REQUEST_BYTES: usize = MAX_NOTE_BYTES + 64 * 45 + 64;
/// How long one request may take.
const REQUEST_TIME: Duration = Duration::from_secs(10);
/// What never changes may be kept for ever.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";
/// What changes is asked for again; an absent tile may be there next time.
const FRESH: &str = "no-cache";

/// The HTTP listener.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpConfig {
    /// Where it is served; port 0 takes a free port.
    pub listen: SocketAddr,
    /// Server certificate; absent: plaintext, since everything that is served is public and signed.
    #[serde(default)]
    pub tls: Option<HttpTlsConfig>,
    /// Open connections; further ones wait in the kernel's queue. Default 256.
    #[serde(default = "connections")]
    pub connections: usize,
    /// Longest life of a connection, in seconds, however slowly its client reads or writes: a place
    /// is free again after it. Default 60.
    #[serde(default = "connection_seconds")]
    pub connection_seconds: u64,
}

/// Certificate and key of the HTTP listener. Clients are not asked for one.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpTlsConfig {
    /// PEM file: the certificate, then intermediates.
    pub cert: PathBuf,
    /// PEM file: the private key.
    pub key: PathBuf,
}

fn connections() -> usize {
    256
}

fn connection_seconds() -> u64 {
    60
}

/// What requests are answered from.
pub(crate) struct Site {
    pub reader: Reader,
    pub writer: WriterHandle,
    pub counterparts: Arc<BTreeMap<String, Counterpart>>,
    /// Whether we have a key to cosign with.
    pub witness: bool,
}

impl std::fmt::Debug for Site {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Site(..)")
    }
}

type Answer = Response<Body>;

fn answer(status: StatusCode, kind: &'static str, cache: &'static str, body: Vec<u8>) -> Answer {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers: &mut HeaderMap = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache));
    response
}

fn text(status: StatusCode, body: impl Into<String>) -> Answer {
    let kind = "text/plain; charset=utf-8";
    answer(status, kind, FRESH, body.into().into_bytes())
}

fn not_found() -> Answer {
    text(StatusCode::NOT_FOUND, "not found\n")
}

fn failed(error: &dyn std::fmt::Display) -> Answer {
    tracing::error!(%error, "an HTTP request failed");
    text(StatusCode::INTERNAL_SERVER_ERROR, "internal error\n")
}

fn only(methods: &[Method]) -> Answer {
    let mut response = text(StatusCode::METHOD_NOT_ALLOWED, "method not allowed\n");
    let names: Vec<_> = methods.iter().map(Method::as_str).collect();
    if let Ok(names) = HeaderValue::from_str(&names.join(", ")) {
        response.headers_mut().insert(ALLOW, names);
    }
    response
}

impl Site {
    /// Answers one request.
    pub async fn handle(&self, request: Request<Body>) -> Answer {
        let limit = tokio::time::timeout(REQUEST_TIME, self.route(request));
        let late = |_| text(StatusCode::SERVICE_UNAVAILABLE, "too slow, try again\n");
        limit.await.unwrap_or_else(late)
    }

    async fn route(&self, request: Request<Body>) -> Answer {
        let path = request.uri().path().to_owned();
        if path == "/witness/add-checkpoint" {
            return match *request.method() {
                Method::POST => self.add_checkpoint(request.into_body()).await,
                _ => only(&[Method::POST]),
            };
        }
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return only(&[Method::GET, Method::HEAD]);
        }
        let path = path.strip_prefix('/').unwrap_or_default();
        let head = *request.method() == Method::HEAD;
        let gzip = takes_gzip(request.headers());
        let response = if path == "checkpoint" {
            self.checkpoint().await
        } else if let Some(resource) = Resource::parse(path) {
            self.tile(resource, gzip).await
        } else if let Some(origin) = path
            .strip_prefix("witness/")
            .and_then(|rest| rest.strip_suffix("/checkpoint"))
        {
            self.cosigned(origin).await
        } else {
            not_found()
        };
        match head {
            true => response.map(|_| Body::empty()),
            false => response,
        }
    }

    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&dyn Reads) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Status> {
        self.reader
            .run(move |reads| read(reads).map_err(read_failed))
            .await
    }

    /// The latest checkpoint that has the cosignatures of the policy; without a policy the latest.
    async fn checkpoint(&self) -> Answer {
        let found = self.read(|reads| match reads.witnessed()? {
            Some(witnessed) => Ok(Some(witnessed)),
            None => reads.latest(),
        });
        match found.await {
            Ok(Some(signed)) => text(StatusCode::OK, signed.note),
            Ok(None) => not_found(),
            Err(error) => failed(&error),
        }
    }

    async fn tile(&self, resource: Resource, gzip: bool) -> Answer {
        let tile = resource.tile();
        // Hashes do not shrink; a leaf has fields that it shares with its neighbours, and zeros.
        let entries = matches!(resource, Resource::Entries(_));
        let bytes = self.read(move |reads| {
            let size = reads.latest()?.map_or(0, |latest| latest.size);
            if !tile.is_within(size) {
                return Ok(None);
            }
            let (first, count) = (tile.first(), tile.width());
            let (found, bytes) = match resource {
                Resource::Hashes(_) => {
                    let level = tile.level().saturating_mul(8);
                    let hashes = reads.nodes(level, first, count)?;
                    let bytes: Vec<u8> = hashes.iter().flat_map(|h| *h.as_bytes()).collect();
                    (hashes.len(), bytes)
                }
                Resource::Entries(_) => {
                    let leaves = reads.leaves(first, count)?;
                    let damaged = |e| StoreError::Damaged(format!("entries: {e}"));
                    (leaves.len(), encode_entries(&leaves).map_err(damaged)?)
                }
            };
            if found != usize::from(count) {
                return Err(StoreError::Damaged(format!("`{resource}` is not complete")));
            }
            let bytes = if gzip && entries {
                packed(&bytes)?
            } else {
                bytes
            };
            Ok(Some(bytes))
        });
        match bytes.await {
            Ok(Some(bytes)) => {
                let mut tile = answer(StatusCode::OK, "application/octet-stream", IMMUTABLE, bytes);
                if entries {
                    let headers = tile.headers_mut();
                    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
                    if gzip {
                        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
                    }
                }
                tile
            }
            Ok(None) => not_found(),
            Err(error) => failed(&error),
        }
    }

    /// The last checkpoint that we cosigned of the log whose origin has this SHA-256.
    async fn cosigned(&self, origin: &str) -> Answer {
        let named = |c: &Counterpart| format!("{:x}", Hash::of(&[c.origin.as_bytes()])) == origin;
        let found = self.counterparts.iter().find(|(_, c)| named(c));
        let Some(agency) = found.map(|(agency, _)| agency.clone()) else {
            return not_found();
        };
        match self.read(move |reads| reads.counterpart(&agency)).await {
            Ok(Some(signed)) => text(StatusCode::OK, signed.note),
            Ok(None) => not_found(),
            Err(error) => failed(&error),
        }
    }

    async fn add_checkpoint(&self, body: Body) -> Answer {
        if !self.witness {
            return text(StatusCode::NOT_FOUND, "this log is no witness\n");
        }
        let Ok(body) = to_bytes(body, MAX_REQUEST_BYTES).await else {
            return text(StatusCode::PAYLOAD_TOO_LARGE, "the request is too large\n");
        };
        let offer = match CosignOffer::read(&body, &*self.counterparts) {
            Ok(offer) => offer,
            Err(refusal) => return refused(&refusal),
        };
        match self.writer.cosign(offer).await {
            Ok(Ok(lines)) => text(StatusCode::OK, lines),
            Ok(Err(refusal)) => refused(&refusal),
            // Nothing has left: it may be asked again, and is answered by what is stored.
            Err(error) => text(StatusCode::SERVICE_UNAVAILABLE, format!("{error}\n")),
        }
    }
}

/// Whether the client takes gzip (RFC 9110 section 12.5.3).
fn takes_gzip(headers: &HeaderMap) -> bool {
    let lists = headers.get_all(ACCEPT_ENCODING).iter();
    let codings = lists
        .filter_map(|list| list.to_str().ok())
        .flat_map(|list| list.split(','));
    codings.into_iter().any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let weight = weight.trim().strip_prefix("q=").unwrap_or("1");
        name.trim().eq_ignore_ascii_case("gzip") && weight.parse::<f32>().is_ok_and(|q| q > 0.0)
    })
}

fn packed(bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    let written = packed.write_all(bytes).and_then(|()| packed.finish());
    written.map_err(|e| StoreError::Backend(Box::new(e)))
}

fn refused(refusal: &Refusal) -> Answer {
    let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::BAD_REQUEST);
    if let Refusal::OtherSize { cosigned } = refusal {
        let body = format!("{cosigned}\n").into_bytes();
        return answer(status, "text/x.tlog.size", FRESH, body);
    }
    if let Refusal::Inconsistent(why) = refusal {
        tracing::error!(%why, "a counterpart's checkpoint does not extend the one cosigned last");
    }
    text(status, format!("{refusal}\n"))
}
