//! The settings in `deploy/config`, as an operator has them, with what must differ on one machine: addresses, files,
//! no waiting. Who may call what stays as it is deployed.

use std::net::SocketAddr;

use concord_kit::dev_ca::{DevCa, DevCert};
use toml::{Table, Value};

/// How often certificates are looked at: the task that does so ends with its next look.
pub(super) const RELOAD_MS: u64 = 100;

/// One service's settings file as a table.
pub struct Settings(Table);

impl Settings {
    /// Reads `deploy/config/<deployment>/<service>.toml`.
    pub fn deployed(deployment: &str, service: &str) -> Self {
        let path = crate::repository().join(format!("deploy/config/{deployment}/{service}.toml"));
        let text = std::fs::read_to_string(&path).expect("deploy/config has every service's file");
        Self(text.parse().expect("deploy/config is TOML"))
    }

    /// Sets a value below nested tables; tables that are missing are made.
    pub fn set(&mut self, path: &[&str], value: impl Into<Value>) -> &mut Self {
        let (last, tables) = path.split_last().expect("a path has a last key");
        let mut table = &mut self.0;
        for key in tables {
            let next = table
                .entry(*key)
                .or_insert_with(|| Value::Table(Table::new()));
            table = next.as_table_mut().expect("a table of the settings");
        }
        table.insert((*last).to_owned(), value.into());
        self
    }

    /// Takes a key of the top level away.
    pub fn remove(&mut self, key: &str) -> &mut Self {
        self.0.remove(key);
        self
    }

    /// A listener on loopback with that certificate, trusting callers of that CA's trust domain; `section` is its table.
    pub fn listener(
        &mut self,
        section: &str,
        addr: SocketAddr,
        cert: &DevCert,
        callers: &DevCa,
    ) -> &mut Self {
        self.set(&[section, "listen"], addr.to_string())
            .set(&[section, "drain_delay_ms"], 0);
        if section == "server" {
            self.set(&[section, "admin_listen"], "127.0.0.1:0");
        }
        self.tls(&[section, "tls"], cert, callers)
    }

    /// A channel to a service of that CA's trust domain; `section` is its table.
    pub fn channel(
        &mut self,
        section: &[&str],
        addr: SocketAddr,
        cert: &DevCert,
        server: &DevCa,
    ) -> &mut Self {
        let mut path = section.to_vec();
        path.push("uri");
        self.set(&path, format!("https://{addr}"));
        path.pop();
        path.push("tls");
        self.tls(&path, cert, server)
    }

    /// Traces and metrics of this service; without a collector nothing is exported.
    pub fn telemetry(&mut self, deployment: &str, collector: Option<&str>) -> &mut Self {
        self.remove("telemetry")
            .set(&["telemetry", "deployment"], deployment);
        if let Some(endpoint) = collector {
            self.set(&["telemetry", "otlp_endpoint"], endpoint);
        }
        self
    }

    /// As TOML, for the loader that services use.
    pub fn text(&self) -> String {
        self.0.to_string()
    }

    fn tls(&mut self, path: &[&str], cert: &DevCert, trusted: &DevCa) -> &mut Self {
        let mut bundles = Table::new();
        let bundle = trusted.bundle().display().to_string();
        bundles.insert(trusted.trust_domain().to_owned(), bundle.into());
        let mut tls = Table::new();
        tls.insert("cert".to_owned(), cert.cert.display().to_string().into());
        tls.insert("key".to_owned(), cert.key.display().to_string().into());
        tls.insert("bundles".to_owned(), bundles.into());
        tls.insert(
            "reload_interval_ms".to_owned(),
            Value::Integer(RELOAD_MS.cast_signed()),
        );
        self.set(path, tls)
    }
}
