//! Who calls, and what they may call: denied until named.

use crate::{
    spiffe::{IdentityPattern, SpiffeId},
    status::{Problem, reason},
};
use std::{collections::HashMap, sync::Arc};
use tonic::{Code, Status};

/// The verified identity of the caller, in the extensions of every request that reaches a handler.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PeerIdentity(Arc<SpiffeId>);

impl PeerIdentity {
    pub(crate) fn new(id: SpiffeId) -> Self {
        Self(Arc::new(id))
    }

    /// The identity itself.
    pub fn id(&self) -> &SpiffeId {
        &self.0
    }

    /// The caller of a request, or UNAUTHENTICATED where the request came past no listener of ours.
    pub fn of<T>(request: &tonic::Request<T>) -> Result<Self, Status> {
        request.extensions().get::<Self>().cloned().ok_or_else(|| {
            Problem::new(
                Code::Unauthenticated,
                reason::NO_IDENTITY,
                "the caller has no identity",
            )
            .into()
        })
    }
}

/// Full method path -> accepted identities.
#[derive(Clone, Debug, Default)]
pub(crate) struct AllowLists(HashMap<String, Vec<IdentityPattern>>);

impl AllowLists {
    pub(crate) fn add(
        &mut self,
        method: &str,
        patterns: impl IntoIterator<Item = IdentityPattern>,
    ) {
        self.0
            .entry(method.to_owned())
            .or_default()
            .extend(patterns);
    }

    pub(crate) fn methods(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    pub(crate) fn names(&self, method: &str) -> bool {
        self.0.get(method).is_some_and(|list| !list.is_empty())
    }

    /// Refuses a caller whom the method's list does not name.
    pub(crate) fn check(&self, method: &str, peer: &PeerIdentity) -> Result<(), Problem> {
        if self.accepts(method, peer.id()) {
            return Ok(());
        }
        tracing::warn!(peer = %peer.id(), method, "caller is not on the method's list");
        let text = "the caller's identity is not on this method's list";
        Err(
            Problem::new(Code::PermissionDenied, reason::CALLER_NOT_ALLOWED, text)
                .with("identity", peer.id().to_string()),
        )
    }

    /// Health and reflection tell nothing that a verified peer may not know.
    fn accepts(&self, method: &str, id: &SpiffeId) -> bool {
        match self.0.get(method) {
            Some(list) => list.iter().any(|pattern| pattern.matches(id)),
            None => {
                method.starts_with("/grpc.health.v1.") || method.starts_with("/grpc.reflection.")
            }
        }
    }
}
