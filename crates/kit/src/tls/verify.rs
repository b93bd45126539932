//! Verifiers that choose the CA certificates by the peer's trust domain.

use super::{material::identity, provider};
use crate::spiffe::{IdentityPattern, SpiffeId};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, OtherError, RootCertStore,
    SignatureScheme,
    client::{
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_cert_signed_by_trust_anchor,
    },
    crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature},
    server::{
        ParsedCertificate,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use std::{collections::HashMap, fmt, sync::Arc};

type Domain = (Arc<RootCertStore>, Arc<dyn ClientCertVerifier>);

/// Trust domain -> its own CA certificates. Verifies clients; [`ServerVerifier`] verifies servers.
pub(super) struct TrustBundles {
    domains: HashMap<String, Domain>,
    provider: Arc<CryptoProvider>,
}

/// What our log says when a peer's identity is refused; the peer only sees a TLS alert.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Refused(String);

fn refused(why: impl Into<String>) -> Error {
    let error = OtherError(Arc::new(Refused(why.into())));
    Error::InvalidCertificate(CertificateError::Other(error))
}

impl TrustBundles {
    pub fn new(domains: HashMap<String, Domain>) -> Self {
        Self {
            domains,
            provider: provider(),
        }
    }

    pub fn server_verifier(self: &Arc<Self>, expected: Vec<IdentityPattern>) -> ServerVerifier {
        ServerVerifier {
            bundles: self.clone(),
            expected,
        }
    }

    /// The identity a certificate claims, and the bundle that may vouch for it.
    fn claim(&self, certificate: &CertificateDer<'_>) -> Result<(SpiffeId, &Domain), Error> {
        let id = identity(certificate).map_err(|e| refused(format!("peer certificate {e}")))?;
        let domain = self.domains.get(id.trust_domain()).ok_or_else(|| {
            refused(format!(
                "peer `{id}` is of a trust domain that has no bundle here"
            ))
        })?;
        Ok((id, domain))
    }

    fn schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }

    fn tls12(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn tls13(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }
}

impl fmt::Debug for TrustBundles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.domains.keys()).finish()
    }
}

impl ClientCertVerifier for TrustBundles {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        // None: a hint would tell strangers whom we trust, and our clients have one certificate.
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let (_, (_, verifier)) = self.claim(end_entity)?;
        verifier.verify_client_cert(end_entity, intermediates, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.tls12(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.tls13(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.schemes()
    }
}

/// Accepts servers that have one of the expected identities, whatever host name they run under.
#[derive(Debug)]
pub(super) struct ServerVerifier {
    bundles: Arc<TrustBundles>,
    expected: Vec<IdentityPattern>,
}

impl ServerCertVerifier for ServerVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let (id, (roots, _)) = self.bundles.claim(end_entity)?;
        let parsed = ParsedCertificate::try_from(end_entity)?;
        let algorithms = self.bundles.provider.signature_verification_algorithms.all;
        verify_server_cert_signed_by_trust_anchor(&parsed, roots, intermediates, now, algorithms)?;
        if !self.expected.iter().any(|pattern| pattern.matches(&id)) {
            return Err(refused(format!(
                "server is `{id}`, which is not who was expected"
            )));
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.bundles.tls12(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.bundles.tls13(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.bundles.schemes()
    }
}
