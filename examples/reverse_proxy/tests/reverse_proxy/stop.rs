//! How the process stops: running requests are finished, for a while.
#![cfg(unix)]

use tokio::net::TcpListener;
use tokio::process::Command;

use crate::proxy::{folder, within, Proxy};
use crate::raw::{Between, Connection};

async fn send_signal(proxy: &Proxy) {
    let id = proxy.process.id().expect("a running process").to_string();
    let sent = within(Command::new("kill").args(["-TERM", &id]).status()).await.expect("the command kill");
    assert!(sent.success());
}

#[tokio::test]
async fn running_request_is_finished() {
    let mut between = Between::start().await;
    let mut idle = Connection::to(&between.proxy.public).await;
    idle.write("OPTIONS / HTTP/1.1\r\nhost: h\r\n\r\n").await;
    idle.read_until("</Error>").await;
    let head = "PUT /photos/a HTTP/1.1\r\nhost: h\r\ncontent-length: 10\r\n\r\nfirst";
    let (_, mut store) = between.forward(head, "first").await;
    send_signal(&between.proxy).await;
    // Idle connections are closed as soon as the proxy begins to stop.
    idle.read_to_end().await;

    between.client.write("later").await;
    store.read_until("later").await;
    store.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
    let answer = between.client.read_to_end().await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("ok"), "{answer}");
    assert!(within(between.proxy.process.wait()).await.expect("an end").success());
}

#[tokio::test]
async fn unfinished_request_does_not_prevent_the_stop() {
    // Whether the request may run on for no time at all, or is ended by a second signal.
    for (more, signals, printed) in [
        (&["--grace", "0"][..], 1, "some requests were still running after 0ns\n"),
        (&[][..], 2, "stopped by a second signal\n"),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a listener");
        let folder = folder();
        let store = listener.local_addr().expect("an address").to_string();
        let mut proxy = Proxy::start_with(&store, &folder, more).await;
        let mut client = Connection::to(&proxy.public).await;
        client.write("GET /photos/a HTTP/1.1\r\nhost: h\r\n\r\n").await;
        let mut waiting = Connection::accept(&listener).await;
        waiting.read_head().await;
        send_signal(&proxy).await;
        if signals == 2 {
            // The first one has been seen when no one listens any more.
            while tokio::net::TcpStream::connect(&proxy.public).await.is_ok() {
                tokio::task::yield_now().await;
            }
            send_signal(&proxy).await;
        }
        assert_eq!(proxy.errors().await, printed);
        assert!(!within(proxy.process.wait()).await.expect("an end").success());
    }
}
