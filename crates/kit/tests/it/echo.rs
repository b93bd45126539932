//! A service written by hand, so that the kit's tests need no generated code.

use concord_kit::{client::Channel, deadline::Deadline, peer::PeerIdentity, trace};
use futures_util::{Stream, future::BoxFuture};
use prost::Message;
use prost_types::{
    DescriptorProto, FileDescriptorProto, FileDescriptorSet, MethodDescriptorProto,
    ServiceDescriptorProto,
};
use std::{
    convert::Infallible,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};
use tokio::sync::Notify;
use tonic::{
    Request, Response, Status, body::Body, client::GrpcService, codegen::http::uri::PathAndQuery,
    server::NamedService,
};
use tonic_prost::ProstCodec;

pub const ECHO: &str = "/kit.test.v1.Echo/Echo";
pub const COUNT: &str = "/kit.test.v1.Echo/Count";

#[derive(Clone, PartialEq, Message)]
pub struct Ask {
    #[prost(string, tag = "1")]
    pub text: String,
    /// "", "sleep", "cancel", "panic", "hold", "relay", "size"
    #[prost(string, tag = "2")]
    pub how: String,
    #[prost(uint64, tag = "3")]
    pub number: u64,
}

#[derive(Clone, PartialEq, Message)]
pub struct Answer {
    #[prost(string, tag = "1")]
    pub text: String,
    #[prost(string, tag = "2")]
    pub peer: String,
    #[prost(uint64, tag = "3")]
    pub deadline_ms: u64,
    #[prost(string, tag = "4")]
    pub trace_id: String,
}

impl Ask {
    pub fn how(how: &str, number: u64) -> Self {
        Self {
            text: "canary-text".to_owned(),
            how: how.to_owned(),
            number,
        }
    }
}

#[derive(Clone, Default)]
pub struct Echo {
    pub next: Option<Channel>,
    /// Calls that have reached the handler.
    pub seen: Arc<AtomicUsize>,
    /// Lets the calls that `hold` go.
    pub release: Arc<Notify>,
}

impl NamedService for Echo {
    const NAME: &'static str = "kit.test.v1.Echo";
}

impl Echo {
    async fn echo(self, request: Request<Ask>) -> Result<Response<Answer>, Status> {
        self.seen.fetch_add(1, Ordering::SeqCst);
        let peer = PeerIdentity::of(&request)?.id().to_string();
        let deadline = Deadline::current().expect("every call has a deadline");
        let ask = request.into_inner();
        let mut answer = Answer {
            text: ask.text.clone(),
            peer,
            deadline_ms: u64::try_from(deadline.remaining().as_millis()).unwrap(),
            trace_id: trace::current_trace_id().unwrap_or_default(),
        };
        match ask.how.as_str() {
            "sleep" => tokio::time::sleep(Duration::from_millis(ask.number)).await,
            "cancel" => return Err(Status::cancelled("the service gave up")),
            "panic" => panic!("a handler's text"),
            "hold" => self.release.notified().await,
            "size" => answer.text = "x".repeat(usize::try_from(ask.number).unwrap()),
            "relay" => {
                let next = self.next.clone().expect("a relay has a next hop");
                let ask = Ask {
                    how: String::new(),
                    ..ask
                };
                return trace::in_span("relay work", async move {
                    // A spawned task keeps span and deadline.
                    trace::spawn(async move { echo(next, Request::new(ask)).await })
                        .await
                        .expect("the task ends")
                        .map(Response::new)
                })
                .await;
            }
            _ => {}
        }
        Ok(Response::new(answer))
    }

    async fn count(self, request: Request<Ask>) -> Result<Response<AnswerStream>, Status> {
        let ask = request.into_inner();
        Ok(Response::new(Box::pin(futures_util::stream::unfold(
            0,
            move |i| {
                let ask = ask.clone();
                async move {
                    if i >= ask.number && ask.how == "panic" {
                        // What is ready at once is sent together; this is sent after the rest.
                        tokio::time::sleep(Duration::from_millis(20)).await;
                        panic!("a stream's text");
                    }
                    if i >= ask.number && ask.how == "hang" {
                        std::future::pending::<()>().await;
                    }
                    (i < ask.number).then(|| (Ok(Answer::default()), i + 1))
                }
            },
        ))))
    }
}

type AnswerStream = Pin<Box<dyn Stream<Item = Result<Answer, Status>> + Send>>;

/// tonic's traits for streaming are not closures.
struct Counting(Echo);

impl tonic::server::ServerStreamingService<Ask> for Counting {
    type Response = Answer;
    type ResponseStream = AnswerStream;
    type Future = BoxFuture<'static, Result<Response<AnswerStream>, Status>>;

    fn call(&mut self, request: Request<Ask>) -> Self::Future {
        Box::pin(self.0.clone().count(request))
    }
}

struct Echoing(Echo);

impl tonic::server::UnaryService<Ask> for Echoing {
    type Response = Answer;
    type Future = BoxFuture<'static, Result<Response<Answer>, Status>>;

    fn call(&mut self, request: Request<Ask>) -> Self::Future {
        Box::pin(self.0.clone().echo(request))
    }
}

impl tower::Service<http::Request<Body>> for Echo {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<http::Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let this = self.clone();
        Box::pin(async move {
            let codec = ProstCodec::<Answer, Ask>::default();
            let mut grpc = tonic::server::Grpc::new(codec)
                .apply_max_message_size_config(Some(64 * 1024), Some(1024 * 1024));
            Ok(match request.uri().path() {
                ECHO => grpc.unary(Echoing(this), request).await,
                COUNT => grpc.server_streaming(Counting(this), request).await,
                _ => Status::unimplemented("no such method").into_http(),
            })
        })
    }
}

/// Calls `Echo` through anything that carries gRPC.
pub async fn echo<T>(channel: T, request: Request<Ask>) -> Result<Answer, Status>
where
    T: GrpcService<Body>,
    T::ResponseBody: http_body::Body<Data = bytes::Bytes> + Send + 'static,
    <T::ResponseBody as http_body::Body>::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    T::Error: std::fmt::Debug,
{
    let mut grpc = tonic::client::Grpc::new(channel);
    grpc.ready()
        .await
        .unwrap_or_else(|e| panic!("the channel is never ready: {e:?}"));
    let codec = ProstCodec::<Ask, Answer>::default();
    Ok(grpc
        .unary(request, PathAndQuery::from_static(ECHO), codec)
        .await?
        .into_inner())
}

/// Calls `Count` and reads the whole stream: how many came, and how it ended.
pub async fn count(channel: Channel, request: Request<Ask>) -> (usize, Result<(), Status>) {
    let mut grpc = tonic::client::Grpc::new(channel);
    let codec = ProstCodec::<Ask, Answer>::default();
    let path = PathAndQuery::from_static(COUNT);
    let mut stream = match grpc.server_streaming(request, path, codec).await {
        Ok(reply) => reply.into_inner(),
        Err(status) => return (0, Err(status)),
    };
    let mut n = 0;
    loop {
        match stream.message().await {
            Ok(Some(_)) => n += 1,
            Ok(None) => return (n, Ok(())),
            Err(status) => return (n, Err(status)),
        }
    }
}

/// What a build script would have produced.
pub fn descriptor() -> Vec<u8> {
    let message = |name: &str| DescriptorProto {
        name: Some(name.to_owned()),
        ..Default::default()
    };
    let method = |name: &str, streaming| MethodDescriptorProto {
        name: Some(name.to_owned()),
        input_type: Some(".kit.test.v1.Ask".to_owned()),
        output_type: Some(".kit.test.v1.Answer".to_owned()),
        server_streaming: Some(streaming),
        ..Default::default()
    };
    let service = ServiceDescriptorProto {
        name: Some("Echo".to_owned()),
        method: vec![
            method("Echo", false),
            method("Count", true),
            method("Unnamed", false),
        ],
        ..Default::default()
    };
    let file = FileDescriptorProto {
        name: Some("kit/test/v1/echo.proto".to_owned()),
        package: Some("kit.test.v1".to_owned()),
        message_type: vec![message("Ask"), message("Answer")],
        service: vec![service],
        syntax: Some("proto3".to_owned()),
        ..Default::default()
    };
    FileDescriptorSet { file: vec![file] }.encode_to_vec()
}
