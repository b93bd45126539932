//! A real redis-server that a test may kill and start again.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::network::{free_port, wait_for_port};

/// The process; it is killed when this is dropped.
pub struct RedisServer {
    port: u16,
    dir: tempfile::TempDir,
    process: Option<Child>,
}

impl RedisServer {
    /// Starts one on a free port of the loopback, with its files in a folder of its own.
    pub fn start() -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let mut server = Self {
            port: free_port(),
            dir,
            process: None,
        };
        server.restart();
        server
    }

    /// `redis://127.0.0.1:port/0`.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    /// Kills the process without any warning (SIGKILL).
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// Starts it on the same port, empty unless it wrote a dump.
    pub fn restart(&mut self) {
        self.kill();
        let process = Command::new("redis-server")
            .args([
                "--port",
                &self.port.to_string(),
                "--bind",
                "127.0.0.1",
                "--save",
                "",
            ])
            .args(["--dbfilename", "dump.rdb", "--dir"])
            .arg(self.dir.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("redis-server runs; Debian package `redis-server`");
        self.process = Some(process);
        assert!(
            wait_for_port(self.port, Duration::from_secs(10)),
            "redis-server did not listen"
        );
    }

    /// Every key.
    pub fn keys(&self) -> Vec<Vec<u8>> {
        let Reply::List(keys) = self.command(&[b"KEYS", b"*"]) else {
            panic!("KEYS answers with a list");
        };
        keys.into_iter().filter_map(Reply::into_bytes).collect()
    }

    /// A value; `None` when it is absent or no string.
    pub fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.command(&[b"GET", key]).into_bytes()
    }

    /// Overwrites a value, as somebody could who has got hold of the server.
    pub fn set(&self, key: &[u8], value: &[u8]) {
        self.command(&[b"SET", key, value]);
    }

    /// Writes everything to disk uncompressed and returns the file's bytes.
    pub fn dump(&self) -> Vec<u8> {
        self.command(&[b"CONFIG", b"SET", b"rdbcompression", b"no"]);
        self.command(&[b"SAVE"]);
        let path: PathBuf = self.dir.path().join("dump.rdb");
        std::fs::read(path).expect("redis-server wrote its dump")
    }

    /// The folder with its files.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// One command over a connection of its own: a test needs no client library to look at bytes.
    fn command(&self, words: &[&[u8]]) -> Reply {
        let mut stream =
            TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).expect("redis-server listens");
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .expect("a time limit");
        let mut request = format!("*{}\r\n", words.len()).into_bytes();
        for word in words {
            request.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
            request.extend_from_slice(word);
            request.extend_from_slice(b"\r\n");
        }
        stream.write_all(&request).expect("redis-server reads");
        Reply::read(&mut std::io::BufReader::new(stream))
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A reply of the protocol (RESP2).
enum Reply {
    Text(Vec<u8>),
    Absent,
    List(Vec<Reply>),
}

impl Reply {
    fn read(from: &mut impl Read) -> Self {
        let line = read_line(from);
        let (kind, rest) = line.split_at(1);
        let number = || rest.parse::<i64>().expect("a length");
        match kind {
            "$" if number() < 0 => Self::Absent,
            "$" => {
                let mut bytes = vec![0; usize::try_from(number()).expect("a length") + 2];
                from.read_exact(&mut bytes)
                    .expect("redis-server sends the whole text");
                bytes.truncate(bytes.len() - 2);
                Self::Text(bytes)
            }
            "*" => Self::List((0..number()).map(|_| Self::read(from)).collect()),
            "-" => panic!("redis-server refuses: {rest}"),
            _ => Self::Text(rest.as_bytes().to_vec()),
        }
    }

    fn into_bytes(self) -> Option<Vec<u8>> {
        match self {
            Self::Text(bytes) => Some(bytes),
            Self::Absent | Self::List(_) => None,
        }
    }
}

fn read_line(from: &mut impl Read) -> String {
    let mut line = Vec::new();
    let mut byte = [0];
    while !line.ends_with(b"\r\n") {
        from.read_exact(&mut byte).expect("redis-server answers");
        line.push(byte[0]);
    }
    line.truncate(line.len() - 2);
    String::from_utf8(line).expect("a line of text")
}
