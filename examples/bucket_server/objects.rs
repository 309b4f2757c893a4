//! Objects: content, the headers kept with it, and the part of it that a Range asks for.

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
/// The most that `aws-chunked` may add: clients frame 8 KB and more at a time.
const MAX_FRAMING: usize = 1024 * 1024;
/// S3's bound on metadata of its own and, counted apart, of the user's.
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
    Extension(asked): Extension<Arc<RequestInfo>>,
    request: Request,
) -> Result<Response, Error> {
    let (head, body) = body::read(request, MAX_CONTENT + MAX_FRAMING, too_large).await?;
    match asked.subresource() {
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
    buckets.put_object(asked.bucket().unwrap_or_default(), asked.key()?, object)?;
    Ok(etag.into_response())
}

/// GetObject, and HeadObject too: axum leaves the body out.
pub async fn get(
    State(buckets): State<Buckets>,
    Extension(asked): Extension<Arc<RequestInfo>>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let key = asked.key()?;
    let object =
        buckets.read(asked.bucket().unwrap_or_default(), |bucket| bucket.objects.get(key).cloned())?;
    if asked.subresource() == Some("uploadId") {
        return Err(no_such_upload());
    }
    let object = object.ok_or_else(|| Error::no_such_key(key))?;
    if let Some(other) = asked.subresource() {
        return unconfigured::of_object(other);
    }
    let asked_range = headers.get(header::RANGE).and_then(|range| range.to_str().ok());
    let mut response = match asked_range.and_then(|range| Some((range, bounds(range)?))) {
        None => object.content.clone().into_response(),
        Some((range, bounds)) => object.part(range, bounds)?,
    };
    response.headers_mut().extend(object.metadata);
    let described = [
        (header::ACCEPT_RANGES, "bytes".to_owned()),
        (header::ETAG, object.etag),
        (header::LAST_MODIFIED, httpdate::fmt_http_date(object.modified)),
    ];
    Ok((described, response).into_response())
}

pub async fn delete(
    State(buckets): State<Buckets>,
    Extension(asked): Extension<Arc<RequestInfo>>,
) -> Result<Response, Error> {
    match asked.subresource() {
        Some("uploadId") => return Err(no_such_upload()),
        Some("tagging") => {}
        Some(other) => return Err(Error::not_implemented(other)),
        None => buckets.remove_object(asked.bucket().unwrap_or_default(), asked.key()?)?,
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

pub async fn post(Extension(asked): Extension<Arc<RequestInfo>>) -> Error {
    match asked.subresource() {
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

/// The object's bytes: of a client that frames them, those inside the frames.
fn content(headers: &HeaderMap, body: Vec<u8>) -> Result<Vec<u8>, Error> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let framed = text("x-amz-content-sha256").starts_with("STREAMING-")
        || text("content-encoding").split(',').any(|coding| coding.trim() == "aws-chunked");
    let content = if framed {
        let declared = text("x-amz-decoded-content-length");
        body::unchunked(&body)
            .filter(|content| declared.is_empty() || declared == content.len().to_string())
            .ok_or_else(Error::incomplete_body)?
    } else {
        body
    };
    match content.len() > MAX_CONTENT {
        true => Err(too_large(content.len())),
        false => Ok(content),
    }
}

/// Copied, as the values of a request are slices of all that its connection received.
fn metadata(headers: &HeaderMap) -> Result<HeaderMap, Error> {
    let mut kept = HeaderMap::new();
    kept.insert(header::CONTENT_TYPE, HeaderValue::from_static("binary/octet-stream"));
    let (mut system, mut user) = (0, 0);
    for (name, value) in headers {
        let user_name = name.as_str().strip_prefix(USER_METADATA);
        match user_name {
            Some(user_name) => user += user_name.len() + value.len(),
            None if SYSTEM_METADATA.contains(name) => system += value.len(),
            None => continue,
        }
        let value = match *name == header::CONTENT_ENCODING {
            true => without_framing(value.as_bytes()),
            false => value.as_bytes().to_vec(),
        };
        if let Some(value) = HeaderValue::try_from(value).ok().filter(|value| !value.is_empty()) {
            kept.insert(name.clone(), value);
        }
    }
    match user.max(system) {
        size if size > MAX_METADATA => {
            let message = "Your metadata headers exceed the maximum allowed metadata size";
            Err(Error::too_large("MetadataTooLarge", message, size, MAX_METADATA))
        }
        _ => Ok(kept),
    }
}

/// `aws-chunked` is a coding of the request only.
fn without_framing(codings: &[u8]) -> Vec<u8> {
    let codings = codings.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    codings.filter(|coding| *coding != b"aws-chunked").collect::<Vec<_>>().join(&b", "[..])
}

impl Object {
    fn part(&self, range: &str, bounds: (Option<usize>, Option<usize>)) -> Result<Response, Error> {
        let size = self.content.len();
        let Range { start, end } = clamped(bounds, size).ok_or_else(|| {
            let message = "The requested range is not satisfiable";
            Error::new(StatusCode::RANGE_NOT_SATISFIABLE, "InvalidRange", message)
                .with("RangeRequested", range)
                .with("ActualObjectSize", size)
        })?;
        let described = [(header::CONTENT_RANGE, format!("bytes {start}-{}/{size}", end - 1))];
        Ok((StatusCode::PARTIAL_CONTENT, described, self.content.slice(start..end)).into_response())
    }
}

/// The bounds of one range, as written; as S3 does, several ranges and what is no range are ignored.
fn bounds(range: &str) -> Option<(Option<usize>, Option<usize>)> {
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

/// The bytes that the bounds mean, at least one (RFC 9110, 14.1.2).
fn clamped(bounds: (Option<usize>, Option<usize>), size: usize) -> Option<Range<usize>> {
    let range = match bounds {
        (Some(first), last) => first..last.map_or(size, |last| last.saturating_add(1).min(size)),
        (None, suffix) => size.saturating_sub(suffix.unwrap_or(0))..size,
    };
    (!range.is_empty()).then_some(range)
}
