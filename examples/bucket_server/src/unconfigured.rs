//! S3's responses for features that are not configured. This server has no way to configure them.

use axum::response::Response;

use crate::error::Error;
use crate::xml;

pub const OWNER: &str = "<ID>bucket-server</ID><DisplayName>bucket-server</DisplayName>";

/// Features that S3 answers with an error: subresource, code and message.
const MISSING: [(&str, &str, &str); 10] = [
    (
        "encryption",
        "ServerSideEncryptionConfigurationNotFoundError",
        "The server side encryption configuration was not found",
    ),
    ("lifecycle", "NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"),
    (
        "object-lock",
        "ObjectLockConfigurationNotFoundError",
        "Object Lock configuration does not exist for this bucket",
    ),
    ("ownershipControls", "OwnershipControlsNotFoundError", "The bucket ownership controls were not found"),
    ("policy", "NoSuchBucketPolicy", "The bucket policy does not exist"),
    ("policyStatus", "NoSuchBucketPolicy", "The bucket policy does not exist"),
    (
        "publicAccessBlock",
        "NoSuchPublicAccessBlockConfiguration",
        "The public access block configuration was not found",
    ),
    ("replication", "ReplicationConfigurationNotFoundError", "The replication configuration was not found"),
    ("tagging", "NoSuchTagSet", "The TagSet does not exist"),
    ("website", "NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration"),
];

/// Features that S3 answers with an empty document: subresource and root element. An empty location means
/// us-east-1.
const EMPTY: [(&str, &str); 5] = [
    ("accelerate", "AccelerateConfiguration"),
    ("location", "LocationConstraint"),
    ("logging", "BucketLoggingStatus"),
    ("notification", "NotificationConfiguration"),
    ("versioning", "VersioningConfiguration"),
];

pub fn get_of_bucket(subresource: &str, bucket: &str) -> Result<Response, Error> {
    if let Some((_, code, message)) = missing(subresource) {
        return Err(Error::not_found(code, message).with("BucketName", bucket));
    }
    if let Some((_, root)) = EMPTY.iter().find(|(name, _)| *name == subresource) {
        return Ok(xml::document(root, ""));
    }
    match subresource {
        "acl" => Ok(acl()),
        "requestPayment" => {
            Ok(xml::document("RequestPaymentConfiguration", &xml::element("Payer", "BucketOwner")))
        }
        other => Err(Error::not_implemented(other)),
    }
}

pub fn get_of_object(subresource: &str) -> Result<Response, Error> {
    match subresource {
        "acl" => Ok(acl()),
        "tagging" => Ok(xml::document("Tagging", "<TagSet></TagSet>")),
        other => Err(Error::not_implemented(other)),
    }
}

/// Deleting a configuration that does not exist succeeds.
pub fn delete(subresource: &str) -> Result<(), Error> {
    match missing(subresource) {
        Some(_) => Ok(()),
        None => Err(Error::not_implemented(subresource)),
    }
}

fn missing(subresource: &str) -> Option<&'static (&'static str, &'static str, &'static str)> {
    MISSING.iter().find(|(name, ..)| *name == subresource)
}

/// The default ACL of buckets and objects.
fn acl() -> Response {
    let instance = "http://www.w3.org/2001/XMLSchema-instance";
    let grantee = format!("<Grantee xmlns:xsi=\"{instance}\" xsi:type=\"CanonicalUser\">{OWNER}</Grantee>");
    let grant = format!("<Grant>{grantee}<Permission>FULL_CONTROL</Permission></Grant>");
    xml::document(
        "AccessControlPolicy",
        &format!("<Owner>{OWNER}</Owner><AccessControlList>{grant}</AccessControlList>"),
    )
}
