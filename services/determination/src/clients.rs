//! The services this one asks, and the counterparts.

use std::collections::BTreeMap;
use std::time::Duration;

use concord_kit::cache::Cache;
use concord_kit::client::Channel;
use concord_proto::audit::audit_service_client::AuditServiceClient;
use concord_proto::classification::classification_service_client::ClassificationServiceClient;
use concord_proto::federation::federation_service_client::FederationServiceClient;
use concord_proto::screening::screening_service_client::ScreeningServiceClient;

use crate::Disclosure;

/// Largest answer of the deployment's own services, whatever its own answer may be: a record and what comes with it.
const OWN_ANSWERS: usize = 17 * 1024 * 1024;

/// Channels of the deployment's own services and of the counterparts.
#[derive(Clone, Debug)]
pub struct Clients {
    pub classification: Channel,
    pub screening: Channel,
    pub audit: Channel,
    pub counterparts: BTreeMap<String, Counterpart>,
    /// Complete answers of counterparts, by the whole question.
    pub answers: Cache,
    /// Largest answer that is given.
    pub answer_bytes: usize,
}

/// One counterpart.
#[derive(Debug, Clone)]
pub struct Counterpart {
    pub channel: Channel,
    pub agency: String,
    pub disclosure: Disclosure,
    /// How long a complete answer is kept; zero: not at all.
    pub keep: Duration,
    /// Largest answer that is taken.
    pub answer_bytes: usize,
}

impl Clients {
    pub fn classification(&self) -> ClassificationServiceClient<Channel> {
        ClassificationServiceClient::new(self.classification.clone())
            .max_decoding_message_size(OWN_ANSWERS)
    }

    pub fn screening(&self) -> ScreeningServiceClient<Channel> {
        ScreeningServiceClient::new(self.screening.clone()).max_decoding_message_size(OWN_ANSWERS)
    }

    pub fn audit(&self) -> AuditServiceClient<Channel> {
        AuditServiceClient::new(self.audit.clone()).max_decoding_message_size(OWN_ANSWERS)
    }
}

impl Counterpart {
    pub fn client(&self) -> FederationServiceClient<Channel> {
        FederationServiceClient::new(self.channel.clone())
            .max_decoding_message_size(self.answer_bytes)
    }
}
