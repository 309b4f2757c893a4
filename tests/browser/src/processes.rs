//! Child processes that end with whatever started them.

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{getpid, kill_process, set_child_subreaper, waitpid, Pid, Signal, WaitOptions};
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::Failure;

/// How long processes may take to end by themselves, as Xvfb has files to remove.
const GRACE: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(5);

/// The door to all processes that this one starts: when it is dropped, they end, and so do those that they started.
///
/// A driver puts its browser into a process group of its own, so groups do not reach it, and a browser outlives a
/// driver that is killed. Therefore what is left without a parent becomes a child of this process, and is found by
/// that.
pub struct Processes(());

impl Processes {
    pub fn new() -> io::Result<Self> {
        set_child_subreaper(Some(getpid()))?;
        Ok(Processes(()))
    }

    /// Starts a program and keeps it until the end.
    pub fn start(&mut self, command: &mut Command) -> Result<(), Failure> {
        self.spawn(command.stdout(Stdio::null())).map(drop)
    }

    /// Starts a program and waits for the first of its lines that tells what is asked for.
    pub async fn start_and_hear<T: Send + 'static>(
        &mut self,
        command: &mut Command,
        tells: impl Fn(&str) -> Option<T> + Send + 'static,
        patience: Duration,
    ) -> Result<T, Failure> {
        let name = command.get_program().to_string_lossy().into_owned();
        let mut child = self.spawn(command.stdout(Stdio::piped()))?;
        let stdout = child.stdout.take().ok_or_else(|| format!("{name} has no output"))?;
        let (heard, hears) = oneshot::channel();
        std::thread::spawn(move || {
            let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
            if let Some(told) = lines.find_map(|line| tells(&line)) {
                _ = heard.send(told);
            }
            // To the end, as a full pipe would halt the program.
            lines.for_each(drop);
        });
        match timeout(patience, hears).await {
            Ok(Ok(told)) => Ok(told),
            Ok(Err(_)) => Err(format!("{name} ended before it was ready").into()),
            Err(_) => Err(format!("{name} was not ready within {patience:?}").into()),
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
        let begun = Instant::now();
        // Again, as a process may start another while the list is read, and the children of one that ends become ours.
        loop {
            let left = descendants();
            if left.is_empty() || begun.elapsed() > PATIENCE {
                break;
            }
            let signal = if begun.elapsed() < GRACE { Signal::TERM } else { Signal::KILL };
            for pid in left {
                _ = kill_process(pid, signal);
            }
            while matches!(waitpid(None, WaitOptions::NOHANG), Ok(Some(_))) {}
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// All processes below this one.
fn descendants() -> Vec<Pid> {
    let parents: Vec<(i32, i32)> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(|pid| Some((pid, parent_of(pid)?)))
        .collect();
    let mut family = vec![std::process::id() as i32];
    let mut next = 0;
    while next < family.len() {
        let parent = family[next];
        family.extend(parents.iter().filter(|(_, its)| *its == parent).map(|(pid, _)| *pid));
        next += 1;
    }
    family.into_iter().skip(1).filter_map(Pid::from_raw).collect()
}

/// The fourth field of `stat`; the second, a name in brackets, may have blanks in it.
fn parent_of(pid: i32) -> Option<i32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}
