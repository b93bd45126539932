//! Building a server.

use super::{
    BoundServer, ServeError,
    call::{Calls, Guard, OnDenied},
};
use crate::{
    config::{ConfigError, ServerConfig},
    deadline::Deadlines,
    health::{Component, Health},
    limit::Limit,
    peer::AllowLists,
    spiffe::{IdentityPattern, SpiffeError},
    telemetry::Telemetry,
    tls::Tls,
    trace::KnownMethods,
};
use http::Request;
use prost::Message;
use prost_types::FileDescriptorSet;
use std::{
    collections::{BTreeSet, HashSet},
    convert::Infallible,
    net::SocketAddr,
};
use tokio::net::TcpListener;
use tonic::{
    body::Body,
    server::NamedService,
    service::{Routes, RoutesBuilder},
};
use tower::Service;

/// Collects what makes one listener of a service; see the module for what is added to it.
pub struct ServerBuilder {
    name: String,
    config: ServerConfig,
    telemetry: Telemetry,
    health: Health,
    routes: RoutesBuilder,
    services: Vec<String>,
    descriptors: Vec<Vec<u8>>,
    allow: AllowLists,
    denied: Option<OnDenied>,
    problem: Option<String>,
}

impl ServerBuilder {
    /// A server of that name, with no service yet.
    pub fn new(name: &str, config: ServerConfig, telemetry: Telemetry) -> Self {
        Self {
            name: name.to_owned(),
            config,
            telemetry,
            health: Health::new(name),
            routes: Routes::builder(),
            services: Vec::new(),
            descriptors: Vec::new(),
            allow: AllowLists::default(),
            denied: None,
            problem: None,
        }
    }

    /// Adds a generated server. Set its `max_decoding_message_size` to
    /// `config.limits.message_bytes` and its `max_encoding_message_size` to
    /// `config.limits.answer_bytes` first: only the generated type has these settings.
    pub fn add_service<S>(mut self, service: S) -> Self
    where
        S: Service<Request<Body>, Error = Infallible>
            + NamedService
            + Clone
            + Send
            + Sync
            + 'static,
        S::Response: axum::response::IntoResponse,
        S::Future: Send + 'static,
    {
        if self.services.iter().any(|name| name == S::NAME) {
            self.problem = Some(format!("service `{}` was added twice", S::NAME));
            return self;
        }
        self.services.push(S::NAME.to_owned());
        self.routes.add_service(service);
        self
    }

    /// Adds an encoded `FileDescriptorSet`, with its imports, for reflection and for checking
    /// the allow lists.
    pub fn descriptor(mut self, encoded: &[u8]) -> Self {
        self.descriptors.push(encoded.to_vec());
        self
    }

    /// Allows identities to call a method (`/package.Service/Method`); may be repeated.
    pub fn allow(
        mut self,
        method: &str,
        identities: impl IntoIterator<Item = IdentityPattern>,
    ) -> Self {
        self.allow.add(method, identities);
        self
    }

    /// Like [`Self::allow`], from texts.
    pub fn allow_str(self, method: &str, identities: &[&str]) -> Result<Self, SpiffeError> {
        let patterns: Vec<IdentityPattern> = identities
            .iter()
            .map(|text| text.parse())
            .collect::<Result<_, _>>()?;
        Ok(self.allow(method, patterns))
    }

    /// Tells of every call that an allow list refuses: who called, and the method's full path. It must return at
    /// once.
    pub fn on_denied(mut self, tell: OnDenied) -> Self {
        self.denied = Some(tell);
        self
    }

    /// Shares another server's health, for a second listener of the same process.
    pub fn health(mut self, health: &Health) -> Self {
        self.health = health.clone();
        self
    }

    /// Adds a component that must be ready before the server says SERVING.
    pub fn readiness(&self, component: &str) -> Component {
        self.health.component(component)
    }

    /// Checks everything and binds the addresses. Must be called inside a Tokio runtime.
    pub async fn bind(mut self) -> Result<BoundServer, ServeError> {
        if let Some(problem) = self.problem.take() {
            return Err(self.build_error(problem));
        }
        for (method, patterns) in std::mem::take(&mut self.config.allow) {
            self.allow.add(&method, patterns);
        }
        let methods = self.methods()?;
        self.check_allow_lists(&methods)?;
        self.config.validate()?;
        let tls = self.config.tls.as_ref().map(Tls::load).transpose()?;
        self.add_health_and_reflection()?;
        let (listener, addr) = listen("server.listen", self.config.listen).await?;
        let admin = match self.config.admin_listen {
            Some(addr) => {
                let (listener, addr) = listen("server.admin_listen", addr).await?;
                Some((addr, listener))
            }
            None => None,
        };
        let guard = Guard {
            telemetry: self.telemetry.clone(),
            methods,
            limit: Limit::new(&self.config.limits),
            deadlines: Deadlines::new(&self.config.limits),
            allow: self.allow,
            denied: self.denied,
        };
        Ok(BoundServer {
            name: self.name,
            addr,
            admin,
            listener,
            calls: Calls::new(guard, self.routes.routes()),
            config: self.config,
            tls,
            health: self.health,
            telemetry: self.telemetry,
        })
    }

    /// The methods that the descriptors name, and those of health and reflection.
    fn methods(&self) -> Result<KnownMethods, ServeError> {
        let mut methods: HashSet<String> = [
            "/grpc.health.v1.Health/Check",
            "/grpc.health.v1.Health/Watch",
            "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
            "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
        ]
        .map(str::to_owned)
        .into();
        for encoded in &self.descriptors {
            let set = FileDescriptorSet::decode(encoded.as_slice())
                .map_err(|e| self.build_error(format!("its descriptors cannot be read: {e}")))?;
            for file in &set.file {
                for service in &file.service {
                    let full = match file.package() {
                        "" => service.name().to_owned(),
                        package => format!("{package}.{}", service.name()),
                    };
                    if self.services.contains(&full) {
                        let names = service
                            .method
                            .iter()
                            .map(|m| format!("/{full}/{}", m.name()));
                        methods.extend(names);
                    }
                }
            }
        }
        Ok(KnownMethods::new(methods))
    }

    /// A list for a method that does not exist is a typing error; a method without a list is
    /// denied to everyone, which is worth a line.
    fn check_allow_lists(&self, methods: &KnownMethods) -> Result<(), ServeError> {
        if self.descriptors.is_empty() {
            return Ok(());
        }
        for method in self.allow.methods() {
            if !methods.has(method) {
                let text = "this server has no such method; expected `/package.Service/Method`";
                let key = format!("server.allow.\"{method}\"");
                return Err(ConfigError::invalid(key, text).into());
            }
        }
        let mut denied: Vec<_> = methods
            .paths()
            .filter(|m| !m.starts_with("/grpc.") && !self.allow.names(m))
            .collect();
        denied.sort();
        for method in denied {
            tracing::warn!(
                service = self.name,
                method,
                "no identity may call this method"
            );
        }
        Ok(())
    }

    fn add_health_and_reflection(&mut self) -> Result<(), ServeError> {
        let services: BTreeSet<String> = self.services.iter().cloned().collect();
        self.routes.add_service(self.health.service(services));
        let reflection = || {
            let mut builder = tonic_reflection::server::Builder::configure()
                .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET);
            for encoded in &self.descriptors {
                builder = builder.register_encoded_file_descriptor_set(encoded);
            }
            builder
        };
        let failed = |e: tonic_reflection::server::Error| {
            self.build_error(format!("its descriptors cannot be served: {e}"))
        };
        let v1 = reflection().build_v1().map_err(failed)?;
        // Common clients still ask for v1alpha.
        let v1alpha = reflection().build_v1alpha().map_err(failed)?;
        self.routes.add_service(v1);
        self.routes.add_service(v1alpha);
        Ok(())
    }

    fn build_error(&self, problem: String) -> ServeError {
        ServeError::Build {
            service: self.name.clone(),
            problem,
        }
    }
}

async fn listen(
    key: &'static str,
    addr: SocketAddr,
) -> Result<(TcpListener, SocketAddr), ServeError> {
    let bind = async {
        let listener = TcpListener::bind(addr).await?;
        let addr = listener.local_addr()?;
        Ok((listener, addr))
    };
    bind.await.map_err(|error: std::io::Error| {
        let problem = match error.kind() {
            std::io::ErrorKind::AddrInUse => {
                "the port is in use; stop the other process or choose another port".to_owned()
            }
            _ => error.to_string(),
        };
        ServeError::Bind { key, addr, problem }
    })
}
