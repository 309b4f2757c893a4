//! The server's limits: a value at the limit is accepted, one above it is refused with S3's error.

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::answers::element_of;
use crate::server::{assert_fails, request, text, within, Server};

const MIB: usize = 1024 * 1024;

#[tokio::test]
async fn key_longer_than_1024_bytes_is_refused() {
    let server = Server::with_bucket().await;
    let longest = format!("/notes/{}", "k".repeat(1024));
    let non_ascii = format!("/notes/{}", "%C3%BC".repeat(512));
    for target in [longest, non_ascii] {
        assert_eq!(server.put(&target, "x").await.status(), 200);
        let longer = target + "k";
        let refused = server.put(&longer, "x").await;
        assert_fails(&refused, 400, "KeyTooLongError");
        assert_eq!(element_of(text(&refused), "Size"), "1025");
        assert_eq!(element_of(text(&refused), "MaxSizeAllowed"), "1024");
        assert_fails(&server.get(&longer).await, 400, "KeyTooLongError");
        assert_fails(&server.delete(&longer).await, 400, "KeyTooLongError");
    }
}

#[tokio::test]
async fn key_that_is_not_utf_8_is_refused() {
    let server = Server::with_bucket().await;
    assert_fails(&server.put("/notes/%ff", "x").await, 400, "InvalidURI");
}

#[tokio::test]
async fn invalid_bucket_name_is_refused() {
    let server = Server::start().await;
    let longest = "b".repeat(63);
    for name in ["abc", "0-9", "a.b.c", "1.2.3", "xn-a", &longest] {
        assert_eq!(server.put(&format!("/{name}"), "").await.status(), 200, "{name}");
    }
    let longer = "b".repeat(64);
    let invalid = [
        "ab",
        &longer,
        "-abc",
        "abc-",
        ".abc",
        "abc.",
        "a..b",
        "Abc",
        "a_b",
        "a%20b",
        "a%2Fb",
        "%ff%ff%ff",
        "192.168.5.4",
        "xn--abc",
        "sthree-abc",
        "amzn-s3-demo-abc",
        "abc-s3alias",
        "abc--ol-s3",
        "abc.mrap",
        "abc--x-s3",
        "abc--table-s3",
    ];
    for name in invalid {
        assert_fails(&server.put(&format!("/{name}"), "").await, 400, "InvalidBucketName");
    }
}

#[tokio::test]
async fn more_than_10_000_buckets_are_refused() {
    let server = Server::start().await;
    let mut client = server.connect().await;
    for number in 0..10_000 {
        let created =
            server.send_on(&mut client, request("PUT", &format!("/number-{number}"), &[], "")).await;
        assert_eq!(created.status(), 200, "{number}");
    }
    assert_fails(&server.put("/one-more", "").await, 400, "TooManyBuckets");
    assert_eq!(server.put("/number-7", "").await.status(), 200);
    assert_eq!(server.delete("/number-7").await.status(), 204);
    assert_eq!(server.put("/one-more", "").await.status(), 200);
}

/// The body is much larger than the kernel's buffers, so a server that stopped reading would make the client's
/// write fail.
#[tokio::test]
async fn body_that_is_too_large_is_read_to_its_end() {
    let server = Server::with_bucket().await;
    let mut stream = within(TcpStream::connect(&server.address)).await.expect("a connection");
    let length = 64 * MIB;
    let head = format!("PUT /notes?cors HTTP/1.1\r\nhost: localhost\r\ncontent-length: {length}\r\n\r\n");
    within(stream.write_all(head.as_bytes())).await.expect("a request sent");
    for _ in 0..64 {
        within(stream.write_all(&[b' '; MIB])).await.expect("a part of the body sent");
    }
    let mut status = [0; 12];
    within(stream.read_exact(&mut status)).await.expect("an answer");
    assert_eq!(&status, b"HTTP/1.1 400");
}

#[tokio::test]
async fn object_larger_than_16_mib_is_refused() {
    let server = Server::with_bucket().await;
    let mut client = server.connect().await;
    let too_large = Bytes::from(vec![b'x'; 16 * MIB + 1]);
    let put = server.send_on(&mut client, request("PUT", "/notes/a", &[], too_large.slice(1..))).await;
    assert_eq!(put.status(), 200);
    let refused = server.send_on(&mut client, request("PUT", "/notes/b", &[], too_large)).await;
    assert_fails(&refused, 400, "EntityTooLarge");
    assert_eq!(element_of(text(&refused), "ProposedSize"), (16 * MIB + 1).to_string());
    let got = server.send_on(&mut client, request("GET", "/notes/a", &[], "")).await;
    assert_eq!(got.body().len(), 16 * MIB);
    assert_fails(&server.get("/notes/b").await, 404, "NoSuchKey");
}

/// A client that sends `Expect: 100-continue` gets the error before it sends the body.
#[tokio::test]
async fn object_that_is_too_large_is_refused_before_it_is_sent() {
    let server = Server::with_bucket().await;
    let mut stream = within(TcpStream::connect(&server.address)).await.expect("a connection");
    let head = "PUT /notes/a HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\n\
                content-length: 5000000000\r\n\r\n";
    within(stream.write_all(head.as_bytes())).await.expect("a request sent");
    let mut answer = String::new();
    within(stream.read_to_string(&mut answer)).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert!(answer.contains("<Code>EntityTooLarge</Code>"), "{answer}");
}

#[tokio::test]
async fn metadata_larger_than_2_kb_is_refused() {
    let server = Server::with_bucket().await;
    for (name, longest) in [("x-amz-meta-name", 2048 - "name".len()), ("cache-control", 2048)] {
        let put = |length| server.send(request("PUT", "/notes/a", &[(name, &"x".repeat(length))], "x"));
        assert_eq!(put(longest).await.status(), 200, "{name}");
        assert_fails(&put(longest + 1).await, 400, "MetadataTooLarge");
    }
}

/// The limit holds for the body as sent, blanks included, and for the document that `to_xml` writes.
#[tokio::test]
async fn configuration_larger_than_64_kb_is_refused() {
    let server = Server::with_bucket().await;
    let put = |document: String| server.put("/notes?cors", document);
    let padded = |bytes: usize| {
        let document = test_support::rules(1).to_xml();
        let blanks = " ".repeat(bytes - document.len());
        document + &blanks
    };
    assert_eq!(put(padded(65_536)).await.status(), 200);
    assert_fails(&put(padded(65_537)).await, 400, "MalformedXML");
    assert_fails(&put(padded(4 * MIB)).await, 400, "MalformedXML");

    assert_eq!(put(test_support::sized(65_536).to_xml()).await.status(), 200);
    let larger = test_support::sized(65_537).to_xml();
    let (_, without_declaration) = larger.split_once('\n').expect("a declaration");
    assert_fails(&put(without_declaration.to_owned()).await, 400, "MalformedXML");
}

#[tokio::test]
async fn objects_of_more_than_256_mib_together_are_refused() {
    let server = Server::with_bucket().await;
    let content = Bytes::from(vec![b'x'; 16 * MIB]);
    let mut client = server.connect().await;
    for number in 0..15 {
        let put = request("PUT", &format!("/notes/{number}"), &[], content.clone());
        assert_eq!(server.send_on(&mut client, put).await.status(), 200, "{number}");
    }
    // The contents alone would fit into 256 MiB, but each object is counted with an overhead.
    assert_fails(&server.put("/notes/one-more", content.clone()).await, 503, "ServiceUnavailable");
    assert_eq!(server.put("/notes/7", content.clone()).await.status(), 200);
    assert_eq!(server.delete("/notes/7").await.status(), 204);
    assert_eq!(server.put("/notes/one-more", content).await.status(), 200);
}
