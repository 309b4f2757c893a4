//! Operations on the service (`/`) and on buckets.

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

/// The limit of a CreateBucket body. Its content, a region, is ignored: there is only one.
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
    Extension(info): Extension<Arc<RequestInfo>>,
) -> Result<Response, Error> {
    let name = info.bucket().unwrap_or_default();
    match info.subresource() {
        Some("cors") => cors::get(&buckets, name),
        Some(other) => buckets.read(name, |_| unconfigured::get_of_bucket(other, name))?,
        None => buckets.read(name, |bucket| listing::list_objects(name, bucket, &info))?,
    }
}

pub async fn head(
    State(buckets): State<Buckets>,
    Extension(info): Extension<Arc<RequestInfo>>,
) -> Result<Response, Error> {
    buckets
        .read(info.bucket().unwrap_or_default(), |_| [("x-amz-bucket-region", "us-east-1")].into_response())
}

pub async fn put(
    State(buckets): State<Buckets>,
    Extension(info): Extension<Arc<RequestInfo>>,
    request: Request,
) -> Result<Response, Error> {
    let name = info.bucket().unwrap_or_default();
    if info.subresource() == Some("cors") {
        return cors::put(&buckets, name, request).await;
    }
    body::read(request, MAX_DOCUMENT, |_| Error::malformed_xml()).await?;
    if let Some(other) = info.subresource() {
        return Err(Error::not_implemented(other));
    }
    if !is_bucket_name(name) {
        let message = "The specified bucket is not valid.";
        let error = Error::new(StatusCode::BAD_REQUEST, "InvalidBucketName", message);
        return Err(error.with("BucketName", name));
    }
    buckets.create(name)?;
    Ok([(header::LOCATION, format!("/{name}"))].into_response())
}

pub async fn delete(
    State(buckets): State<Buckets>,
    Extension(info): Extension<Arc<RequestInfo>>,
) -> Result<Response, Error> {
    let name = info.bucket().unwrap_or_default();
    match info.subresource() {
        Some("cors") => return cors::delete(&buckets, name),
        Some(other) => buckets.read(name, |_| unconfigured::delete(other))??,
        None => buckets.remove(name)?,
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

pub async fn post(Extension(info): Extension<Arc<RequestInfo>>) -> Error {
    Error::not_implemented(info.subresource().unwrap_or("POST"))
}

/// S3's naming rules for general purpose buckets.
fn is_bucket_name(name: &str) -> bool {
    const RESERVED_PREFIXES: [&str; 3] = ["xn--", "sthree-", "amzn-s3-demo-"];
    const RESERVED_SUFFIXES: [&str; 5] = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];
    let is_alphanumeric = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = name.as_bytes();
    (3..=63).contains(&bytes.len())
        && bytes.iter().all(|b| is_alphanumeric(b) || matches!(b, b'.' | b'-'))
        && [bytes.first(), bytes.last()].into_iter().flatten().all(is_alphanumeric)
        && !name.contains("..")
        && name.parse::<std::net::Ipv4Addr>().is_err()
        && !RESERVED_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        && !RESERVED_SUFFIXES.iter().any(|suffix| name.ends_with(suffix))
}
