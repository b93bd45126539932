//! Echo servers: one of bare tonic, one behind the kit. Both answer Classify with the bytes of a file, decoded once.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::pin::Pin;

use anyhow::Result;
use concord_kit::config::{ServerConfig, TelemetryConfig};
use concord_kit::serve::ServerBuilder;
use concord_kit::telemetry::Telemetry;
use concord_proto::classification as api;
use concord_proto::classification::classification_service_server::{
    ClassificationService, ClassificationServiceServer,
};
use prost::Message;
use tokio_stream::Stream;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status, Streaming};

#[derive(Clone)]
struct Echo(api::ClassifyResponse);

type Nothing<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

#[tonic::async_trait]
impl ClassificationService for Echo {
    type BatchClassifyStream = Nothing<api::BatchClassifyResponse>;

    async fn classify(
        &self,
        _request: Request<api::ClassifyRequest>,
    ) -> Result<Response<api::ClassifyResponse>, Status> {
        Ok(Response::new(self.0.clone()))
    }

    async fn batch_classify(
        &self,
        _request: Request<Streaming<api::BatchClassifyRequest>>,
    ) -> Result<Response<Self::BatchClassifyStream>, Status> {
        Err(Status::unimplemented("echo"))
    }

    async fn get_entry(
        &self,
        _request: Request<api::GetEntryRequest>,
    ) -> Result<Response<api::GetEntryResponse>, Status> {
        Err(Status::unimplemented("echo"))
    }

    async fn search_entries(
        &self,
        _request: Request<api::SearchEntriesRequest>,
    ) -> Result<Response<api::SearchEntriesResponse>, Status> {
        Err(Status::unimplemented("echo"))
    }

    async fn compare_regimes(
        &self,
        _request: Request<api::CompareRegimesRequest>,
    ) -> Result<Response<api::CompareRegimesResponse>, Status> {
        Err(Status::unimplemented("echo"))
    }

    async fn list_editions(
        &self,
        _request: Request<api::ListEditionsRequest>,
    ) -> Result<Response<api::ListEditionsResponse>, Status> {
        Err(Status::unimplemented("echo"))
    }
}

fn echo(file: &Path) -> Result<Echo> {
    Ok(Echo(api::ClassifyResponse::decode(
        std::fs::read(file)?.as_slice(),
    )?))
}

/// Serves without anything of ours; prints its address.
pub async fn bare(file: &Path) -> Result<()> {
    let service = ClassificationServiceServer::new(echo(file)?);
    // Without TCP_NODELAY a single stream waits for delayed acknowledgements, which measures nothing.
    let incoming =
        TcpIncoming::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?.with_nodelay(Some(true));
    println!("{}", incoming.local_addr()?);
    tonic::transport::Server::builder()
        .add_service(service)
        .serve_with_incoming(incoming)
        .await?;
    Ok(())
}

/// Serves behind the kit, telemetry on and nothing exported; prints its address. With a folder of certificates over the mutual
/// TLS of the classification service, else in plaintext.
pub async fn kit(file: &Path, certs: Option<&Path>) -> Result<()> {
    let tls = certs.map(|certs| crate::measure::tls(certs, "classification"));
    let config = ServerConfig {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        dev_plaintext: tls.is_none(),
        tls,
        ..ServerConfig::default()
    };
    let telemetry = Telemetry::new("echo", &TelemetryConfig::default())?;
    let bound = ServerBuilder::new("echo", config, telemetry)
        .add_service(ClassificationServiceServer::new(echo(file)?))
        .descriptor(concord_proto::FILE_DESCRIPTOR_SET)
        .allow_str(
            "/concord.classification.v1.ClassificationService/Classify",
            &[
                "spiffe://dev.local/agency/*/*",
                "spiffe://us.concord.example/agency/*/*",
            ],
        )?
        .bind()
        .await?;
    println!("{}", bound.addr());
    bound.serve(concord_kit::CancellationToken::new()).await;
    Ok(())
}
