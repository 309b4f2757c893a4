//! Operations on objects: their content, the headers stored with it, and ranges of it.

use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{header, HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::Extension;
use md5::{Digest, Md5};

use crate::body;
use crate::error::Error;
use crate::request_info::RequestInfo;
use crate::store::Buckets;
use crate::unconfigured;

const MAX_CONTENT: usize = 16 * 1024 * 1024;
/// The limit of what `aws-chunked` adds to the content: clients send chunks of at least 8 KB.
const MAX_CHUNK_OVERHEAD: usize = 1024 * 1024;
/// S3's limit for system metadata and, counted separately, for user metadata.
const MAX_METADATA: usize = 2 * 1024;

const USER_METADATA: &str = "x-amz-meta-";
const SYSTEM_METADATA: [HeaderName; 6] = [
    header::CONTENT_TYPE,
    header::CACHE_CONTROL,
    header::CONTENT_DISPOSITION,
    header::CONTENT_ENCODING,
    header::CONTENT_LANGUAGE,
    header::EXPIRES,
];

#[derive(Clone)]
pub struct Object {
    pub content: Bytes,
    pub etag: String,
    pub modified: SystemTime,
    metadata: HeaderMap,
}

pub async fn put(
    State(buckets): State<Buckets>,
    Extension(info): Extension<Arc<RequestInfo>>,
    request: Request,
) -> Result<Response, Error> {
    let (head, body) = body::read(request, MAX_CONTENT + MAX_CHUNK_OVERHEAD, too_large).await?;
    match info.subresource() {
        Some("uploadId") => return Err(no_such_upload()),
        Some(other) => return Err(Error::not_implemented(other)),
        None => {}
    }
    if head.headers.contains_key("x-amz-copy-source") {
        return Err(Error::not_implemented("x-amz-copy-source"));
    }
    let content = content(&head.headers, body)?;
    let object = Object {
        etag: format!("\"{:x}\"", Md5::digest(&content)),
        modified: SystemTime::now(),
        metadata: metadata(&head.headers)?,
        content: content.into(),
    };
    let etag = [(header::ETAG, object.etag.clone())];
    buckets.put_object(info.bucket().unwrap_or_default(), info.key()?, object)?;
    Ok(etag.into_response())
}

/// GetObject and HeadObject: axum removes the body of the response to HEAD.
pub async fn get(
    State(buckets): State<Buckets>,
    Extension(info): Extension<Arc<RequestInfo>>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let key = info.key()?;
    let object =
        buckets.read(info.bucket().unwrap_or_default(), |bucket| bucket.objects.get(key).cloned())?;
    if info.subresource() == Some("uploadId") {
        return Err(no_such_upload());
    }
    let object = object.ok_or_else(|| Error::no_such_key(key))?;
    if let Some(other) = info.subresource() {
        return unconfigured::get_of_object(other);
    }
    let range = headers.get(header::RANGE).and_then(|range| range.to_str().ok());
    let mut response = match range.and_then(|range| Some((range, bounds(range)?))) {
        None => object.content.clone().into_response(),
        Some((range, bounds)) => object.partial_response(range, bounds)?,
    };
    response.headers_mut().extend(object.metadata);
    let object_headers = [
        (header::ACCEPT_RANGES, "bytes".to_owned()),
        (header::ETAG, object.etag),
        (header::LAST_MODIFIED, httpdate::fmt_http_date(object.modified)),
    ];
    Ok((object_headers, response).into_response())
}

pub async fn delete(
    State(buckets): State<Buckets>,
    Extension(info): Extension<Arc<RequestInfo>>,
) -> Result<Response, Error> {
    match info.subresource() {
        Some("uploadId") => return Err(no_such_upload()),
        Some("tagging") => {}
        Some(other) => return Err(Error::not_implemented(other)),
        None => buckets.remove_object(info.bucket().unwrap_or_default(), info.key()?)?,
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

pub async fn post(Extension(info): Extension<Arc<RequestInfo>>) -> Error {
    match info.subresource() {
        Some("uploadId") => no_such_upload(),
        other => Error::not_implemented(other.unwrap_or("POST")),
    }
}

fn no_such_upload() -> Error {
    let message =
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been \
                   aborted or completed.";
    Error::not_found("NoSuchUpload", message)
}

fn too_large(size: usize) -> Error {
    let message = "Your proposed upload exceeds the maximum allowed size";
    Error::new(StatusCode::BAD_REQUEST, "EntityTooLarge", message)
        .with("ProposedSize", size)
        .with("MaxSizeAllowed", MAX_CONTENT)
}

/// Returns the object's bytes, decoded if the body is `aws-chunked`.
fn content(headers: &HeaderMap, body: Vec<u8>) -> Result<Vec<u8>, Error> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_chunked = text("x-amz-content-sha256").starts_with("STREAMING-")
        || text("content-encoding").split(',').any(|coding| coding.trim() == "aws-chunked");
    let content = if is_chunked {
        let declared = text("x-amz-decoded-content-length");
        body::decode_chunks(&body)
            .filter(|content| declared.is_empty() || declared == content.len().to_string())
            .ok_or_else(Error::incomplete_body)?
    } else {
        body
    };
    if content.len() > MAX_CONTENT {
        return Err(too_large(content.len()));
    }
    Ok(content)
}

/// Returns the headers to store with the object. Their values are copied: those of a request are slices of the
/// connection's read buffer, which would otherwise stay in memory with the object.
fn metadata(headers: &HeaderMap) -> Result<HeaderMap, Error> {
    let mut metadata = HeaderMap::new();
    metadata.insert(header::CONTENT_TYPE, HeaderValue::from_static("binary/octet-stream"));
    let (mut system, mut user) = (0, 0);
    for (name, value) in headers {
        let user_name = name.as_str().strip_prefix(USER_METADATA);
        match user_name {
            Some(user_name) => user += user_name.len() + value.len(),
            None if SYSTEM_METADATA.contains(name) => system += value.len(),
            None => continue,
        }
        let value = if *name == header::CONTENT_ENCODING {
            without_chunked(value.as_bytes())
        } else {
            value.as_bytes().to_vec()
        };
        if let Some(value) = HeaderValue::try_from(value).ok().filter(|value| !value.is_empty()) {
            metadata.insert(name.clone(), value);
        }
    }
    let size = user.max(system);
    if size > MAX_METADATA {
        let message = "Your metadata headers exceed the maximum allowed metadata size";
        return Err(Error::too_large("MetadataTooLarge", message, size, MAX_METADATA));
    }
    Ok(metadata)
}

/// Removes `aws-chunked`, which describes the body of the request and not the stored content.
fn without_chunked(codings: &[u8]) -> Vec<u8> {
    let codings = codings.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    codings.filter(|coding| *coding != b"aws-chunked").collect::<Vec<_>>().join(&b", "[..])
}

impl Object {
    fn partial_response(&self, range: &str, bounds: Bounds) -> Result<Response, Error> {
        let size = self.content.len();
        let Range { start, end } = resolve(bounds, size).ok_or_else(|| {
            let message = "The requested range is not satisfiable";
            Error::new(StatusCode::RANGE_NOT_SATISFIABLE, "InvalidRange", message)
                .with("RangeRequested", range)
                .with("ActualObjectSize", size)
        })?;
        let content_range = [(header::CONTENT_RANGE, format!("bytes {start}-{}/{size}", end - 1))];
        Ok((StatusCode::PARTIAL_CONTENT, content_range, self.content.slice(start..end)).into_response())
    }
}

/// The first and the last position of a range, as written: `bytes=2-4`, `bytes=2-` or `bytes=-4`.
type Bounds = (Option<usize>, Option<usize>);

/// Parses a Range header. Returns `None` for several ranges and for invalid ones, which S3 ignores.
fn bounds(range: &str) -> Option<Bounds> {
    let bound = |digits: &str| match digits {
        "" => Some(None),
        digits if digits.bytes().all(|b| b.is_ascii_digit()) => {
            Some(Some(digits.parse().unwrap_or(usize::MAX)))
        }
        _ => None,
    };
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    match (bound(first)?, bound(last)?) {
        (None, None) => None,
        (Some(first), Some(last)) if first > last => None,
        bounds => Some(bounds),
    }
}

/// Returns the bytes that the bounds select (RFC 9110, section 14.1.2), or `None` if there are none.
fn resolve(bounds: Bounds, size: usize) -> Option<Range<usize>> {
    let range = match bounds {
        (Some(first), last) => first..last.map_or(size, |last| last.saturating_add(1).min(size)),
        (None, suffix) => size.saturating_sub(suffix.unwrap_or(0))..size,
    };
    (!range.is_empty()).then_some(range)
}
