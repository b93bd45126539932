//! Who may call: every method of every service is denied to an identity that is not on its list, and a name counts only
//! under the authority of its own trust domain.

use std::net::SocketAddr;
use std::time::Duration;

use concord_kit::client::Channel;
use concord_kit::dev_ca::DevCert;
use concord_kit::spiffe::SpiffeId;
use concord_kit::status::Problem;
use concord_proto::audit::GetCheckpointRequest;
use concord_tests::cluster::{Cluster, Deployment, Options};
use concord_tests::requests::accelerator_to_korea;
use http::uri::PathAndQuery;
use prost::Message;
use prost_types::FileDescriptorSet;
use tonic::{Code, Request};
use tonic_prost::ProstCodec;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_method_is_denied_to_everyone_who_is_not_on_its_list() {
    let cluster = Cluster::start(Options::default()).await;
    let us = &cluster.us;
    let stranger = us.ca().issue("bis", "stranger").expect("a certificate");
    let counterpart = cluster
        .kr
        .ca()
        .issue("motir", "stranger")
        .expect("a certificate");
    let methods = methods();
    assert!(
        methods.len() >= 25,
        "the contract has lost methods: {methods:?}"
    );
    for (service, path) in methods {
        let (name, addr, cert) = match service.as_str() {
            "concord.audit.v1.AuditService" => ("audit", us.addr("audit"), &stranger),
            "concord.classification.v1.ClassificationService" => {
                ("classification", us.addr("classification"), &stranger)
            }
            "concord.screening.v1.ScreeningService" => {
                ("screening", us.addr("screening"), &stranger)
            }
            "concord.determination.v1.DeterminationService" => {
                ("determination", us.addr("determination"), &stranger)
            }
            "concord.federation.v1.FederationService" => {
                ("determination", us.federation(), &counterpart)
            }
            other => panic!("which server has {other}?"),
        };
        let problem = call(cluster.channel(us, name, addr, cert), &path).await;
        let found = (problem.code(), problem.reason());
        assert_eq!(
            found,
            (Code::PermissionDenied, "CALLER_NOT_ALLOWED"),
            "{path}"
        );
        assert_eq!(
            problem.metadata()["identity"],
            cert.id.to_string(),
            "{path}"
        );
    }
    // An agency's own system may ask for determinations, and not touch the log.
    let client = us.cert("client");
    let channel = cluster.channel(us, "audit", us.addr("audit"), client);
    let problem = call(channel, "/concord.audit.v1.AuditService/Append").await;
    assert_eq!(problem.code(), Code::PermissionDenied);
    assert!(
        cluster.records(us).await.is_empty(),
        "something was recorded"
    );
    // That they tried what would have been recorded is recorded.
    let mut refusals = Vec::new();
    for _ in 0..50 {
        refusals = cluster.refusals(us).await;
        if refusals.len() >= 4 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let mut denied: Vec<_> = refusals
        .iter()
        .map(|(caller, refusal)| {
            assert_eq!(refusal.reason, "CALLER_NOT_ALLOWED");
            assert!(refusal.request_digest.is_empty(), "nothing was read");
            let method = refusal.rpc.rsplit('/').next().unwrap_or_default();
            (method, caller.as_str())
        })
        .collect();
    denied.sort();
    let (stranger, counterpart) = (stranger.id.to_string(), counterpart.id.to_string());
    let expected = [
        ("BatchDetermine", stranger.as_str()),
        ("Consult", counterpart.as_str()),
        ("Determine", stranger.as_str()),
        ("RecordDecision", stranger.as_str()),
        ("RecordJudgement", stranger.as_str()),
    ];
    assert_eq!(denied, expected);
    cluster.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_counts_only_under_its_own_authority() {
    let cluster = Cluster::start(Options::default()).await;
    let hour = time::Duration::hours(1);
    let foreign = |deployment: &Deployment, of: &Deployment, service: &str| {
        let id = SpiffeId::new(of.ca().trust_domain(), of.agency(), service).expect("an identity");
        deployment
            .ca()
            .issue_for(&id, &format!("forged-{service}"), -hour, hour)
            .expect("a certificate")
    };
    // Korea's authority signs a name of the United States.
    let forged = foreign(&cluster.kr, &cluster.us, "client");
    refused_at_the_door(
        &cluster,
        &cluster.us,
        cluster.us.addr("determination"),
        &forged,
    )
    .await;
    let forged = foreign(&cluster.kr, &cluster.us, "determination");
    refused_at_the_door(&cluster, &cluster.us, cluster.us.federation(), &forged).await;
    // The own authority signs a name of Korea, for the door that is meant for Korea.
    let forged = foreign(&cluster.us, &cluster.kr, "determination");
    refused_at_the_door(&cluster, &cluster.us, cluster.us.federation(), &forged).await;
    // A true name at the door that does not trust its domain.
    let true_name = cluster.kr.cert("determination").clone();
    refused_at_the_door(
        &cluster,
        &cluster.us,
        cluster.us.addr("determination"),
        &true_name,
    )
    .await;
    // The doors still stand open to those who may come.
    let mut audit = cluster.audit(&cluster.us);
    audit
        .get_checkpoint(GetCheckpointRequest {})
        .await
        .expect("determination may ask audit");
    drop(audit);
    assert!(
        cluster.records(&cluster.us).await.is_empty(),
        "something was recorded"
    );
    cluster.shutdown().await;
}

/// The connection does not come about, so nothing of the request is read.
async fn refused_at_the_door(cluster: &Cluster, at: &Deployment, addr: SocketAddr, cert: &DevCert) {
    let channel = cluster.channel(at, "determination", addr, cert);
    let mut client =
        concord_proto::determination::determination_service_client::DeterminationServiceClient::new(
            channel,
        );
    let status = client
        .determine(accelerator_to_korea("forged"))
        .await
        .expect_err("a refusal");
    let problem = Problem::from_status(&status);
    assert_eq!(
        (problem.code(), problem.reason()),
        (Code::Unavailable, "PEER_UNREACHABLE"),
        "{status:?}"
    );
}

/// Service and full path of every method of the contract.
fn methods() -> Vec<(String, String)> {
    let set = FileDescriptorSet::decode(concord_proto::FILE_DESCRIPTOR_SET).expect("descriptors");
    let mut methods = Vec::new();
    for file in set
        .file
        .iter()
        .filter(|file| file.package().starts_with("concord."))
    {
        for service in &file.service {
            let name = format!("{}.{}", file.package(), service.name());
            let paths = service
                .method
                .iter()
                .map(|m| format!("/{name}/{}", m.name()));
            methods.extend(paths.map(|path| (name.clone(), path)));
        }
    }
    methods
}

/// Calls a method with an empty message and returns how it was refused.
async fn call(channel: Channel, path: &str) -> Problem {
    let mut client = tonic::client::Grpc::new(channel);
    client.ready().await.expect("a channel is always ready");
    let path: PathAndQuery = path.parse().expect("a path");
    let codec: ProstCodec<(), ()> = ProstCodec::default();
    let status = client
        .unary(Request::new(()), path, codec)
        .await
        .expect_err("a refusal");
    Problem::from_status(&status)
}
