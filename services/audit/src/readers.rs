//! Who may read which records: a deployment's own services all of them, an agency's system its own.

use concord_kit::peer::PeerIdentity;
use concord_kit::spiffe::IdentityPattern;
use tonic::{Code, Request, Status};

use crate::error::{reason, refuse};

/// The method whose callers store records for others, and so may read them.
pub(crate) const APPEND: &str = "/concord.audit.v1.AuditService/Append";

/// The identities that read every record.
#[derive(Clone, Debug, Default)]
pub(crate) struct Readers(pub Vec<IdentityPattern>);

/// Whose records a caller may read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Everybody's.
    All,
    /// Those made on behalf of this identity.
    Own(String),
}

impl Readers {
    /// The scope of a call's caller.
    ///
    /// # Errors
    /// A call without an identity.
    pub fn scope<T>(&self, request: &Request<T>) -> Result<Scope, Status> {
        let peer = PeerIdentity::of(request)?;
        let all = self.0.iter().any(|pattern| pattern.matches(peer.id()));
        Ok(match all {
            true => Scope::All,
            false => Scope::Own(peer.id().to_string()),
        })
    }
}

impl Scope {
    /// Whether a record made on behalf of `caller` may be read.
    pub fn has(&self, caller: &str) -> bool {
        match self {
            Self::All => true,
            Self::Own(own) => own == caller,
        }
    }

    /// Refuses what only readers of every record may ask.
    ///
    /// # Errors
    /// PERMISSION_DENIED.
    pub fn require_all(&self) -> Result<(), Status> {
        match self {
            Self::All => Ok(()),
            Self::Own(_) => {
                let text = "the caller may read the records made on its own behalf, one by one";
                Err(refuse(
                    Code::PermissionDenied,
                    reason::OWN_RECORDS_ONLY,
                    text,
                ))
            }
        }
    }
}
