//! The bucket, key and query of a request, in either addressing style, and the request's ids.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

use axum::extract::Request;
use axum::http::{header, HeaderValue, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::Response;
use percent_encoding::percent_decode_str;

use crate::error::Error;
use crate::xml::url;

const MAX_KEY: usize = 1024;

/// The subresources of buckets and objects. Unsupported ones are listed too, so that `DELETE /bucket?website`
/// does not delete the bucket.
const SUBRESOURCES: [&str; 35] = [
    // First, because a request with `uploadId` may have `partNumber` too.
    "uploadId",
    "accelerate",
    "acl",
    "analytics",
    "attributes",
    "cors",
    "delete",
    "encryption",
    "intelligent-tiering",
    "inventory",
    "legal-hold",
    "lifecycle",
    "location",
    "logging",
    "metrics",
    "notification",
    "object-lock",
    "ownershipControls",
    "partNumber",
    "policy",
    "policyStatus",
    "publicAccessBlock",
    "replication",
    "requestPayment",
    "restore",
    "retention",
    "select",
    "session",
    "tagging",
    "torrent",
    "uploads",
    "versionId",
    "versioning",
    "versions",
    "website",
];

/// What a request is about. Stored in the request's extensions, for the CORS layer and the handlers.
pub struct RequestInfo {
    pub request_id: String,
    pub host_id: &'static str,
    bucket: Option<String>,
    key: Option<Vec<u8>>,
    query: HashMap<String, String>,
}

/// The outermost layer: inserts the [`RequestInfo`] into the request and adds the ids to the response.
pub async fn identify(mut request: Request, next: Next) -> Response {
    if let Some(uri) = to_path_style(&request) {
        *request.uri_mut() = uri;
    }
    let info = Arc::new(RequestInfo::from_uri(request.uri()));
    request.extensions_mut().insert(info.clone());
    let mut response = next.run(request).await;
    for (name, id) in [("x-amz-request-id", info.request_id.as_str()), ("x-amz-id-2", info.host_id)] {
        if let Ok(id) = HeaderValue::from_str(id) {
            response.headers_mut().insert(name, id);
        }
    }
    response
}

/// Rewrites `BUCKET.localhost/KEY` to `/BUCKET/KEY`. Returns `None` for any other host.
fn to_path_style(request: &Request) -> Option<Uri> {
    let host_header = || request.headers().get(header::HOST)?.to_str().ok();
    let host = request.uri().host().or_else(host_header)?.to_ascii_lowercase();
    let name = host.split_once(':').map_or(host.as_str(), |(name, _)| name);
    let bucket = name.strip_suffix(".localhost")?;
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    format!("/{}{path}", url(bucket)).parse().ok()
}

impl RequestInfo {
    fn from_uri(uri: &Uri) -> Self {
        static REQUESTS: AtomicU64 = AtomicU64::new(0);
        static RANDOM: LazyLock<RandomState> = LazyLock::new(RandomState::new);
        static HOST: LazyLock<String> = LazyLock::new(|| format!("{:016x}", RANDOM.hash_one("host")));

        let path = uri.path().strip_prefix('/').unwrap_or_default();
        let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
        let query = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        RequestInfo {
            request_id: format!("{:016X}", RANDOM.hash_one(REQUESTS.fetch_add(1, Ordering::Relaxed))),
            host_id: &HOST,
            bucket: (!bucket.is_empty()).then(|| percent_decode_str(bucket).decode_utf8_lossy().into_owned()),
            key: (!key.is_empty()).then(|| percent_decode_str(key).collect()),
            query: query.into_owned().collect(),
        }
    }

    /// The bucket's name; `None` for a request to the service itself, `/`.
    pub fn bucket(&self) -> Option<&str> {
        self.bucket.as_deref()
    }

    pub fn is_object(&self) -> bool {
        self.key.is_some()
    }

    pub fn key(&self) -> Result<&str, Error> {
        let key = self.key.as_deref().unwrap_or_default();
        if key.len() > MAX_KEY {
            return Err(Error::too_large("KeyTooLongError", "Your key is too long", key.len(), MAX_KEY));
        }
        std::str::from_utf8(key).map_err(|_| {
            Error::new(StatusCode::BAD_REQUEST, "InvalidURI", "Couldn't parse the specified URI.")
        })
    }

    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str)
    }

    pub fn subresource(&self) -> Option<&'static str> {
        SUBRESOURCES.into_iter().find(|name| self.query.contains_key(*name))
    }
}
