//! Classify, answered with the bytes of its message as the core's answer is written: no message is built only to be encoded
//! and dropped, which cost more than the classification itself. Everything else goes the generated way.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::BufMut;
use concord_proto::classification::ClassifyRequest;
use concord_proto::classification::classification_service_server::ClassificationServiceServer;
use futures_util::future::{BoxFuture, Ready, ready};
use tonic::body::Body;
use tonic::codec::{BufferSettings, Codec, EncodeBuf, Encoder};
use tonic::server::{Grpc, NamedService, UnaryService};
use tonic::{Request, Response, Status};
use tonic_prost::ProstDecoder;

use crate::catalogue::Catalogue;
use crate::service::Service;

const CLASSIFY: &str = "/concord.classification.v1.ClassificationService/Classify";

/// Room for the usual answer, so that it is not moved while it is written (a chip's has some 13 KB).
const BUFFER: usize = 16 * 1024;
/// As tonic's own.
const YIELD_AT: usize = 32 * 1024;

/// The service as it is served.
#[derive(Debug, Clone)]
pub struct Direct {
    catalogue: Arc<Catalogue>,
    generated: ClassificationServiceServer<Service>,
    message_bytes: usize,
    answer_bytes: usize,
}

impl Direct {
    /// Serves `service`; requests of at most `message_bytes`, answers of at most `answer_bytes`.
    pub fn new(
        catalogue: Arc<Catalogue>,
        service: Service,
        message_bytes: usize,
        answer_bytes: usize,
    ) -> Self {
        Self {
            catalogue,
            generated: ClassificationServiceServer::new(service)
                .max_decoding_message_size(message_bytes)
                .max_encoding_message_size(answer_bytes),
            message_bytes,
            answer_bytes,
        }
    }
}

impl NamedService for Direct {
    const NAME: &'static str = ClassificationServiceServer::<Service>::NAME;
}

impl tower::Service<http::Request<Body>> for Direct {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        if request.uri().path() != CLASSIFY {
            return self.generated.call(request);
        }
        let classify = Classify(Arc::clone(&self.catalogue));
        let (message, answer) = (Some(self.message_bytes), Some(self.answer_bytes));
        Box::pin(async move {
            let mut grpc = Grpc::new(Written).apply_max_message_size_config(message, answer);
            Ok(grpc.unary(classify, request).await)
        })
    }
}

struct Classify(Arc<Catalogue>);

impl UnaryService<ClassifyRequest> for Classify {
    type Response = Vec<u8>;
    type Future = Ready<Result<Response<Vec<u8>>, Status>>;

    fn call(&mut self, request: Request<ClassifyRequest>) -> Self::Future {
        ready(crate::wire::classify_written(&self.0, request.get_ref()).map(Response::new))
    }
}

/// Answers that are written already.
#[derive(Debug, Clone, Copy)]
struct Written;

impl Codec for Written {
    type Encode = Vec<u8>;
    type Decode = ClassifyRequest;
    type Encoder = Self;
    type Decoder = ProstDecoder<ClassifyRequest>;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self::Decoder {
        ProstDecoder::new(BufferSettings::default())
    }
}

impl Encoder for Written {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put_slice(&item);
        Ok(())
    }

    fn buffer_settings(&self) -> BufferSettings {
        BufferSettings::new(BUFFER, YIELD_AT)
    }
}
