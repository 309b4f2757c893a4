//! A PostgreSQL of its own for a test, on a socket in a temporary folder.

use std::path::PathBuf;
use std::process::Stdio;

use tempfile::TempDir;
use test_support::example::within;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// Ends the server as soon as standard input closes, which it also does if the test is killed.
/// HUP is what the system sends to a group with stopped processes whose parent is gone.
const SERVE: &str = r#"trap "" HUP
    "$@" & read -r _; kill -CONT $! $(cat /proc/$!/task/*/children); kill -INT $!; wait $!"#;
/// Sends a signal to the server and to the processes of its connections.
const SIGNAL: &str = r#"kill "$1" "$2" $(cat "/proc/$2/task/$2/children")"#;

pub struct Postgres {
    folder: TempDir,
    user: Option<u32>,
    server: Option<Child>,
}

impl Postgres {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut postgres = Postgres { folder, user: user().await, server: None };
        if let Some(user) = postgres.user {
            std::os::unix::fs::chown(postgres.folder.path(), Some(user), None).expect("root's rights");
        }
        let mut initdb = postgres.command(program("initdb"));
        initdb.args(["--username=tenants", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C"]);
        let output = within(initdb.arg("-D").arg(postgres.data()).output()).await.expect("initdb");
        assert!(output.status.success(), "{output:?}");
        postgres.serve().await;
        postgres
    }

    /// Starts the server and waits until it is ready.
    pub async fn serve(&mut self) {
        let mut serve = self.command(PathBuf::from("sh"));
        serve.args(["-c", SERVE, "sh"]).arg(program("postgres")).arg("-D").arg(self.data());
        serve.args(["-c", "listen_addresses=", "-c", "fsync=off", "-k"]).arg(self.folder.path());
        serve.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        // A group of its own: what kills the test and its group leaves the shell to end the server.
        let mut server = serve.process_group(0).spawn().expect("sh");
        let mut log = BufReader::new(server.stderr.take().expect("its log")).lines();
        let mut lines = Vec::new();
        while let Some(line) = within(log.next_line()).await.expect("its log") {
            if line.ends_with("database system is ready to accept connections") {
                // Reads on, because a full pipe would block the server.
                tokio::spawn(async move { while let Ok(Some(_)) = log.next_line().await {} });
                self.server = Some(server);
                return;
            }
            lines.push(line);
        }
        panic!("PostgreSQL ended: {lines:?}");
    }

    /// Stops the server, which closes all connections.
    pub async fn stop(&mut self) {
        let mut server = self.server.take().expect("a running server");
        drop(server.stdin.take());
        within(server.wait()).await.expect("an end");
    }

    /// Sends a signal to all processes of the server: with -STOP it is silent, and closes no connection.
    pub async fn signal(&self, name: &str) {
        let file = std::fs::read_to_string(self.data().join("postmaster.pid")).expect("its process id");
        let id = file.lines().next().expect("its process id");
        let sent =
            within(Command::new("sh").args(["-c", SIGNAL, "sh", name, id]).status()).await.expect("sh");
        assert!(sent.success());
    }

    pub fn url(&self) -> String {
        format!("postgres://tenants@localhost/postgres?host={}", self.folder.path().display())
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn command(&self, program: PathBuf) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.folder.path());
        if let Some(user) = self.user {
            command.uid(user);
        }
        command
    }
}

/// The user to run as: PostgreSQL refuses to run as root.
async fn user() -> Option<u32> {
    let id = |arguments: &'static [&str]| async move {
        let output = within(Command::new("id").args(arguments).output()).await.expect("the command id");
        String::from_utf8_lossy(&output.stdout).trim().parse().ok()
    };
    if id(&["-u"]).await == Some(0) {
        Some(
            id(&["-u", "postgres"])
                .await
                .expect("Debian's package postgresql, which makes the user postgres"),
        )
    } else {
        None
    }
}

/// Debian keeps the programs of each version apart and out of PATH.
fn program(name: &str) -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").expect("Debian's package postgresql");
    let found = versions.flatten().map(|version| version.path().join("bin").join(name));
    found.filter(|path| path.exists()).max().expect("Debian's package postgresql")
}
