//! Operations on objects: stored headers, ranges, and `aws-chunked` bodies.

use crate::answers::element_of;
use crate::server::{assert_fails, header, request, text, Server};

#[tokio::test]
async fn content_and_metadata_are_stored() {
    let server = Server::with_bucket().await;
    let stored = [
        ("content-type", "text/plain; charset=utf-8"),
        ("cache-control", "no-store"),
        ("content-language", "de"),
        ("x-amz-meta-author", "Jane Doe"),
        ("x-amz-meta-colour", "grün"),
    ];
    let ignored =
        [("x-amz-acl", "private"), ("x-amz-metadata-directive", "COPY"), ("authorization", "secret")];
    let put = server.send(request("PUT", "/notes/a", &[&stored[..], &ignored].concat(), "hello")).await;
    let etag = "\"5d41402abc4b2a76b9719d911017c592\"";
    assert_eq!((put.status().as_u16(), header(&put, "etag").as_str()), (200, etag));

    for method in ["GET", "HEAD"] {
        let got = server.send(request(method, "/notes/a", &[], "")).await;
        let body = if method == "GET" { "hello" } else { "" };
        assert_eq!((got.status().as_u16(), text(&got)), (200, body));
        for (name, value) in stored {
            assert_eq!(header(&got, name), value, "{method}");
        }
        for (name, _) in ignored {
            assert_eq!(header(&got, name), "", "{method} {name}");
        }
        assert_eq!(header(&got, "etag"), etag);
        assert_eq!(header(&got, "content-length"), "5");
        assert_eq!(header(&got, "accept-ranges"), "bytes");
        assert!(header(&got, "last-modified").ends_with(" GMT"));
    }
}

#[tokio::test]
async fn object_is_replaced_and_deleted() {
    let server = Server::with_bucket().await;
    let first =
        request("PUT", "/notes/a", &[("x-amz-meta-old", "yes"), ("content-type", "text/plain")], "one");
    assert_eq!(server.send(first).await.status(), 200);
    assert_eq!(server.put("/notes/a", "").await.status(), 200);
    let got = server.get("/notes/a").await;
    assert_eq!((text(&got), header(&got, "x-amz-meta-old").as_str()), ("", ""));
    assert_eq!(header(&got, "content-type"), "binary/octet-stream");

    for _ in 0..2 {
        assert_eq!(server.delete("/notes/a").await.status(), 204);
    }
    let gone = server.get("/notes/a").await;
    assert_fails(&gone, 404, "NoSuchKey");
    assert_eq!(element_of(text(&gone), "Key"), "a");
    let gone = server.send(request("HEAD", "/notes/a", &[], "")).await;
    assert_eq!((gone.status().as_u16(), text(&gone)), (404, ""));
    assert_fails(&server.delete("/other/a").await, 404, "NoSuchBucket");
    assert_fails(&server.put("/other/a", "").await, 404, "NoSuchBucket");
}

#[tokio::test]
async fn range_of_an_object_is_returned() {
    let server = Server::with_bucket().await;
    assert_eq!(server.put("/notes/a", "0123456789").await.status(), 200);
    let get = |range| server.send(request("GET", "/notes/a", &[("range", range)], ""));
    let parts = [
        ("bytes=0-0", "0", "bytes 0-0/10"),
        ("bytes=2-4", "234", "bytes 2-4/10"),
        ("bytes=7-", "789", "bytes 7-9/10"),
        ("bytes=7-99999999999999999999999", "789", "bytes 7-9/10"),
        ("bytes=-3", "789", "bytes 7-9/10"),
        ("bytes=-30", "0123456789", "bytes 0-9/10"),
    ];
    for (range, content, content_range) in parts {
        let got = get(range).await;
        assert_eq!((got.status().as_u16(), text(&got)), (206, content), "{range}");
        assert_eq!(header(&got, "content-range"), content_range, "{range}");
    }
    for range in ["bytes=0-1,3-4", "bytes=4-2", "bytes=a-b", "bytes=", "bytes=-", "bytes=+1-2", "lines=1-2"] {
        let got = get(range).await;
        assert_eq!((got.status().as_u16(), text(&got)), (200, "0123456789"), "{range}");
        assert_eq!(header(&got, "content-range"), "", "{range}");
    }
    for range in ["bytes=10-", "bytes=10-20", "bytes=-0", "bytes=99999999999999999999999-"] {
        let got = get(range).await;
        assert_fails(&got, 416, "InvalidRange");
        assert_eq!(element_of(text(&got), "RangeRequested"), range);
        assert_eq!(element_of(text(&got), "ActualObjectSize"), "10");
    }
    let head = server.send(request("HEAD", "/notes/a", &[("range", "bytes=2-4")], "")).await;
    assert_eq!((head.status().as_u16(), header(&head, "content-length").as_str()), (206, "3"));
}

/// SDKs send such bodies if they compute a checksum or signatures while sending.
#[tokio::test]
async fn aws_chunked_body_is_decoded() {
    let server = Server::with_bucket().await;
    let unsigned = ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
    let signed = ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
    let chunked = ("content-encoding", "aws-chunked");
    let gzipped = ("content-encoding", "gzip, aws-chunked");
    let length = ("x-amz-decoded-content-length", "11");
    let trailer = "6\r\nhello \r\n5\r\nworld\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n";
    let signatures = "B;chunk-signature=ad8\r\nhello world\r\n0;chunk-signature=b6c\r\n\r\n";
    let valid = [
        (vec![unsigned, chunked, length], trailer, ""),
        (vec![unsigned], trailer, ""),
        (vec![chunked], trailer, ""),
        (vec![signed, gzipped, length], signatures, "gzip"),
    ];
    for (headers, body, coding) in valid {
        let put = server.send(request("PUT", "/notes/a", &headers, body)).await;
        assert_eq!(put.status(), 200, "{}", text(&put));
        assert_eq!(header(&put, "etag"), "\"5eb63bbbe01eeed093cb22bb8f5acdc3\"");
        let got = server.get("/notes/a").await;
        assert_eq!((text(&got), header(&got, "content-encoding").as_str()), ("hello world", coding));
    }
    for body in [
        "",
        "hello world",
        "5\r\nhello",
        "5\r\nhello\r\n",
        "5\r\nhelloXX0\r\n\r\n",
        "9\r\nhello\r\n0\r\n\r\n",
        "ffffffffffffffff\r\nhello",
        "-1\r\n",
        "é\r\n",
    ] {
        let put = server.send(request("PUT", "/notes/b", &[unsigned], body)).await;
        assert_fails(&put, 400, "IncompleteBody");
    }
    let short = server.send(request("PUT", "/notes/b", &[unsigned, length], "0\r\n\r\n")).await;
    assert_fails(&short, 400, "IncompleteBody");
    assert_fails(&server.get("/notes/b").await, 404, "NoSuchKey");
}

/// Such requests must not appear to succeed.
#[tokio::test]
async fn unsupported_operation_is_refused() {
    let server = Server::with_bucket().await;
    assert_eq!(server.put("/notes/a", "text").await.status(), 200);
    let copy = [("x-amz-copy-source", "/notes/a")];
    assert_fails(&server.send(request("PUT", "/notes/b", &copy, "")).await, 501, "NotImplemented");
    assert_fails(&server.put("/notes/a?tagging", "").await, 501, "NotImplemented");
    assert_fails(&server.put("/notes/a?partNumber=1&uploadId=1", "").await, 404, "NoSuchUpload");
    assert_fails(&server.delete("/notes/a?uploadId=1").await, 404, "NoSuchUpload");
    assert_fails(&server.delete("/notes/a?versionId=1").await, 501, "NotImplemented");
    assert_fails(&server.get("/notes/a?versionId=1").await, 501, "NotImplemented");
    assert_eq!(element_of(text(&server.get("/notes/a?acl").await), "Permission"), "FULL_CONTROL");
    assert!(text(&server.get("/notes/a?tagging").await).ends_with("<TagSet></TagSet></Tagging>"));
    assert_eq!(server.delete("/notes/a?tagging").await.status(), 204);
    assert_eq!(text(&server.get("/notes/a").await), "text");
}
