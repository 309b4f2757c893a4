//! CORS: which policy governs a request, whose ids and target S3's errors tell, and the `?cors` of a bucket.

use std::sync::Arc;

use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tower_s3_cors::{
    CorsConfiguration, CorsLayer, CorsPolicy, PolicyLookup, PolicySource, ResourceType, S3Error, S3,
};

use crate::body;
use crate::error::Error;
use crate::request_info::RequestInfo;
use crate::store::Buckets;
use crate::xml;

const MAX_DOCUMENT: usize = 64 * 1024;

pub fn layer(buckets: Buckets) -> CorsLayer<Buckets, S3> {
    let dialect = S3::default()
        .request_id(|request| Some(asked(request)?.request_id.clone()))
        .host_id(|request| Some(asked(request)?.host_id.to_owned()))
        .resource_type(resource_type);
    CorsLayer::from_source(buckets).dialect(dialect)
}

fn resource_type(request: &Parts) -> ResourceType {
    if !asked(request).is_some_and(RequestInfo::is_object) {
        ResourceType::BUCKET
    } else if request.uri.query() == Some("uploads") {
        ResourceType::from_static("UPLOADS")
    } else {
        ResourceType::OBJECT
    }
}

fn asked(request: &Parts) -> Option<&RequestInfo> {
    request.extensions.get::<Arc<RequestInfo>>().map(Arc::as_ref)
}

/// The layer asks before the handler runs: a request that changes the rules is judged by those from before.
impl<B> PolicySource<B> for Buckets {
    fn policy_for<'a>(&'a self, request: &'a axum::http::Request<B>) -> PolicyLookup<'a> {
        let asked = request.extensions().get::<Arc<RequestInfo>>();
        let Some(name) = asked.and_then(|asked| asked.bucket()) else {
            return PolicyLookup::NoConfiguration;
        };
        self.read(name, |bucket| bucket.policy.clone()).map_or(PolicyLookup::NoSuchBucket, PolicyLookup::from)
    }
}

/// PutBucketCors.
pub async fn put(buckets: &Buckets, name: &str, request: Request) -> Result<Response, Error> {
    let (_, document) = body::read(request, MAX_DOCUMENT, |_| Error::malformed_xml()).await?;
    let configuration = CorsConfiguration::from_xml(document).map_err(|error| error.s3_error())?;
    let policy = CorsPolicy::new(&configuration).map_err(|error| error.s3_error())?;
    buckets.write(name, |bucket| bucket.policy = Some(policy))?;
    Ok(StatusCode::OK.into_response())
}

/// GetBucketCors: the rules as they were written.
pub fn get(buckets: &Buckets, name: &str) -> Result<Response, Error> {
    let policy = buckets.read(name, |bucket| bucket.policy.clone())?.ok_or_else(|| {
        Error::not_found("NoSuchCORSConfiguration", "The CORS configuration does not exist")
            .with("BucketName", name)
    })?;
    Ok(xml::response(policy.configuration().to_xml()))
}

/// DeleteBucketCors.
pub fn delete(buckets: &Buckets, name: &str) -> Result<Response, Error> {
    buckets.write(name, |bucket| bucket.policy = None)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

impl From<S3Error> for Error {
    fn from(error: S3Error) -> Self {
        Error::new(StatusCode::BAD_REQUEST, error.code(), error.message())
    }
}
