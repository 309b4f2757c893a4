//! The service `/` and its buckets.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{header, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::Extension;

use crate::body;
use crate::cors;
use crate::error::Error;
use crate::listing;
use crate::request_info::RequestInfo;
use crate::store::Buckets;
use crate::unconfigured;
use crate::xml::{self, element};

/// A body that creates a bucket only names its region, of which there is one.
const MAX_DOCUMENT: usize = 64 * 1024;

/// ListBuckets.
pub async fn list(State(buckets): State<Buckets>) -> Response {
    let buckets: String = buckets
        .names()
        .into_iter()
        .map(|(name, created)| {
            let created = humantime::format_rfc3339_millis(created).to_string();
            format!("<Bucket>{}{}</Bucket>", element("Name", &name), element("CreationDate", &created))
        })
        .collect();
    xml::document(
        "ListAllMyBucketsResult",
        &format!("<Owner>{}</Owner><Buckets>{buckets}</Buckets>", unconfigured::OWNER),
    )
}

pub async fn get(
    State(buckets): State<Buckets>,
    Extension(asked): Extension<Arc<RequestInfo>>,
) -> Result<Response, Error> {
    let name = asked.bucket().unwrap_or_default();
    match asked.subresource() {
        Some("cors") => cors::get(&buckets, name),
        Some(other) => buckets.read(name, |_| unconfigured::of_bucket(other, name))?,
        None => buckets.read(name, |bucket| listing::of(name, bucket, &asked))?,
    }
}

pub async fn head(
    State(buckets): State<Buckets>,
    Extension(asked): Extension<Arc<RequestInfo>>,
) -> Result<Response, Error> {
    buckets
        .read(asked.bucket().unwrap_or_default(), |_| [("x-amz-bucket-region", "us-east-1")].into_response())
}

pub async fn put(
    State(buckets): State<Buckets>,
    Extension(asked): Extension<Arc<RequestInfo>>,
    request: Request,
) -> Result<Response, Error> {
    let name = asked.bucket().unwrap_or_default();
    if asked.subresource() == Some("cors") {
        return cors::put(&buckets, name, request).await;
    }
    body::read(request, MAX_DOCUMENT, |_| Error::malformed_xml()).await?;
    if let Some(other) = asked.subresource() {
        return Err(Error::not_implemented(other));
    }
    if !is_bucket_name(name) {
        let message = "The specified bucket is not valid.";
        let failure = Error::new(StatusCode::BAD_REQUEST, "InvalidBucketName", message);
        return Err(failure.with("BucketName", name));
    }
    buckets.create(name)?;
    Ok([(header::LOCATION, format!("/{name}"))].into_response())
}

pub async fn delete(
    State(buckets): State<Buckets>,
    Extension(asked): Extension<Arc<RequestInfo>>,
) -> Result<Response, Error> {
    let name = asked.bucket().unwrap_or_default();
    match asked.subresource() {
        Some("cors") => return cors::delete(&buckets, name),
        Some(other) => buckets.read(name, |_| unconfigured::delete(other))??,
        None => buckets.remove(name)?,
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

pub async fn post(Extension(asked): Extension<Arc<RequestInfo>>) -> Error {
    Error::not_implemented(asked.subresource().unwrap_or("POST"))
}

/// S3's rules for general purpose buckets.
fn is_bucket_name(name: &str) -> bool {
    const RESERVED_STARTS: [&str; 3] = ["xn--", "sthree-", "amzn-s3-demo-"];
    const RESERVED_ENDS: [&str; 5] = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];
    let is_alphanumeric = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = name.as_bytes();
    (3..=63).contains(&bytes.len())
        && bytes.iter().all(|b| is_alphanumeric(b) || matches!(b, b'.' | b'-'))
        && [bytes.first(), bytes.last()].into_iter().flatten().all(is_alphanumeric)
        && !name.contains("..")
        && name.parse::<std::net::Ipv4Addr>().is_err()
        && !RESERVED_STARTS.iter().any(|start| name.starts_with(start))
        && !RESERVED_ENDS.iter().any(|end| name.ends_with(end))
}
