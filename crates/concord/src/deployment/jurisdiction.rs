//! The jurisdictions that this program can start, and their shipped settings.

use anyhow::Result;
use concord_kit::config::Loader;
use serde::de::DeserializeOwned;

/// The jurisdictions that this program can start as deployments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Jurisdiction {
    /// The United States.
    Us,
    /// South Korea.
    Kr,
}

impl Jurisdiction {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Us, Self::Kr];

    /// The code on the wire.
    pub fn code(self) -> &'static str {
        match self {
            Self::Us => "US",
            Self::Kr => "KR",
        }
    }

    /// The folder name, also accepted on the command line.
    pub fn folder(self) -> &'static str {
        match self {
            Self::Us => "us",
            Self::Kr => "kr",
        }
    }

    /// The one named `us` or `kr`, in any case.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|j| j.folder().eq_ignore_ascii_case(text))
    }

    /// The agency in its identities.
    pub fn agency(self) -> &'static str {
        match self {
            Self::Us => "bis",
            Self::Kr => "motir",
        }
    }

    /// Its trust domain.
    pub fn trust_domain(self) -> &'static str {
        match self {
            Self::Us => "us.concord.example",
            Self::Kr => "kr.concord.example",
        }
    }

    /// The other one of the two.
    pub fn other(self) -> Self {
        match self {
            Self::Us => Self::Kr,
            Self::Kr => Self::Us,
        }
    }

    /// The shipped settings of a service, as deployed.
    pub(super) fn settings(self, service: &str) -> &'static str {
        match (self, service) {
            (Self::Us, "classification") => {
                include_str!("../../../../deploy/config/us/classification.toml")
            }
            (Self::Us, "screening") => include_str!("../../../../deploy/config/us/screening.toml"),
            (Self::Us, "audit") => include_str!("../../../../deploy/config/us/audit.toml"),
            (Self::Us, _) => include_str!("../../../../deploy/config/us/determination.toml"),
            (Self::Kr, "classification") => {
                include_str!("../../../../deploy/config/kr/classification.toml")
            }
            (Self::Kr, "screening") => include_str!("../../../../deploy/config/kr/screening.toml"),
            (Self::Kr, "audit") => include_str!("../../../../deploy/config/kr/audit.toml"),
            (Self::Kr, _) => include_str!("../../../../deploy/config/kr/determination.toml"),
        }
    }
}

/// The shipped settings of a service.
pub(super) fn settings<T: DeserializeOwned>(j: Jurisdiction, service: &str) -> Result<T> {
    let name = format!("deploy/config/{}/{service}.toml", j.folder());
    let loader = Loader::new().text(&name, j.settings(service)).env([]);
    Ok(loader.load()?)
}
