//! Mutual TLS with SPIFFE identities; our own acceptor and connector, so that certificates and
//! bundles reload from disk without a dropped call.
//!
//! A peer shows exactly one URI SAN, and each trust domain is verified only against its own
//! bundle: a CA of one domain cannot sign names of another. Sessions are never resumed, because a
//! resumed session would skip a bundle that has changed. Source: SPIFFE X509-SVID sections 2, 4, 5.

mod material;
mod reload;
mod verify;

pub use material::identity_of;
pub use reload::Tls;

use std::sync::Arc;

/// Makes aws-lc-rs the process's provider for libraries that ask for a default (Redis, OTLP).
/// Call it first in `main`; calling it again does nothing.
pub fn install_crypto() {
    // An error only says that one is installed already.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}
