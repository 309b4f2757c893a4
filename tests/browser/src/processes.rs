//! Child processes that end when their owner is dropped.

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{getpid, kill_process, set_child_subreaper, waitpid, Pid, Signal, WaitOptions};
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::Failure;

/// How long processes may take to end after SIGTERM, before they get SIGKILL. Xvfb has files to remove.
const GRACE_PERIOD: Duration = Duration::from_secs(1);
const KILL_TIMEOUT: Duration = Duration::from_secs(5);

/// Starts processes. When it is dropped, they and all their descendants are ended.
///
/// Process groups are not enough: a driver puts its browser into a group of its own, and a browser outlives a driver
/// that is killed. So this process is made a subreaper: orphaned descendants become its children and can be found.
pub struct Processes(());

impl Processes {
    pub fn new() -> io::Result<Self> {
        set_child_subreaper(Some(getpid()))?;
        Ok(Processes(()))
    }

    /// Starts a program.
    pub fn start(&mut self, command: &mut Command) -> Result<(), Failure> {
        self.spawn(command.stdout(Stdio::null())).map(drop)
    }

    /// Starts a program, waits for the first line of its output that `parse` accepts, and returns the parsed value.
    pub async fn start_and_parse<T: Send + 'static>(
        &mut self,
        command: &mut Command,
        parse: impl Fn(&str) -> Option<T> + Send + 'static,
        limit: Duration,
    ) -> Result<T, Failure> {
        let name = command.get_program().to_string_lossy().into_owned();
        let mut child = self.spawn(command.stdout(Stdio::piped()))?;
        let stdout = child.stdout.take().ok_or_else(|| format!("{name} has no output"))?;
        let (sender, receiver) = oneshot::channel();
        std::thread::spawn(move || {
            let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
            if let Some(value) = lines.find_map(|line| parse(&line)) {
                _ = sender.send(value);
            }
            // Reads on, because a full pipe would block the program.
            lines.for_each(drop);
        });
        match timeout(limit, receiver).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(_)) => Err(format!("{name} ended before it was ready").into()),
            Err(_) => Err(format!("{name} was not ready within {limit:?}").into()),
        }
    }

    fn spawn(&mut self, command: &mut Command) -> Result<Child, Failure> {
        let child = command.stdin(Stdio::null()).stderr(Stdio::null()).spawn();
        Ok(child
            .map_err(|error| format!("cannot start {}: {error}", command.get_program().to_string_lossy()))?)
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        let start = Instant::now();
        // Repeated, because a process may start another one while the list is read.
        loop {
            let remaining = descendants();
            if remaining.is_empty() || start.elapsed() > KILL_TIMEOUT {
                break;
            }
            let signal = if start.elapsed() < GRACE_PERIOD { Signal::TERM } else { Signal::KILL };
            for pid in remaining {
                _ = kill_process(pid, signal);
            }
            while matches!(waitpid(None, WaitOptions::NOHANG), Ok(Some(_))) {}
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Returns all descendants of this process.
fn descendants() -> Vec<Pid> {
    let parents: Vec<(i32, i32)> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(|pid| Some((pid, parent_of(pid)?)))
        .collect();
    let mut pids = vec![std::process::id() as i32];
    let mut next = 0;
    while next < pids.len() {
        let parent = pids[next];
        pids.extend(parents.iter().filter(|(_, its_parent)| *its_parent == parent).map(|(pid, _)| *pid));
        next += 1;
    }
    pids.into_iter().skip(1).filter_map(Pid::from_raw).collect()
}

/// Reads the fourth field of `stat`. The second field, a name in parentheses, may contain blanks.
fn parent_of(pid: i32) -> Option<i32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}
