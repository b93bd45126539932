//! The screening service against a bare tonic echo that answers with messages of the same size: Screen, BatchScreen with a
//! message for each party, and BatchScreen with 64 parties in a message.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use concord_proto::screening as api;
use concord_proto::screening::screening_service_client::ScreeningServiceClient;
use concord_proto::screening::screening_service_server::{
    ScreeningService, ScreeningServiceServer,
};
use concord_proto::types::{Party, PartyScreening};
use concord_tests::process::Process;
use prost::Message;
use tokio_stream::{Stream, StreamExt};
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status, Streaming};

use crate::measure::{Deployment, plain};

/// Calls at the same time.
const STREAMS: usize = 16;
/// Parties in a message of a batch.
const TOGETHER: usize = 64;
/// How many turns each target gets.
const SLICES: u32 = 8;
/// How large a message of a batch may be.
const MESSAGE_BYTES: usize = 16 << 20;

#[derive(Clone)]
struct Echo(api::ScreenResponse);

type BatchStream = Pin<Box<dyn Stream<Item = Result<api::BatchScreenResponse, Status>> + Send>>;

impl Echo {
    /// The answer for a party without a hit, as the service gives it.
    fn party(&self) -> PartyScreening {
        let summary = self.0.summary.clone().unwrap_or_default();
        summary.parties.into_iter().next().unwrap_or_default()
    }
}

#[tonic::async_trait]
impl ScreeningService for Echo {
    type BatchScreenStream = BatchStream;

    async fn screen(
        &self,
        _request: Request<api::ScreenRequest>,
    ) -> Result<Response<api::ScreenResponse>, Status> {
        Ok(Response::new(self.0.clone()))
    }

    async fn batch_screen(
        &self,
        request: Request<Streaming<api::BatchScreenRequest>>,
    ) -> Result<Response<BatchStream>, Status> {
        let party = self.party();
        let answers = request.into_inner().map(move |element| {
            let element = element?;
            let outcome = || api::batch_screen_response::Outcome::Result(party.clone());
            let one = |_| api::PartyOutcome {
                outcome: Some(api::party_outcome::Outcome::Result(party.clone())),
            };
            Ok(api::BatchScreenResponse {
                index: element.index,
                outcome: element.parties.is_empty().then(outcome),
                results: element.parties.iter().map(one).collect(),
            })
        });
        Ok(Response::new(Box::pin(answers)))
    }

    async fn get_party(
        &self,
        _request: Request<api::GetPartyRequest>,
    ) -> Result<Response<api::GetPartyResponse>, Status> {
        Err(Status::unimplemented("echo"))
    }

    async fn list_sources(
        &self,
        _request: Request<api::ListSourcesRequest>,
    ) -> Result<Response<api::ListSourcesResponse>, Status> {
        Err(Status::unimplemented("echo"))
    }
}

/// Serves the answer in a file; prints its address.
pub async fn echo(file: &Path) -> Result<()> {
    let answer = api::ScreenResponse::decode(std::fs::read(file)?.as_slice())?;
    let incoming =
        TcpIncoming::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?.with_nodelay(Some(true));
    println!("{}", incoming.local_addr()?);
    tonic::transport::Server::builder()
        .add_service(ScreeningServiceServer::new(Echo(answer)))
        .serve_with_incoming(incoming)
        .await?;
    Ok(())
}

/// Names of made-up traders, no two alike for a long while: what is kept of an answer does not count.
fn name(n: u64) -> String {
    const FIRST: &str = "Amber Birch Cobalt Dorado Ember Fjord Garnet Harbour Indigo Juniper Kestrel Lagoon Marble Nimbus";
    const SECOND: &str = "Bakery Carriers Dental Elevators Foods Garments Hotels Interiors Jewellers Kitchens Laundry Motors";
    const FORM: &str = "Ltd GmbH Inc S.A. Co LLC Oy B.V.";
    let pick = |words: &str, by: u64| {
        let words: Vec<&str> = words.split(' ').collect();
        let at = usize::try_from(n / by).unwrap_or(0) % words.len();
        words.get(at).copied().unwrap_or("").to_owned()
    };
    let (first, second, form) = (pick(FIRST, 1), pick(SECOND, 14), pick(FORM, 7));
    format!("{first} {second} {} {form}", n / 168 % 9973)
}

fn party(n: u64) -> Party {
    Party {
        name: name(n),
        country: "KR".to_owned(),
        ..Party::default()
    }
}

/// Both kinds of channel.
#[derive(Clone)]
enum Client {
    Echo(ScreeningServiceClient<tonic::transport::Channel>),
    Service(ScreeningServiceClient<concord_kit::client::Channel>),
}

impl Client {
    async fn screen(&mut self, n: u64) -> Result<(), Status> {
        let request = api::ScreenRequest {
            parties: vec![party(n)],
            ..Default::default()
        };
        match self {
            Self::Echo(client) => client.screen(request).await.map(drop),
            Self::Service(client) => client.screen(request).await.map(drop),
        }
    }

    /// Sends batches until `end`; how many parties were answered.
    async fn batch(&mut self, together: usize, end: Instant, first: u64) -> Result<u64, Status> {
        let (send, receive) = tokio::sync::mpsc::channel(256);
        let requests = tokio_stream::wrappers::ReceiverStream::new(receive);
        tokio::spawn(async move {
            let mut n = first;
            while Instant::now() < end {
                let parties = (n..n + together as u64).map(party);
                let mut element = api::BatchScreenRequest {
                    index: n,
                    ..Default::default()
                };
                if together == 1 {
                    element.party = Some(party(n));
                } else {
                    element.parties = parties.collect();
                }
                n += together as u64;
                if send.send(element).await.is_err() {
                    return;
                }
            }
        });
        let answers = match self {
            Self::Echo(client) => client.batch_screen(requests).await?,
            Self::Service(client) => client.batch_screen(requests).await?,
        };
        let mut answers = answers.into_inner();
        let mut answered = 0;
        while let Some(answer) = answers.message().await? {
            answered += answer.results.len().max(1) as u64;
        }
        Ok(answered)
    }
}

/// What is measured: its name, parties in a message (0: Screen), and whether by the echo.
const TARGETS: [(&str, usize, bool); 6] = [
    ("bare echo, Screen", 0, true),
    ("Screen", 0, false),
    ("bare echo, BatchScreen", 1, true),
    ("BatchScreen", 1, false),
    ("bare echo, BatchScreen of 64", TOGETHER, true),
    ("BatchScreen of 64", TOGETHER, false),
];

/// Parties answered, in which time, with which time on a processor.
#[derive(Default, Clone, Copy)]
struct Sum {
    answered: u64,
    elapsed: Duration,
    cpu: Duration,
}

/// Adds `lists`, starts the deployments and measures; prints a table.
pub async fn run(binary: &Path, time: Duration, lists: &[PathBuf]) -> Result<()> {
    let data = tempfile::tempdir()?;
    if !lists.is_empty() {
        let mut add = Command::new(binary);
        add.args(["lists", "add", "--for", "us", "--data-dir"])
            .arg(data.path());
        let added = add.args(lists).output()?;
        let text = String::from_utf8_lossy(&added.stderr).into_owned();
        ensure!(added.status.success(), "the lists were not added: {text}");
    }
    let deployment = Deployment::start(binary, data.path())?;
    let channel = deployment.channel("screening", "determination")?;
    let mut client = ScreeningServiceClient::new(channel);
    let sources = client.list_sources(api::ListSourcesRequest {}).await?;
    let sources = sources.into_inner().sources;
    let request = api::ScreenRequest {
        parties: vec![party(0)],
        ..Default::default()
    };
    let answer = client.screen(request.clone()).await?.into_inner();
    let file = data.path().join("screen-response.bin");
    std::fs::write(&file, answer.encode_to_vec())?;
    eprintln!(
        "{} parties in {} lists; Screen: {} bytes in, {} bytes out",
        sources.iter().map(|s| s.parties).sum::<u32>(),
        sources.len(),
        request.encoded_len(),
        answer.encoded_len()
    );
    let own = std::env::current_exe()?;
    let (bare, addr) = Process::start(Command::new(own).arg("echo-screening").arg(&file))?;
    let echo = ScreeningServiceClient::new(plain(&addr).await?);
    let echo = Client::Echo(echo.max_decoding_message_size(MESSAGE_BYTES));
    let service = Client::Service(client.max_decoding_message_size(MESSAGE_BYTES));
    let mut sums = TARGETS.map(|_| Sum::default());
    let mut first = 1_u64;
    for slice in 0..=SLICES {
        for ((_, together, is_echo), sum) in TARGETS.iter().zip(&mut sums) {
            let (client, process) = if *is_echo {
                (&echo, &bare)
            } else {
                (&service, &deployment.process)
            };
            let (before, begun) = (process.cpu()?, Instant::now());
            let answered = round(client, *together, begun + time / SLICES, &mut first).await?;
            // The first slice warms up.
            if slice > 0 {
                sum.answered += answered;
                sum.elapsed += begun.elapsed();
                sum.cpu += process.cpu()?.saturating_sub(before);
            }
        }
    }
    println!("| target | parties/s | of its echo | server CPU µs/party |");
    println!("| --- | --- | --- | --- |");
    let rate = |sum: &Sum| sum.answered as f64 / sum.elapsed.as_secs_f64();
    let mut of_echo = 1.0;
    for ((name, _, is_echo), sum) in TARGETS.iter().zip(&sums) {
        if *is_echo {
            of_echo = rate(sum);
        }
        println!(
            "| {name} | {:.0} | {:.2} | {:.1} |",
            rate(sum),
            rate(sum) / of_echo,
            sum.cpu.as_secs_f64() * 1e6 / sum.answered.max(1) as f64
        );
    }
    Ok(())
}

/// Calls from all streams until `end`; how many parties were answered.
async fn round(client: &Client, together: usize, end: Instant, first: &mut u64) -> Result<u64> {
    let mut tasks = Vec::new();
    for stream in 0..STREAMS as u64 {
        let mut client = client.clone();
        // Names far apart, so that no stream asks for another's.
        let begin = *first + stream * 10_000_000;
        tasks.push(tokio::spawn(async move {
            if together > 0 {
                return client.batch(together, end, begin).await;
            }
            let mut answered = 0;
            while Instant::now() < end {
                client.screen(begin + answered).await?;
                answered += 1;
            }
            Ok::<u64, Status>(answered)
        }));
    }
    let mut answered = 0;
    for task in tasks {
        answered += task.await?.context("a call failed")?;
    }
    *first += 100_000;
    Ok(answered)
}
