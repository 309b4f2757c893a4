//! The process: where it listens, what it prints, and how it stops.

use std::process::Output;

use tokio::io::AsyncReadExt;

use crate::server::{command, within, Server};

async fn output(arguments: &[&str]) -> Output {
    within(command(arguments).output()).await.expect("a process")
}

fn message(output: &Output) -> String {
    assert!(!output.status.success(), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    String::from_utf8_lossy(&output.stderr).trim_end().to_owned()
}

#[tokio::test]
async fn server_listens_on_loopback_only_by_default() {
    let refused = output(&["--listen", "0.0.0.0:0"]).await;
    let expected =
        "0.0.0.0:0 resolves to 0.0.0.0, which other machines can reach, and signatures are not checked; \
                    use --public to listen there anyway";
    assert_eq!(message(&refused), expected);
    let refused = message(&output(&["--listen", "[::]:0"]).await);
    assert!(refused.starts_with("[::]:0 resolves to ::, which other machines can reach"), "{refused}");

    // No machine has this address, which is reserved for documentation: with `--public` the bind itself fails.
    let foreign = "192.0.2.1:0";
    let refused = message(&output(&["--listen", foreign]).await);
    assert!(refused.contains(" resolves to 192.0.2.1, which other machines can reach"), "{refused}");
    let allowed = message(&output(&["--listen", foreign, "--public"]).await);
    assert!(allowed.starts_with("cannot listen on 192.0.2.1:0: "), "{allowed}");
}

#[tokio::test]
async fn invalid_arguments_are_reported() {
    let usage = "usage: bucket_server [--listen HOST:PORT] [--public]";
    let unknown = message(&output(&["--port"]).await);
    assert_eq!(unknown, format!("unknown argument \"--port\"\n{usage}"));
    assert_eq!(message(&output(&["--listen"]).await), usage);
    assert!(message(&output(&["--listen", "nowhere"]).await).starts_with("cannot listen on nowhere: "));
    let server = Server::start().await;
    let taken = message(&output(&["--listen", &server.address]).await);
    let expected = "another program does; choose another port with --listen HOST:PORT";
    assert_eq!(taken, format!("cannot listen on {}: {expected}", server.address));
}

#[tokio::test]
async fn help_names_every_option() {
    let help = output(&["--help"]).await;
    assert!(help.status.success() && help.stderr.is_empty(), "{help:?}");
    let help = String::from_utf8_lossy(&help.stdout).into_owned();
    assert!(help.starts_with("usage: bucket_server [--listen HOST:PORT] [--public]\n"), "{help}");
    for option in ["\n  --listen HOST:PORT ", "\n  --public ", "\n  --help "] {
        assert!(help.contains(option), "{option}: {help}");
    }
}

#[tokio::test]
async fn warning_about_signatures_is_printed() {
    let mut server = Server::start().await;
    server.process.start_kill().expect("a running process");
    let mut printed = String::new();
    let mut errors = server.process.stderr.take().expect("its errors");
    within(errors.read_to_string(&mut printed)).await.expect("text");
    assert_eq!(
        printed,
        "warning: signatures are not checked; anyone who can connect can read and write all objects\n"
    );
}

#[cfg(unix)]
mod signals {
    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpStream;
    use tokio::process::Command;

    use super::*;

    async fn send_signal(server: &Server, name: &str) {
        let id = server.process.id().expect("a running process").to_string();
        let sent = within(Command::new("kill").args([name, &id]).status()).await.expect("the command kill");
        assert!(sent.success());
    }

    async fn connect(server: &Server) -> TcpStream {
        within(TcpStream::connect(&server.address)).await.expect("a connection")
    }

    /// Starts a PUT of five bytes and sends two of them.
    async fn start_put(server: &Server) -> TcpStream {
        let mut stream = connect(server).await;
        let head =
            "PUT /notes/a HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\nexpect: 100-continue\r\n\r\n";
        stream.write_all(head.as_bytes()).await.expect("a request sent");
        let mut interim = [0; 25];
        within(stream.read_exact(&mut interim)).await.expect("100 Continue");
        assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
        stream.write_all(b"he").await.expect("some of the body sent");
        stream
    }

    #[tokio::test]
    async fn idle_server_stops_at_once() {
        for name in ["-INT", "-TERM"] {
            let mut server = Server::with_bucket().await;
            let _idle = connect(&server).await;
            send_signal(&server, name).await;
            let status = within(server.process.wait()).await.expect("an end");
            assert!(status.success(), "{name}: {status}");
        }
    }

    #[tokio::test]
    async fn running_request_is_finished() {
        let mut server = Server::with_bucket().await;
        let mut stream = start_put(&server).await;
        let mut idle = connect(&server).await;
        idle.write_all(b"HEAD /notes HTTP/1.1\r\nhost: localhost\r\n\r\n").await.expect("a request sent");
        within(idle.read_u8()).await.expect("an answer");
        send_signal(&server, "-TERM").await;
        // The server closes idle connections as soon as it begins to stop.
        within(idle.read_to_end(&mut Vec::new())).await.expect("a closed connection");

        stream.write_all(b"llo").await.expect("the rest of the body sent");
        let mut answer = String::new();
        within(stream.read_to_string(&mut answer)).await.expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.contains("5d41402abc4b2a76b9719d911017c592"), "{answer}");
        assert!(within(server.process.wait()).await.expect("an end").success());
    }

    #[tokio::test]
    async fn unfinished_request_does_not_prevent_the_stop() {
        let mut server = Server::with_bucket().await;
        let _unfinished = start_put(&server).await;
        send_signal(&server, "-TERM").await;
        let mut printed = String::new();
        let mut errors = server.process.stderr.take().expect("its errors");
        within(errors.read_to_string(&mut printed)).await.expect("text");
        assert!(printed.ends_with("\nsome requests were still running after 5s\n"), "{printed}");
        assert!(!within(server.process.wait()).await.expect("an end").success());
    }
}
