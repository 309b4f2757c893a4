//! Everything but CORS is forwarded unread and unchanged, in both directions, as it comes.

use crate::proxy::{assert_fails, document, folder, request, text, Proxy, NO_STORE};
use crate::raw::{sorted, Between};

const EMPTY_ANSWER: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

#[tokio::test]
async fn request_reaches_the_store_byte_for_byte() {
    let requests: [&[u8]; 5] = [
        b"PUT /photos//a%2Fb/../c%20d+e?x=%41&y&&X-Amz-Signature=a%2Bb= HTTP/1.1\r\nHost: Photos.Example.com:81\r\n\
          Authorization: AWS4-HMAC-SHA256 Credential=key\r\nX-Amz-Meta-Name: caf\xe9\r\nx-amz-meta-name: 2\r\n\
          Origin: https://app.example.com\r\nContent-Length: 5\r\n\r\nhello",
        b"GET /photos/a?response-content-type=a%2Fb HTTP/1.1\r\nHost: h\r\nRange: bytes=1-2\r\nACCEPT-encoding: identity\r\n\r\n",
        b"POST /photos?delete HTTP/1.1\r\nhost: h\r\ncontent-encoding: aws-chunked\r\ncontent-length: 28\r\n\r\n\
          5;chunk-signature=a\r\nhello\r\n",
        b"DELETE /photos/a?versionId=1 HTTP/1.1\r\nhost: h\r\ncookie: a=b\r\ncookie: c=d\r\n\r\n",
        b"SEARCH / HTTP/1.1\r\nhost: h\r\n\r\n",
    ];
    for bytes in requests {
        let mut between = Between::start().await;
        let sent: String = bytes.iter().map(|byte| char::from(*byte)).collect();
        let end = sent.rsplit_once("\r\n\r\n").map_or("", |(_, body)| body);
        let end = if end.is_empty() { "\r\n\r\n" } else { end };
        let (arrived, mut store) = between.forward(bytes, end).await;
        assert_eq!(sorted(&arrived), sorted(&sent));
        store.write(EMPTY_ANSWER).await;
        assert!(between.client.read_head().await.starts_with("HTTP/1.1 200 OK\r\n"));
    }
}

#[tokio::test]
async fn headers_of_one_connection_end_at_the_proxy() {
    // What the client sends, and what of it reaches the store.
    let cases = [
        ("connection: close", ""),
        ("connection: keep-alive, x-mine\r\nx-mine: 1\r\nkeep-alive: timeout=5", ""),
        ("connection: upgrade\r\nupgrade: websocket\r\nx-other: 1", "x-other: 1"),
        ("proxy-connection: keep-alive", ""),
        ("te: trailers\r\nconnection: te", "connection: te\r\nte: trailers"),
        ("te: gzip\r\nconnection: te", ""),
        // Host is no header of one connection, whatever the client says.
        ("connection: host, authorization\r\nauthorization: a", ""),
    ];
    for (sent, arrives) in cases {
        let mut between = Between::start().await;
        let sent = format!("GET /photos/a HTTP/1.1\r\nhost: h\r\n{sent}\r\n\r\n");
        let (arrived, _) = between.forward(&sent, "\r\n\r\n").await;
        let separator = if arrives.is_empty() { "" } else { "\r\n" };
        let expected = format!("GET /photos/a HTTP/1.1\r\nhost: h{separator}{arrives}\r\n\r\n");
        assert_eq!(sorted(&arrived), sorted(&expected), "{sent}");
    }
}

#[tokio::test]
async fn answer_reaches_the_client_unchanged_but_for_cors() {
    let mut between = Between::start().await;
    between.proxy.put_rules("photos", document("https://app.example.com")).await;
    let request = "GET /photos/a HTTP/1.1\r\nhost: h\r\norigin: https://app.example.com\r\n\r\n";
    let (_, mut store) = between.forward(request, "\r\n\r\n").await;
    let unchanged =
        "ETag: \"1\"\r\nx-amz-meta-NAME: a\r\nset-cookie: a\r\nset-cookie: b\r\nServer: store\r\n\
                     Date: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Length: 5";
    let dropped = "Connection: x-mine\r\nX-Mine: 1\r\nKeep-Alive: timeout=5\r\n\
                   Access-Control-Allow-Origin: *\r\nAccess-Control-Allow-Credentials: true\r\n\
                   Access-Control-Allow-Private-Network: true\r\nAccess-Control-Expose-Headers: x-mine";
    let vary = "Vary: Accept-Encoding";
    store
        .write(format!("HTTP/1.1 206 Partial Content\r\n{unchanged}\r\n{dropped}\r\n{vary}\r\n\r\nhello"))
        .await;
    // Names of headers that the store has sent too are in its case.
    let expected = format!(
        "HTTP/1.1 206 Partial Content\r\n{unchanged}\r\n\
         Vary: Accept-Encoding, Origin, Access-Control-Request-Headers, Access-Control-Request-Method\r\n\
         Access-Control-Allow-Origin: https://app.example.com\r\nAccess-Control-Allow-Credentials: true\r\n\
         access-control-allow-methods: GET, PUT, POST, DELETE, HEAD\r\nAccess-Control-Expose-Headers: ETag\r\n\r\n"
    );
    assert_eq!(sorted(&between.client.read_head().await), sorted(&expected));
    assert_eq!(between.client.read_until("hello").await, "hello");
}

/// A bucket without rules has no CORS at all, whatever the store says.
#[tokio::test]
async fn cors_headers_of_the_store_never_pass() {
    let mut between = Between::start().await;
    let request = "GET /photos/a HTTP/1.1\r\nhost: h\r\norigin: https://app.example.com\r\n\r\n";
    let (_, mut store) = between.forward(request, "\r\n\r\n").await;
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\ndate: now";
    store.write(format!("{head}\r\naccess-control-allow-origin: *\r\n\r\n")).await;
    assert_eq!(sorted(&between.client.read_head().await), sorted(&format!("{head}\r\n\r\n")));
}

#[tokio::test]
async fn answers_without_a_body_keep_their_length() {
    let cases = [
        ("HEAD", "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\ndate: now\r\n\r\n"),
        ("GET", "HTTP/1.1 304 Not Modified\r\netag: \"1\"\r\ndate: now\r\n\r\n"),
        ("DELETE", "HTTP/1.1 204 No Content\r\ndate: now\r\n\r\n"),
    ];
    for (method, answer) in cases {
        let mut between = Between::start().await;
        let request = format!("{method} /photos/a HTTP/1.1\r\nhost: h\r\n\r\n");
        // Two of them on one connection: what is wrong with the first would be read as part of the second.
        for _ in 0..2 {
            let (_, mut store) = between.forward(&request, "\r\n\r\n").await;
            store.write(answer).await;
            drop(store);
            assert_eq!(sorted(&between.client.read_head().await), sorted(answer), "{method}");
        }
    }
}

#[tokio::test]
async fn chunked_bodies_and_trailers_pass_both_ways() {
    for method in ["PUT", "GET"] {
        let mut between = Between::start().await;
        let body = "5\r\nhello\r\n0\r\nx-amz-checksum-crc32: abc\r\n\r\n";
        let request = format!(
            "{method} /photos/a HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\nte: trailers\r\nconnection: te\r\n\
             trailer: x-amz-checksum-crc32\r\n\r\n{body}"
        );
        let (arrived, mut store) = between.forward(&request, "abc\r\n\r\n").await;
        assert_eq!(sorted(&arrived), sorted(&request));
        let head = "HTTP/1.1 200 OK\r\ndate: now\r\ntrailer: x-amz-checksum-crc32\r\ntransfer-encoding: chunked\r\n\r\n";
        store.write(format!("{head}{body}")).await;
        let answer = between.client.read_until("abc\r\n\r\n").await;
        assert_eq!(sorted(&answer), sorted(&format!("{head}{body}")));
    }
}

/// Two lengths of one request are how requests are smuggled: the store must be told one only.
#[tokio::test]
async fn request_with_two_lengths_or_hosts_cannot_be_read_in_two_ways() {
    let mut between = Between::start().await;
    let both = "PUT /photos/a HTTP/1.1\r\nhost: h\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n\
                5\r\nhello\r\n0\r\n\r\n";
    let (arrived, _) = between.forward(both, "0\r\n\r\n").await;
    assert!(!arrived.contains("content-length"), "{arrived}");
    assert!(arrived.ends_with("transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"), "{arrived}");

    for refused in [
        "host: h\r\ncontent-length: 4\r\ncontent-length: 5",
        "host: h\r\ncontent-length: 4, 5",
        "host: h\r\ntransfer-encoding: chunked, gzip",
        "host: photos.example.com\r\nhost: secrets.example.com",
    ] {
        let mut between = Between::start().await;
        between.client.write(format!("PUT /photos/a HTTP/1.1\r\n{refused}\r\n\r\n")).await;
        let answer = between.client.read_head().await;
        assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{answer}");
    }
}

/// A target with a host, which clients send to a proxy, is turned into what a server expects.
#[tokio::test]
async fn absolute_target_sets_the_host() {
    let mut between = Between::start().await;
    let request = "GET http://photos.example.com:81/a?b=%20 HTTP/1.1\r\nHost: other\r\n\r\n";
    let (arrived, _) = between.forward(request, "\r\n\r\n").await;
    assert_eq!(arrived, "GET /a?b=%20 HTTP/1.1\r\nHost: photos.example.com:81\r\n\r\n");
}

/// The body of a client that waits is asked for when the store asks for it, and not at all if the store refuses it.
#[tokio::test]
async fn expectation_is_the_stores_to_answer() {
    let head = "PUT /photos/a HTTP/1.1\r\nhost: h\r\nexpect: 100-continue\r\ncontent-length: 5\r\n\r\n";
    let refusal = "HTTP/1.1 403 Forbidden\r\ncontent-length: 7\r\ndate: now\r\n\r\nrefused";

    let mut granted = Between::start().await;
    let (arrived, mut store) = granted.forward(head, "\r\n\r\n").await;
    assert_eq!(sorted(&arrived), sorted(head));
    store.write("HTTP/1.1 100 Continue\r\n\r\n").await;
    assert_eq!(granted.client.read_head().await, "HTTP/1.1 100 Continue\r\n\r\n");
    granted.client.write("hello").await;
    assert_eq!(store.read_until("hello").await, "hello");
    store.write(EMPTY_ANSWER).await;
    assert!(granted.client.read_head().await.starts_with("HTTP/1.1 200 OK\r\n"));

    let mut refused = Between::start().await;
    let (_, mut store) = refused.forward(head, "\r\n\r\n").await;
    store.write(refusal).await;
    assert_eq!(sorted(&refused.client.read_until("refused").await), sorted(refusal));

    // A store that knows no expectation waits for the body, so the proxy asks for it after a second.
    let mut silent = Between::start().await;
    let (_, mut store) = silent.forward(head, "\r\n\r\n").await;
    assert_eq!(silent.client.read_head().await, "HTTP/1.1 100 Continue\r\n\r\n");
    silent.client.write("hello").await;
    assert_eq!(store.read_until("hello").await, "hello");
}

/// Without an expectation too, a store may refuse an upload of which it has read the head alone.
#[tokio::test]
async fn early_refusal_reaches_a_client_that_still_sends() {
    let head = "PUT /photos/a HTTP/1.1\r\nhost: h\r\ncontent-length: 100000000\r\n\r\nfirst";
    let mut between = Between::start().await;
    let (_, mut store) = between.forward(head, "first").await;
    store.write("HTTP/1.1 403 Forbidden\r\ncontent-length: 7\r\nconnection: close\r\n\r\nrefused").await;
    drop(store);
    let answer = between.client.read_until("refused").await;
    assert!(answer.starts_with("HTTP/1.1 403 Forbidden\r\n"), "{answer}");
}

/// Each end gets the first bytes while the other one still holds the last ones back.
#[tokio::test]
async fn bodies_are_streamed() {
    let mut between = Between::start().await;
    let head = "PUT /photos/a HTTP/1.1\r\nhost: h\r\ncontent-length: 10\r\n\r\n";
    let (_, mut store) = between.forward(format!("{head}first"), "first").await;
    between.client.write("later").await;
    store.read_until("later").await;
    store.write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nfirst").await;
    between.client.read_until("first").await;
    store.write("later").await;
    between.client.read_until("later").await;
}

#[tokio::test]
async fn answer_that_breaks_off_does_not_look_whole() {
    let heads = ["content-length: 10\r\n\r\nhello", "transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n"];
    for head in heads {
        let mut between = Between::start().await;
        let request = "GET /photos/a HTTP/1.1\r\nhost: h\r\n\r\n";
        let (_, mut store) = between.forward(request, "\r\n\r\n").await;
        store.write(format!("HTTP/1.1 200 OK\r\n{head}")).await;
        between.client.read_until("hello").await;
        drop(store);
        assert!(!between.client.read_to_end().await.contains("0\r\n\r\n"));
    }
}

#[tokio::test]
async fn upload_that_breaks_off_does_not_look_whole() {
    let heads = ["content-length: 10\r\n\r\nhello", "transfer-encoding: chunked\r\n\r\n5\r\nhello"];
    for head in heads {
        let mut between = Between::start().await;
        let request = format!("PUT /photos/a HTTP/1.1\r\nhost: h\r\n{head}");
        let (_, mut store) = between.forward(&request, "hello").await;
        drop(between.client);
        assert_eq!(store.read_to_end().await.trim_end(), "");
    }
}

#[tokio::test]
async fn old_client_gets_an_answer_that_it_understands() {
    let mut between = Between::start().await;
    let (arrived, mut store) = between.forward("GET /photos/a HTTP/1.0\r\nhost: h\r\n\r\n", "\r\n\r\n").await;
    assert_eq!(arrived, "GET /photos/a HTTP/1.1\r\nhost: h\r\n\r\n");
    store.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n").await;
    let answer = between.client.read_to_end().await;
    assert!(answer.ends_with("\r\n\r\nhello"), "{answer}");
    assert!(!answer.contains("chunked"), "{answer}");
}

#[tokio::test]
async fn store_that_is_away_is_an_error_that_pages_can_read() {
    let folder = folder();
    let proxy = Proxy::start(NO_STORE, &folder).await;
    proxy.put_rules("photos", document("https://app.example.com")).await;
    for _ in 0..3 {
        let answer = proxy.send("GET", "/photos/a", &[("origin", "https://app.example.com")]).await;
        assert_fails(&answer, 502, "BadGateway", "The store behind this proxy does not answer.");
        assert_eq!(answer.headers()["access-control-allow-origin"], "https://app.example.com");
    }
    let other = proxy.send("GET", "/photos/a", &[("origin", "https://other.example.com")]).await;
    assert!(!other.headers().contains_key("access-control-allow-origin"));
    // Strangers cannot fill the log.
    let errors = proxy.kill().await;
    assert!(
        errors.starts_with("the store 127.0.0.1:0 does not answer: client error (Connect): "),
        "{errors}"
    );
    assert_eq!(errors.lines().count(), 1, "{errors}");
}

#[tokio::test]
async fn store_that_hangs_up_is_an_error() {
    let mut between = Between::start().await;
    let (_, store) = between.forward("GET /photos/a HTTP/1.1\r\nhost: h\r\n\r\n", "\r\n\r\n").await;
    drop(store);
    assert!(between.client.read_head().await.starts_with("HTTP/1.1 502 Bad Gateway\r\n"));
}

#[tokio::test]
async fn tunnel_is_refused() {
    let folder = folder();
    let proxy = Proxy::start(NO_STORE, &folder).await;
    let refused = proxy.send_to(&proxy.public, request("CONNECT", "example.com:443", &[], "")).await;
    assert_eq!(refused.status(), 405, "{}", text(&refused));
}
