//! A running service in dev plaintext, and a client.

use std::path::Path;

use concord_kit::client::Channel;
use concord_kit::config::{CacheConfig, ClientConfig, ServerConfig, TelemetryConfig};
use concord_kit::serve::RunningServer;
use concord_kit::telemetry::Telemetry;
use concord_proto::screening::screening_service_client::ScreeningServiceClient;
use concord_proto::screening::{ScreenRequest, ScreenResponse};
use concord_proto::types::{Party, ScreeningSummary, View};
use concord_screening::Config;

pub struct Server {
    pub running: RunningServer,
    pub client: ScreeningServiceClient<Channel>,
}

/// Settings for a store, looked at ten times a second.
pub fn config(lists_dir: &Path, required: Option<&[&str]>) -> Config {
    let method = |name: &str| format!("/concord.screening.v1.ScreeningService/{name}");
    let dev = "spiffe://dev.local/agency/dev/local";
    Config {
        server: ServerConfig {
            dev_plaintext: true,
            allow: ["Screen", "BatchScreen", "GetParty", "ListSources"]
                .map(|name| (method(name), vec![dev.parse().unwrap()]))
                .into(),
            ..ServerConfig::default()
        },
        telemetry: TelemetryConfig::default(),
        cache: CacheConfig::default(),
        jurisdiction: "US".to_owned(),
        lists_dir: lists_dir.to_owned(),
        required_lists: required.map(|all| all.iter().map(|l| (*l).to_owned()).collect()),
        max_age_days: 30,
        max_shrink_per_mille: 100,
        search_limit: 5_000_000,
        reload_interval_ms: 100,
        cache_ttl_s: 60,
    }
}

impl Server {
    pub async fn start(config: Config) -> Self {
        let telemetry = |name| Telemetry::new(name, &TelemetryConfig::default()).unwrap();
        let bound = concord_screening::build(config, telemetry("screening"))
            .await
            .unwrap();
        let running = bound.spawn();
        running.health().serving().await;
        let uri = format!("http://{}", running.addr());
        let channel = Channel::new(&ClientConfig::plaintext(uri), telemetry("client")).unwrap();
        Self {
            running,
            client: ScreeningServiceClient::new(channel),
        }
    }

    pub async fn screen(&self, parties: Vec<Party>) -> ScreeningSummary {
        let request = ScreenRequest {
            parties,
            view: View::Full.into(),
            ..Default::default()
        };
        self.ask(request).await.unwrap().summary.unwrap()
    }

    pub async fn ask(&self, request: ScreenRequest) -> Result<ScreenResponse, tonic::Status> {
        self.client
            .clone()
            .screen(request)
            .await
            .map(tonic::Response::into_inner)
    }

    /// Ends cleanly: no call is cut.
    pub async fn end(self) {
        drop(self.client);
        assert_eq!(self.running.shutdown().await.cut, 0);
    }
}

pub fn party(name: &str) -> Party {
    Party {
        role: "consignee".to_owned(),
        name: name.to_owned(),
        ..Party::default()
    }
}
