//! Operations on buckets: create, list and delete, and features that are not configured.

use crate::answers::element_of;
use crate::server::{assert_fails, header, request, text, Server};

#[tokio::test]
async fn bucket_is_created_and_deleted() {
    let server = Server::start().await;
    assert!(text(&server.get("/").await).contains("<Buckets></Buckets>"));
    for name in ["notes", "drafts", "notes"] {
        let created = server.put(&format!("/{name}"), "").await;
        assert_eq!((created.status().as_u16(), header(&created, "location")), (200, format!("/{name}")));
    }
    let listed = server.get("/").await;
    let names: Vec<_> = text(&listed).split("<Name>").skip(1).map(|rest| &rest[..5]).collect();
    assert_eq!(names, ["draft", "notes"]);

    let head = server.send(request("HEAD", "/notes", &[], "")).await;
    assert_eq!((head.status().as_u16(), header(&head, "x-amz-bucket-region").as_str()), (200, "us-east-1"));
    assert_eq!(server.send(request("HEAD", "/other", &[], "")).await.status(), 404);

    assert_eq!(server.put("/notes/a", "").await.status(), 200);
    assert_eq!(server.put("/notes", "").await.status(), 200);
    assert_fails(&server.delete("/notes").await, 409, "BucketNotEmpty");
    assert_eq!(server.delete("/notes/a").await.status(), 204);
    assert_eq!(server.delete("/notes/").await.status(), 204);
    let gone = server.delete("/notes").await;
    assert_fails(&gone, 404, "NoSuchBucket");
    assert_eq!(element_of(text(&gone), "BucketName"), "notes");
}

/// All keys of a listing, then all common prefixes, each in the listing's order.
fn entries(listing: &str) -> Vec<String> {
    let keys = listing.split("<Contents>").skip(1).map(|rest| element_of(rest, "Key"));
    let prefixes = listing.split("<CommonPrefixes>").skip(1).map(|rest| element_of(rest, "Prefix"));
    keys.chain(prefixes).collect()
}

async fn server_with_keys(keys: &[&str]) -> Server {
    let server = Server::with_bucket().await;
    for key in keys {
        assert_eq!(server.put(&format!("/notes/{key}"), "x").await.status(), 200);
    }
    server
}

#[tokio::test]
async fn objects_are_listed_by_prefix_and_delimiter() {
    let server = server_with_keys(&["b", "a/1", "a/2", "a/c/3", "%3C%26%3E", "%20+", "%C3%BC"]).await;
    let cases: [(&str, &[&str]); 9] = [
        ("", &[" +", "<&>", "a/1", "a/2", "a/c/3", "b", "ü"]),
        ("prefix=a/", &["a/1", "a/2", "a/c/3"]),
        ("prefix=a%2F&start-after=a/1", &["a/2", "a/c/3"]),
        ("start-after=a/1&delimiter=/", &["b", "ü", "a/"]),
        ("prefix=c", &[]),
        ("delimiter=/", &[" +", "<&>", "b", "ü", "a/"]),
        ("delimiter=/&prefix=a/", &["a/1", "a/2", "a/c/"]),
        ("encoding-type=url", &["%20%2B", "%3C%26%3E", "a/1", "a/2", "a/c/3", "b", "%C3%BC"]),
        ("max-keys=0", &[]),
    ];
    for (query, expected) in cases {
        let listed = server.get(&format!("/notes?list-type=2&{query}")).await;
        assert_eq!(entries(text(&listed)), expected, "{query}");
        assert_eq!(element_of(text(&listed), "KeyCount"), expected.len().to_string(), "{query}");
        assert_eq!(element_of(text(&listed), "IsTruncated"), "false", "{query}");
    }
    for invalid in ["-1", "a", "99999999999"] {
        let listed = server.get(&format!("/notes?list-type=2&max-keys={invalid}")).await;
        assert_fails(&listed, 400, "InvalidArgument");
    }
}

/// Each entry is on exactly one page, in both versions of the operation.
#[tokio::test]
async fn objects_are_listed_in_pages() {
    let server = server_with_keys(&["a%20b", "c/1", "c/2", "d", "e%01"]).await;
    let versions = [
        ("list-type=2&encoding-type=url", "continuation-token", "NextContinuationToken"),
        ("encoding-type=url", "marker", "NextMarker"),
    ];
    for (query, parameter, next) in versions {
        let mut found = Vec::new();
        let mut target = format!("/notes?{query}&delimiter=/&max-keys=1");
        for more in ["true", "true", "true", "false"] {
            let listed = server.get(&target).await;
            assert_eq!(element_of(text(&listed), "IsTruncated"), more, "{found:?}");
            found.extend(entries(text(&listed)));
            // A client sends back a marker decoded, but a token unchanged.
            let next =
                element_of(text(&listed), next).replace('%', if parameter == "marker" { "%" } else { "%25" });
            target = format!("/notes?{query}&delimiter=/&max-keys=1&{parameter}={next}");
        }
        assert_eq!(found, ["a%20b", "c/", "d", "e%01"], "{query}");
    }
}

#[tokio::test]
async fn features_that_are_not_configured_are_answered_as_by_s3() {
    let server = Server::with_bucket().await;
    let missing = [
        ("encryption", "ServerSideEncryptionConfigurationNotFoundError"),
        ("lifecycle", "NoSuchLifecycleConfiguration"),
        ("object-lock", "ObjectLockConfigurationNotFoundError"),
        ("ownershipControls", "OwnershipControlsNotFoundError"),
        ("policy", "NoSuchBucketPolicy"),
        ("policyStatus", "NoSuchBucketPolicy"),
        ("publicAccessBlock", "NoSuchPublicAccessBlockConfiguration"),
        ("replication", "ReplicationConfigurationNotFoundError"),
        ("tagging", "NoSuchTagSet"),
        ("website", "NoSuchWebsiteConfiguration"),
        ("cors", "NoSuchCORSConfiguration"),
    ];
    for (name, code) in missing {
        let answer = server.get(&format!("/notes?{name}")).await;
        assert_fails(&answer, 404, code);
        assert_eq!(element_of(text(&answer), "BucketName"), "notes", "{name}");
        assert_eq!(server.delete(&format!("/notes?{name}")).await.status(), 204, "{name}");
    }
    let empty = [
        ("accelerate", "AccelerateConfiguration"),
        ("location", "LocationConstraint"),
        ("logging", "BucketLoggingStatus"),
        ("notification", "NotificationConfiguration"),
        ("versioning", "VersioningConfiguration"),
    ];
    for (name, root) in empty {
        let answer = server.get(&format!("/notes?{name}")).await;
        assert_eq!(answer.status(), 200, "{name}");
        let document = format!("<{root} xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"></{root}>");
        assert!(text(&answer).ends_with(&document), "{}", text(&answer));
    }
    assert_eq!(element_of(text(&server.get("/notes?acl").await), "Permission"), "FULL_CONTROL");
    assert_eq!(element_of(text(&server.get("/notes?requestPayment").await), "Payer"), "BucketOwner");
    assert_fails(&server.get("/other?acl").await, 404, "NoSuchBucket");
}

/// `DELETE /notes?acl` must not delete the bucket, and `PUT /other?acl` must not create one.
#[tokio::test]
async fn unsupported_subresource_does_not_affect_its_bucket() {
    let server = Server::with_bucket().await;
    for target in ["/notes?acl", "/notes?versions", "/notes?inventory&id=1"] {
        assert_fails(&server.delete(target).await, 501, "NotImplemented");
        assert_fails(&server.put(target, "").await, 501, "NotImplemented");
    }
    assert_fails(&server.get("/notes?versions").await, 501, "NotImplemented");
    assert_fails(
        &server.send(request("POST", "/notes?delete", &[], "<Delete/>")).await,
        501,
        "NotImplemented",
    );
    assert_fails(&server.put("/other?acl", "").await, 501, "NotImplemented");
    assert_eq!(server.get("/notes").await.status(), 200);
    assert_fails(&server.get("/other").await, 404, "NoSuchBucket");
}

#[tokio::test]
async fn unsupported_method_is_refused() {
    let server = Server::with_bucket().await;
    for (target, resource) in [("/", "SERVICE"), ("/notes", "BUCKET"), ("/notes/a", "OBJECT")] {
        let answer = server.send(request("PATCH", target, &[], "")).await;
        assert_fails(&answer, 405, "MethodNotAllowed");
        assert_eq!(element_of(text(&answer), "ResourceType"), resource);
        assert_eq!(element_of(text(&answer), "Method"), "PATCH");
    }
}
