//! A server in a process of its own, so that its processor time can be read.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// A process, killed when dropped.
#[derive(Debug)]
pub struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill(); // SIGKILL
        let _ = self.0.wait();
    }
}

impl Process {
    /// Starts a command and reads the first line that it prints.
    ///
    /// # Errors
    /// It cannot be started, or ends before it prints a line.
    pub fn start(command: &mut Command) -> Result<(Self, String)> {
        let mut child = command
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start a server")?;
        let stdout = child.stdout.take().context("no stdout")?;
        let process = Self(child);
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        if line.is_empty() {
            bail!("a server ended before it said where it listens");
        }
        Ok((process, line.trim().to_owned()))
    }

    /// Time on a processor so far, of all threads, in the kernel's nanoseconds.
    ///
    /// # Errors
    /// The process has ended, or the kernel does not say.
    pub fn cpu(&self) -> Result<Duration> {
        let mut total = 0;
        for thread in std::fs::read_dir(format!("/proc/{}/task", self.0.id()))? {
            // A thread may end between listing and reading.
            let Ok(stat) = std::fs::read_to_string(thread?.path().join("schedstat")) else {
                continue;
            };
            let ns = stat.split(' ').next().context("no schedstat")?;
            total += ns.parse::<u64>()?;
        }
        Ok(Duration::from_nanos(total))
    }

    /// Its number, for tools that look at it from outside.
    pub fn id(&self) -> u32 {
        self.0.id()
    }
}
