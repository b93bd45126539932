//! `concord determine`: one transaction, decided by a running deployment or by both deployments in this process.

use std::future::Future;

use concord_determination::Disclosure;
use concord_kit::client::Channel;
use concord_kit::config::{ClientConfig, TelemetryConfig, TlsConfig};
use concord_kit::spiffe::IdentityPattern;
use concord_kit::telemetry::Telemetry;
use concord_proto::determination::determination_service_client::DeterminationServiceClient;
use concord_proto::determination::{DetermineRequest, DetermineResponse};
use concord_proto::types::{RequestContext, View};

use crate::cli::{Determine, Format, Global, Remote};
use crate::deployment::{Deployments, Jurisdiction, Options};
use crate::document::{self, TransactionFile};
use crate::failure::Failure;
use crate::{data_dir, output, report};

/// Largest message in either direction.
const MESSAGE_BYTES: usize = 16 * 1024 * 1024;

/// Runs the command.
///
/// # Errors
/// What the file, the deployment or the service refuses.
pub async fn run(args: &Determine, global: &Global) -> Result<(), Failure> {
    let file = document::transaction_file(&args.file)?;
    let by = match &args.by {
        Some(text) => jurisdiction(text)?,
        None => Jurisdiction::parse(&file.transaction.origin).unwrap_or(Jurisdiction::Us),
    };
    let request = request(args, file);
    let answer = at(&args.remote, by, global, |channel| ask(channel, request)).await?;
    if global.json {
        let text = output::json("concord.determination.v1.DetermineResponse", &answer)?;
        return output::data(&format!("{text}\n"));
    }
    let blocks = report::determination(&answer, args.full, global.lang);
    output::data(&match args.format {
        Format::Text => report::to_text(&blocks),
        Format::Markdown => report::to_markdown(&blocks),
    })
}

/// A deployment by the name that `--by` takes.
pub(crate) fn jurisdiction(text: &str) -> Result<Jurisdiction, Failure> {
    Jurisdiction::parse(text)
        .ok_or_else(|| Failure::usage("BAD_USAGE", format!("`--by {text}` is neither us nor kr")))
}

/// Asks the determination service of a running deployment or, without `--server`, of the one in this process.
pub(crate) async fn at<T, F>(
    remote: &Remote,
    by: Jurisdiction,
    global: &Global,
    ask: impl FnOnce(Channel) -> F,
) -> Result<T, Failure>
where
    F: Future<Output = Result<T, Failure>>,
{
    if remote.server.is_some() {
        return ask(remote_channel(remote)?).await;
    }
    let mut options = Options::new(data_dir::resolve(global)?);
    options.disclosure = Disclosure::Named;
    let deployments = Deployments::start(&options)
        .await
        .map_err(|e| start_failure(&e))?;
    let answer = match deployments.get(by).map(|d| d.channel("determination")) {
        Some(Ok(channel)) => ask(channel).await,
        Some(Err(e)) => Err(Failure::local(&e)),
        None => Err(Failure::usage(
            "BAD_USAGE",
            "that deployment is not started",
        )),
    };
    deployments
        .shutdown()
        .await
        .map_err(|e| Failure::local(&e))?;
    answer
}

fn request(args: &Determine, file: TransactionFile) -> DetermineRequest {
    let request_id = args.request_id.clone().unwrap_or_else(|| {
        if file.request_id.is_empty() {
            uuid::Uuid::now_v7().to_string()
        } else {
            file.request_id
        }
    });
    DetermineRequest {
        context: Some(RequestContext {
            request_id,
            case_reference: file.case_reference,
            actor: file.actor,
            purpose: file.purpose,
        }),
        transaction: Some(file.transaction),
        as_of: args.as_of.clone().unwrap_or(file.as_of),
        view: if args.full { View::Full } else { View::Basic }.into(),
        strict: args.strict,
        ..DetermineRequest::default()
    }
}

async fn ask(channel: Channel, request: DetermineRequest) -> Result<DetermineResponse, Failure> {
    let answer = client(channel).determine(request).await;
    answer
        .map(tonic::Response::into_inner)
        .map_err(|status| Failure::from_status(&status))
}

/// A client of the determination service over a channel.
pub(crate) fn client(channel: Channel) -> DeterminationServiceClient<Channel> {
    DeterminationServiceClient::new(channel)
        .max_decoding_message_size(MESSAGE_BYTES)
        .max_encoding_message_size(MESSAGE_BYTES)
}

/// A channel to a deployment that runs elsewhere.
pub(crate) fn remote_channel(remote: &Remote) -> Result<Channel, Failure> {
    let usage = |e: String| Failure::usage("BAD_USAGE", e);
    let need = |what: Option<&std::path::PathBuf>, name: &str| {
        what.cloned()
            .ok_or_else(|| usage(format!("--server needs --{name} FILE")))
    };
    let uri = remote.server.clone().unwrap_or_default();
    let (cert, key, ca) = (
        need(remote.cert.as_ref(), "cert")?,
        need(remote.key.as_ref(), "key")?,
        need(remote.ca.as_ref(), "ca")?,
    );
    let client = concord_kit::tls::identity_of(&cert).map_err(|e| usage(format!("--cert: {e}")))?;
    let identity = remote.server_identity.clone().unwrap_or_else(|| {
        // By default the determination service of the client certificate's own agency.
        format!(
            "spiffe://{}/agency/{}/determination",
            client.trust_domain(),
            client.agency()
        )
    });
    let pattern: IdentityPattern = identity
        .parse()
        .map_err(|e| usage(format!("--server-identity: {e}")))?;
    let trust_domain = identity
        .strip_prefix("spiffe://")
        .and_then(|rest| rest.split('/').next())
        .unwrap_or_default()
        .to_owned();
    let tls = TlsConfig::new(cert, key, [(trust_domain, ca)].into());
    let mut config = ClientConfig::mutual_tls(uri, tls, vec![pattern]);
    config.deadline_ms = 30_000;
    let telemetry = Telemetry::new("client", &TelemetryConfig::default())
        .map_err(|e| Failure::local(&anyhow::Error::new(e)))?;
    Channel::new(&config, telemetry).map_err(|e| usage(e.to_string()))
}

/// Why the deployments could not be started: configuration and occupied data directories exit 64.
pub(crate) fn start_failure(error: &anyhow::Error) -> Failure {
    Failure::usage("CANNOT_START", format!("{error:#}"))
}
