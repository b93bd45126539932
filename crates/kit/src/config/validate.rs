//! Settings that are each well formed and do not go together. No file is opened here.

use super::{ConfigError, ServerConfig};

impl ServerConfig {
    /// Checks what can be checked without binding or reading files; errors name the key below
    /// `server`. Binding does this too.
    pub fn validate(&self) -> Result<(), ConfigError> {
        match (&self.tls, self.dev_plaintext) {
            (Some(_), false) => {}
            (None, true) if self.listen.ip().is_loopback() => {}
            (None, true) => {
                let text = "plaintext is served only on a loopback address such as `127.0.0.1:0`";
                return Err(ConfigError::invalid("server.dev_plaintext", text));
            }
            (Some(_), true) => {
                let text = "set either `server.tls` or `server.dev_plaintext`, not both";
                return Err(ConfigError::invalid("server.dev_plaintext", text));
            }
            (None, false) => {
                let text = "is required (on a loopback address, `server.dev_plaintext` instead)";
                return Err(ConfigError::invalid("server.tls", text));
            }
        }
        let limits = &self.limits;
        for (key, zero) in [
            ("limits.concurrency", limits.concurrency == 0),
            ("limits.message_bytes", limits.message_bytes == 0),
            ("limits.answer_bytes", limits.answer_bytes == 0),
            ("limits.connections", limits.connections == 0),
            (
                "limits.streams_per_connection",
                limits.streams_per_connection == 0,
            ),
            (
                "limits.default_deadline_ms",
                limits.default_deadline_ms == 0,
            ),
            ("limits.max_deadline_ms", limits.max_deadline_ms == 0),
            ("limits.handshake_ms", limits.handshake_ms == 0),
            ("keepalive_interval_ms", self.keepalive_interval_ms == 0),
            ("keepalive_timeout_ms", self.keepalive_timeout_ms == 0),
            ("max_connection_age_ms", self.max_connection_age_ms == 0),
        ] {
            if zero {
                return Err(ConfigError::invalid(
                    format!("server.{key}"),
                    "must be at least 1",
                ));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_zero_and_plaintext_stays_at_home() {
        let good = ServerConfig {
            dev_plaintext: true,
            ..ServerConfig::default()
        };
        good.validate().unwrap();
        let mut bad = good.clone();
        bad.limits.concurrency = 0;
        assert!(
            bad.validate()
                .unwrap_err()
                .to_string()
                .contains("server.limits.concurrency")
        );
        let bad = ServerConfig {
            listen: "0.0.0.0:1".parse().unwrap(),
            ..good
        };
        assert!(bad.validate().unwrap_err().to_string().contains("loopback"));
    }
}
