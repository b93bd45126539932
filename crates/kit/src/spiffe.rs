//! SPIFFE identities: `spiffe://<trust domain>/agency/<agency>/<service>`, and patterns of them.
//!
//! Source: SPIFFE-ID (github.com/spiffe/spiffe, standards/SPIFFE-ID.md) sections 2.1 to 2.3; the
//! shape of the path is ours.

use serde::Deserialize;
use std::{fmt, str::FromStr};

/// The longest identity that is read, in bytes (SPIFFE-ID 2.3).
const MAX_LEN: usize = 2048;
const SHAPE: &str = "spiffe://<trust domain>/agency/<agency>/<service>";

/// Why a text is not an identity or a pattern of identities.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an accepted identity: {problem}; expected `{SHAPE}`")]
pub struct SpiffeError {
    text: String,
    problem: &'static str,
}

/// One workload's identity.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct SpiffeId {
    trust_domain: String,
    agency: String,
    service: String,
}

/// Which identities are accepted: an exact identity, or one in which `<agency>` or `<service>`
/// is `*`. The trust domain is always exact.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct IdentityPattern {
    trust_domain: String,
    agency: Option<String>,
    service: Option<String>,
}

// === impl SpiffeId ===

impl SpiffeId {
    /// Builds an identity from its three parts; refuses what [`FromStr`] would refuse.
    pub fn new(trust_domain: &str, agency: &str, service: &str) -> Result<Self, SpiffeError> {
        format!("spiffe://{trust_domain}/agency/{agency}/{service}").parse()
    }

    /// Who a caller is on a plaintext loopback listener: `spiffe://dev.local/agency/dev/local`.
    pub fn dev() -> Self {
        Self {
            trust_domain: "dev.local".to_owned(),
            agency: "dev".to_owned(),
            service: "local".to_owned(),
        }
    }

    /// The trust domain, in lower case.
    pub fn trust_domain(&self) -> &str {
        &self.trust_domain
    }

    /// The agency segment.
    pub fn agency(&self) -> &str {
        &self.agency
    }

    /// The service segment.
    pub fn service(&self) -> &str {
        &self.service
    }
}

impl fmt::Display for SpiffeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            trust_domain,
            agency,
            service,
        } = self;
        write!(f, "spiffe://{trust_domain}/agency/{agency}/{service}")
    }
}

impl FromStr for SpiffeId {
    type Err = SpiffeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let [trust_domain, agency, service] = parts(text, false)?;
        Ok(Self {
            trust_domain,
            agency,
            service,
        })
    }
}

impl TryFrom<String> for SpiffeId {
    type Error = SpiffeError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

// === impl IdentityPattern ===

impl IdentityPattern {
    /// Whether the identity is one of those accepted.
    pub fn matches(&self, id: &SpiffeId) -> bool {
        self.trust_domain == id.trust_domain
            && self
                .agency
                .as_ref()
                .is_none_or(|agency| *agency == id.agency)
            && self
                .service
                .as_ref()
                .is_none_or(|service| *service == id.service)
    }
}

impl fmt::Display for IdentityPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let agency = self.agency.as_deref().unwrap_or("*");
        let service = self.service.as_deref().unwrap_or("*");
        write!(
            f,
            "spiffe://{}/agency/{agency}/{service}",
            self.trust_domain
        )
    }
}

impl FromStr for IdentityPattern {
    type Err = SpiffeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let [trust_domain, agency, service] = parts(text, true)?;
        let segment = |s: String| (s != "*").then_some(s);
        Ok(Self {
            trust_domain,
            agency: segment(agency),
            service: segment(service),
        })
    }
}

impl TryFrom<String> for IdentityPattern {
    type Error = SpiffeError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<&SpiffeId> for IdentityPattern {
    fn from(id: &SpiffeId) -> Self {
        Self {
            trust_domain: id.trust_domain.clone(),
            agency: Some(id.agency.clone()),
            service: Some(id.service.clone()),
        }
    }
}

/// Splits an identity into trust domain, agency and service.
fn parts(text: &str, wildcards: bool) -> Result<[String; 3], SpiffeError> {
    let bad = |problem| SpiffeError {
        text: text.chars().take(200).collect(),
        problem,
    };
    if text.len() > MAX_LEN {
        return Err(bad("it is longer than 2048 bytes"));
    }
    let rest = text
        .strip_prefix("spiffe://")
        .ok_or_else(|| bad("the scheme is not `spiffe`"))?;
    let mut segments = rest.split('/');
    let (Some(trust_domain), Some("agency"), Some(agency), Some(service), None) = (
        segments.next(),
        segments.next(),
        segments.next(),
        segments.next(),
        segments.next(),
    ) else {
        return Err(bad("the path is not of that shape"));
    };
    let lower =
        |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'_');
    if trust_domain.is_empty() || !trust_domain.bytes().all(lower) {
        return Err(bad(
            "the trust domain may hold only `a-z`, `0-9`, `.`, `-`, `_`",
        ));
    }
    for segment in [agency, service] {
        if wildcards && segment == "*" {
            continue;
        }
        let fine = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
        if segment.is_empty() || matches!(segment, "." | "..") || !segment.bytes().all(fine) {
            return Err(bad(
                "a segment may hold only letters, digits, `.`, `-`, `_`",
            ));
        }
    }
    Ok([trust_domain, agency, service].map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities_are_read_strictly() {
        let id: SpiffeId = "spiffe://us.example/agency/bis/determination"
            .parse()
            .unwrap();
        assert_eq!(
            (id.trust_domain(), id.agency(), id.service()),
            ("us.example", "bis", "determination")
        );
        assert_eq!(
            id.to_string(),
            "spiffe://us.example/agency/bis/determination"
        );
        for text in [
            "",
            "https://us.example/agency/bis/x",
            "spiffe://us.example/agency/bis",
            "spiffe://us.example/agency/bis/x/y",
            "spiffe://us.example/agency/bis/x/",
            "spiffe://us.example/agency//x",
            "spiffe://US.example/agency/bis/x",
            "spiffe://us.example:443/agency/bis/x",
            "spiffe://us.example/agency/*/x",
            "spiffe://us.example/agency/../x",
            "spiffe://us.example/agency/b%69s/x",
            "spiffe://us.example/ns/bis/x",
        ] {
            assert!(text.parse::<SpiffeId>().is_err(), "{text} was accepted");
        }
    }

    #[test]
    fn a_pattern_never_leaves_its_trust_domain() {
        let pattern: IdentityPattern = "spiffe://us.example/agency/*/determination"
            .parse()
            .unwrap();
        let id = |text: &str| text.parse::<SpiffeId>().unwrap();
        assert!(pattern.matches(&id("spiffe://us.example/agency/bis/determination")));
        assert!(!pattern.matches(&id("spiffe://kr.example/agency/bis/determination")));
        assert!(!pattern.matches(&id("spiffe://us.example/agency/bis/audit")));
        assert!(
            "spiffe://*/agency/bis/audit"
                .parse::<IdentityPattern>()
                .is_err()
        );
        assert_eq!(
            pattern.to_string(),
            "spiffe://us.example/agency/*/determination"
        );
    }
}
