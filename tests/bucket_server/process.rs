//! The process: where it listens, what it says, and how it ends.

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
async fn it_listens_on_loopback_only() {
    let refused = output(&["--listen", "0.0.0.0:0"]).await;
    let words = "0.0.0.0:0 is 0.0.0.0, which others can reach, and signatures are not checked: \
                 --public listens there all the same";
    assert_eq!(message(&refused), words);
    assert!(
        message(&output(&["--listen", "[::]:0"]).await).starts_with("[::]:0 is ::, which others can reach")
    );

    // An address for documentation, which is nobody's: past the refusal, it still is not ours.
    let foreign = "192.0.2.1:0";
    assert!(message(&output(&["--listen", foreign]).await).contains(" is 192.0.2.1, which others can reach"));
    let allowed = message(&output(&["--listen", foreign, "--public"]).await);
    assert!(allowed.starts_with("cannot listen on 192.0.2.1:0: "), "{allowed}");
}

#[tokio::test]
async fn it_says_what_it_cannot_do() {
    let usage = "usage: bucket_server [--listen HOST:PORT] [--public]";
    let unknown = message(&output(&["--help"]).await);
    assert_eq!(unknown, format!("unknown argument \"--help\"\n{usage}"));
    assert_eq!(message(&output(&["--listen"]).await), usage);
    assert!(message(&output(&["--listen", "nowhere"]).await).starts_with("cannot listen on nowhere: "));
    let server = Server::start().await;
    let taken = message(&output(&["--listen", &server.address]).await);
    assert!(taken.starts_with(&format!("cannot listen on {}: ", server.address)), "{taken}");
}

#[tokio::test]
async fn it_says_that_it_checks_no_signatures() {
    let mut server = Server::start().await;
    server.process.start_kill().expect("a running process");
    let mut words = String::new();
    let mut errors = server.process.stderr.take().expect("its errors");
    within(errors.read_to_string(&mut words)).await.expect("text");
    assert_eq!(
        words,
        "signatures are not checked: whoever reaches this server may read and write all that it holds\n"
    );
}

#[cfg(unix)]
mod signals {
    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpStream;
    use tokio::process::Command;

    use super::*;

    async fn signal(server: &Server, name: &str) {
        let id = server.process.id().expect("a running process").to_string();
        let sent = within(Command::new("kill").args([name, &id]).status()).await.expect("the command kill");
        assert!(sent.success());
    }

    async fn connect(server: &Server) -> TcpStream {
        within(TcpStream::connect(&server.address)).await.expect("a connection")
    }

    /// A PUT of five bytes, two of which are sent.
    async fn begin(server: &Server) -> TcpStream {
        let mut stream = connect(server).await;
        let head =
            "PUT /notes/a HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\nexpect: 100-continue\r\n\r\n";
        stream.write_all(head.as_bytes()).await.expect("a request sent");
        let mut go_on = [0; 25];
        within(stream.read_exact(&mut go_on)).await.expect("100 Continue");
        assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
        stream.write_all(b"he").await.expect("some of the body sent");
        stream
    }

    #[tokio::test]
    async fn end_it_at_once_when_it_is_idle() {
        for name in ["-INT", "-TERM"] {
            let mut server = Server::with_bucket().await;
            let _idle = connect(&server).await;
            signal(&server, name).await;
            let status = within(server.process.wait()).await.expect("an end");
            assert!(status.success(), "{name}: {status}");
        }
    }

    #[tokio::test]
    async fn let_it_finish_a_request() {
        let mut server = Server::with_bucket().await;
        let mut stream = begin(&server).await;
        let mut idle = connect(&server).await;
        idle.write_all(b"HEAD /notes HTTP/1.1\r\nhost: localhost\r\n\r\n").await.expect("a request sent");
        within(idle.read_u8()).await.expect("an answer");
        signal(&server, "-TERM").await;
        // It closes its idle connections when it begins to stop.
        within(idle.read_to_end(&mut Vec::new())).await.expect("a closed connection");

        stream.write_all(b"llo").await.expect("the rest of the body sent");
        let mut answer = String::new();
        within(stream.read_to_string(&mut answer)).await.expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.contains("5d41402abc4b2a76b9719d911017c592"), "{answer}");
        assert!(within(server.process.wait()).await.expect("an end").success());
    }

    #[tokio::test]
    async fn end_it_though_a_request_does_not() {
        let mut server = Server::with_bucket().await;
        let _unfinished = begin(&server).await;
        signal(&server, "-TERM").await;
        let mut words = String::new();
        let mut errors = server.process.stderr.take().expect("its errors");
        within(errors.read_to_string(&mut words)).await.expect("text");
        assert!(words.ends_with("\nsome requests were still under way after 5s\n"), "{words}");
        assert!(!within(server.process.wait()).await.expect("an end").success());
    }
}
