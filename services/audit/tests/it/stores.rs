//! Where the tests keep their logs: each test runs on both stores. The PostgreSQL server is a real one,
//! started by the tests themselves, as the user that Debian's package makes when they run as root.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use concord_audit::store::postgres::{PostgresConfig, migrate};
use tempfile::TempDir;

/// The file in a test's data directory that names its database.
pub const URL_FILE: &str = "postgres.url";

/// Runs each test on both stores: `both!(name)` for `async fn name(store: Stores)`.
macro_rules! both {
    ($($name:ident),+ $(,)?) => {$(
        mod $name {
            use crate::stores::Stores;

            #[tokio::test(flavor = "multi_thread")]
            async fn sqlite() {
                super::$name(Stores::Sqlite).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn postgres() {
                if let Some(stores) = Stores::postgres() {
                    super::$name(stores).await;
                }
            }
        }
    )+};
}
pub(crate) use both;

/// Which store a test runs on.
#[derive(Clone)]
pub enum Stores {
    Sqlite,
    Postgres(Arc<Server>),
}

/// A data directory with a log of its own.
pub struct LogDir {
    dir: TempDir,
    _server: Option<Arc<Server>>,
}

impl LogDir {
    pub fn path(&self) -> &Path {
        self.dir.path()
    }
}

impl Stores {
    /// PostgreSQL, if it is installed; where it is not the tests say so, and in CI they fail.
    pub fn postgres() -> Option<Self> {
        let server = Server::shared();
        if server.is_none() {
            assert!(
                std::env::var_os("CI").is_none(),
                "PostgreSQL 15 or later is not installed"
            );
            eprintln!("NOT RUN: PostgreSQL 15 or later is not installed");
        }
        server.map(Self::Postgres)
    }

    /// A place for a log that has not begun.
    pub fn dir(&self) -> LogDir {
        let dir = tempfile::tempdir().unwrap();
        let server = match self {
            Self::Sqlite => None,
            Self::Postgres(server) => {
                let database = server.database(None);
                std::fs::write(dir.path().join(URL_FILE), server.url(&database)).unwrap();
                Some(server.clone())
            }
        };
        LogDir {
            dir,
            _server: server,
        }
    }

    /// A copy of a log whose service is stopped.
    pub fn copy_of(&self, log: &LogDir) -> LogDir {
        let dir = crate::running::copy_of(log.path());
        let server = match self {
            Self::Sqlite => None,
            Self::Postgres(server) => {
                let url = std::fs::read_to_string(dir.path().join(URL_FILE)).unwrap();
                let database = server.database(Some(url.rsplit('/').next().unwrap()));
                std::fs::write(dir.path().join(URL_FILE), server.url(&database)).unwrap();
                Some(server.clone())
            }
        };
        LogDir {
            dir,
            _server: server,
        }
    }

    /// Changes a stored log behind its back: `sql` is one text for both stores.
    pub fn damage(&self, log: &LogDir, sql: &str) {
        match self {
            Self::Sqlite => {
                let path = log.path().join("audit.sqlite3");
                rusqlite::Connection::open(path)
                    .unwrap()
                    .execute_batch(sql)
                    .unwrap();
            }
            Self::Postgres(server) => {
                let url = std::fs::read_to_string(log.path().join(URL_FILE)).unwrap();
                // As superuser, past the triggers that keep a log from being changed.
                let sql = format!(
                    "SET session_replication_role = replica; SET search_path = concord; {sql}"
                );
                server.execute(url.rsplit('/').next().unwrap(), &sql);
            }
        }
    }
}

/// The settings that a test's data directory asks for.
pub fn settings(dir: &Path) -> Option<PostgresConfig> {
    let url = std::fs::read_to_string(dir.join(URL_FILE)).ok()?;
    Some(PostgresConfig {
        dev_plaintext: true,
        ..PostgresConfig::new(url)
    })
}

/// A server of the tests' own, on a socket in its directory; stopped when the last test has ended.
pub struct Server {
    dir: TempDir,
    child: Mutex<Option<Child>>,
}

static SHARED: Mutex<Weak<Server>> = Mutex::new(Weak::new());
static DATABASES: AtomicUsize = AtomicUsize::new(0);

/// The newest installed version's programs.
fn programs() -> Option<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = Vec::new();
    for entry in std::fs::read_dir("/usr/lib/postgresql").ok()?.flatten() {
        let version = entry.file_name().to_string_lossy().parse().unwrap_or(0);
        if version >= 15 && entry.path().join("bin/initdb").exists() {
            found.push((version, entry.path().join("bin")));
        }
    }
    found.sort();
    found.pop().map(|(_, bin)| bin)
}

/// A program, as a user other than root: the server refuses root.
fn as_user(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("runuser");
    command.args(["-u", "postgres", "--"]).arg(program);
    command
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|me| std::os::unix::fs::MetadataExt::uid(&me) == 0)
}

fn run(command: &mut Command) {
    let done = command.output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{command:?}: {said}");
}

impl Server {
    fn shared() -> Option<Arc<Self>> {
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(server) = shared.upgrade() {
            return Some(server);
        }
        let server = Arc::new(Self::new()?);
        *shared = Arc::downgrade(&server);
        Some(server)
    }

    /// A server of this test alone, which it may kill.
    pub fn new() -> Option<Self> {
        let bin = programs()?;
        let dir = tempfile::Builder::new()
            .prefix("concord-pg-")
            .tempdir()
            .unwrap();
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(dir.path()));
        }
        let data = dir.path().join("data");
        let mut initdb = as_user(&bin.join("initdb"));
        initdb.args([
            "--no-sync",
            "-A",
            "trust",
            "-U",
            "postgres",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
        ]);
        run(initdb.arg("-D").arg(&data));
        let settings = format!(
            "listen_addresses = ''\nunix_socket_directories = '{}'\nmax_connections = 200\n\
             shared_buffers = 128MB\nmax_wal_size = 4GB\n",
            dir.path().display()
        );
        let file = std::fs::OpenOptions::new()
            .append(true)
            .open(data.join("postgresql.conf"));
        file.unwrap().write_all(settings.as_bytes()).unwrap();
        let server = Self {
            dir,
            child: Mutex::new(None),
        };
        server.start();
        server.execute(
            "postgres",
            "CREATE ROLE concord_owner LOGIN; CREATE ROLE concord_audit LOGIN",
        );
        Some(server)
    }

    /// Starts it and waits until it answers. It ends with this process, however that ends.
    pub fn start(&self) {
        let data = self.dir.path().join("data");
        let log = std::fs::File::create(self.dir.path().join("log")).unwrap();
        // The shell waits on a pipe that this process holds: its end ends the server.
        let script = "\"$0\" -D \"$1\" </dev/null & server=$!; cat >/dev/null; kill -INT $server; wait $server";
        let mut shell = as_user(Path::new("sh"));
        shell
            .args(["-c", script])
            .arg(programs().unwrap().join("postgres"))
            .arg(data);
        let err = log.try_clone().unwrap();
        let child = shell
            .stdin(Stdio::piped())
            .stdout(log)
            .stderr(err)
            .spawn()
            .unwrap();
        *self.child.lock().unwrap() = Some(child);
        let until = Instant::now() + Duration::from_secs(60);
        while self.try_execute("postgres", "SELECT 1").is_err() {
            let said = || std::fs::read_to_string(self.dir.path().join("log")).unwrap_or_default();
            assert!(
                Instant::now() < until,
                "PostgreSQL does not start: {}",
                said()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// kill -9: the server and every process of it, as if the machine had lost its power but for the
    /// page cache.
    pub fn kill(&self) {
        let pid = std::fs::read_to_string(self.dir.path().join("data/postmaster.pid")).unwrap();
        let server = pid.lines().next().unwrap().to_owned();
        // Stopped first, so that it makes no further ones. The shell's own kill: the program is not
        // everywhere.
        let signal = |which: &str, pids: &str| {
            let kill = format!("kill -{which} {pids}");
            let _ = Command::new("sh")
                .args(["-c", &kill])
                .stderr(Stdio::null())
                .status();
        };
        signal("STOP", &server);
        let children = format!("/proc/{server}/task/{server}/children");
        let children = std::fs::read_to_string(children).unwrap();
        let all = format!("{server} {children}");
        signal("9", &all);
        let gone = |pid: &str| {
            let state = std::fs::read_to_string(format!("/proc/{pid}/stat"));
            state.map_or(true, |state| state.contains(") Z "))
        };
        while !all.split_whitespace().all(gone) {
            std::thread::sleep(Duration::from_millis(2));
        }
        self.end_child();
    }

    fn end_child(&self) {
        let child = self
            .child
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(mut child) = child {
            drop(child.stdin.take());
            let _ = child.wait(); // it has ended, which is what was asked
        }
    }

    /// Lets it serve TCP with TLS on a free port, to roles with a password: the port, and the file of
    /// the CA that vouches for the name `localhost`.
    pub fn serve_tls(&self) -> (u16, PathBuf) {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let data = self.dir.path().join("data");
        let (key, certificate) = (data.join("server.key"), data.join("server.crt"));
        // By itself, and no CA: a certificate that may sign others is not taken for a server's.
        let extensions = data.join("openssl.conf");
        let text = "[req]\ndistinguished_name = name\n[name]\n[leaf]\n\
                    basicConstraints = critical, CA:FALSE\nsubjectAltName = DNS:localhost\n";
        std::fs::write(&extensions, text).unwrap();
        let mut made = Command::new("openssl");
        made.args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
        ]);
        made.args([
            "-nodes",
            "-subj",
            "/CN=localhost",
            "-extensions",
            "leaf",
            "-config",
        ]);
        run(made
            .arg(&extensions)
            .arg("-keyout")
            .arg(&key)
            .arg("-out")
            .arg(&certificate));
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
        if is_root() {
            run(Command::new("chown")
                .arg("postgres")
                .args([&key, &certificate]));
        }
        let hba = data.join("pg_hba.conf");
        let rules = "local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n";
        std::fs::write(hba, rules).unwrap();
        let settings = format!("listen_addresses = '127.0.0.1'\nport = {port}\nssl = on\n");
        let file = std::fs::OpenOptions::new()
            .append(true)
            .open(data.join("postgresql.conf"));
        file.unwrap().write_all(settings.as_bytes()).unwrap();
        self.end_child();
        // The socket's name has the port in it: the old name stays a way in.
        let socket = self.dir.path().join(format!(".s.PGSQL.{port}"));
        let _ = std::os::unix::fs::symlink(socket, self.socket());
        self.start();
        (port, certificate)
    }

    /// Runs the server's own load tool as the service's role, and gives what it says.
    pub fn pgbench(&self, database: &str, sql: &str, clients: usize, seconds: u64) -> String {
        let script = self.dir.path().join("load.sql");
        std::fs::write(&script, sql).unwrap();
        let mut command = as_user(&programs().unwrap().join("pgbench"));
        let (clients, seconds) = (clients.to_string(), seconds.to_string());
        command.args([
            "-n", "-M", "prepared", "-j", "2", "-c", &clients, "-T", &seconds, "-f",
        ]);
        command.arg(script).arg("-h").arg(self.dir.path());
        let done = command.args(["-U", "postgres", database]).output().unwrap();
        String::from_utf8(done.stdout).unwrap()
    }

    /// The socket's path.
    pub fn socket(&self) -> PathBuf {
        self.dir.path().join(".s.PGSQL.5432")
    }

    /// The URL of a database for the service's role.
    pub fn url(&self, database: &str) -> String {
        self.url_as("concord_audit", database)
    }

    /// The URL of a database for a role.
    pub fn url_as(&self, role: &str, database: &str) -> String {
        let host = self.dir.path().display().to_string().replace('/', "%2F");
        format!("postgres://{role}@{host}/{database}")
    }

    /// A new database with tables, or a copy of another one.
    pub fn database(&self, copied: Option<&str>) -> String {
        let name = format!("log_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
        let template = copied.map_or_else(String::new, |from| format!(" TEMPLATE {from}"));
        let sql = format!("CREATE DATABASE {name} OWNER concord_owner{template}");
        let until = Instant::now() + Duration::from_secs(10);
        // A service that was stopped may still be closing its connections.
        while let Err(error) = self.try_execute("postgres", &sql) {
            assert!(Instant::now() < until, "{error}");
            std::thread::sleep(Duration::from_millis(20));
        }
        if copied.is_none() {
            let owner = PostgresConfig::new(self.url_as("concord_owner", &name));
            migrate(&owner.read().unwrap(), "concord_audit").unwrap();
        }
        name
    }

    /// Runs statements as superuser.
    pub fn execute(&self, database: &str, sql: &str) {
        self.try_execute(database, sql).unwrap();
    }

    fn try_execute(&self, database: &str, sql: &str) -> Result<(), String> {
        self.ask(database, sql).map(drop)
    }

    /// Runs statements as superuser; the first column of the rows that come back.
    pub fn ask(&self, database: &str, sql: &str) -> Result<Vec<String>, String> {
        self.ask_as("postgres", database, sql)
    }

    /// Runs statements as that role.
    pub fn ask_as(&self, role: &str, database: &str, sql: &str) -> Result<Vec<String>, String> {
        let (url, sql) = (self.url_as(role, database), sql.to_owned());
        let work = move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let connected = tokio_postgres::connect(&url, tokio_postgres::NoTls).await;
                let (client, connection) = connected.map_err(|e| e.to_string())?;
                let driven = tokio::spawn(connection);
                let answer = client.simple_query(&sql).await;
                let answer = answer
                    .map_err(|e| e.as_db_error().map_or(e.to_string(), ToString::to_string))?;
                drop(client);
                let _ = driven.await; // closed before the next statement counts connections
                let first = |message| match message {
                    tokio_postgres::SimpleQueryMessage::Row(row) => Some(row.get(0)?.to_owned()),
                    _ => None,
                };
                Ok(answer.into_iter().filter_map(first).collect())
            })
        };
        std::thread::spawn(work).join().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end_child();
        // Its files belong to another user, who may have made them unreadable.
        let _ = std::fs::set_permissions(self.dir.path(), std::fs::Permissions::from_mode(0o700));
    }
}
