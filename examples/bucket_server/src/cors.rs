//! CORS: the layer, the policy source, and the operations on a bucket's `?cors` subresource.

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
        .request_id(|request| Some(request_info(request)?.request_id.clone()))
        .host_id(|request| Some(request_info(request)?.host_id.to_owned()))
        .resource_type(resource_type);
    CorsLayer::from_source(buckets).dialect(dialect)
}

fn resource_type(request: &Parts) -> ResourceType {
    const UPLOADS: ResourceType = ResourceType::from_static("UPLOADS");
    match request_info(request) {
        Some(info) if info.is_object() && info.query("uploads").is_some() => UPLOADS,
        Some(info) if info.is_object() => ResourceType::OBJECT,
        _ => ResourceType::BUCKET,
    }
}

fn request_info(request: &Parts) -> Option<&RequestInfo> {
    request.extensions.get::<Arc<RequestInfo>>().map(Arc::as_ref)
}

/// The layer looks the policy up before the handler runs, so a request that changes the rules is itself
/// evaluated under the old ones.
impl<B> PolicySource<B> for Buckets {
    fn policy_for<'a>(&'a self, request: &'a axum::http::Request<B>) -> PolicyLookup<'a> {
        let info = request.extensions().get::<Arc<RequestInfo>>();
        let Some(name) = info.and_then(|info| info.bucket()) else {
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

/// GetBucketCors.
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
