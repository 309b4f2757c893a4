//! CORS: the layer, and the operations on a bucket's `?cors` subresource, which the store never sees.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, Bytes};
use http::header::ORIGIN;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use tower_s3_cors::dialect::WithBody;
use tower_s3_cors::{
    CorsConfiguration, CorsLayer, CorsPolicy, PolicyLookup, PolicySource, ResourceType, S3Error, S3,
};

use crate::error::{xml, Error};
use crate::rules::{Rules, Stored};
use crate::target::{is_bucket_name, Target};
use crate::Body;

/// S3's limit of a configuration.
const MAX_DOCUMENT: usize = 64 * 1024;
const READ_TIMEOUT: Duration = Duration::from_secs(60);

/// Looks up the rules of the bucket that a request names.
#[derive(Clone)]
pub struct BucketRules {
    pub rules: Arc<Rules>,
    pub domains: Arc<[String]>,
}

impl<B> PolicySource<B> for BucketRules {
    /// Only the store knows which buckets exist: one without rules, or whose file is faulty, has CORS not enabled.
    fn policy_for<'a>(&'a self, request: &'a Request<B>) -> PolicyLookup<'a> {
        let target = Target::new(request.uri(), request.headers(), &self.domains);
        if target.is_cors(request.uri()) {
            // No page may change rules, so none is granted a preflight for it either.
            return PolicyLookup::NotOurs;
        }
        target.bucket.and_then(|bucket| self.rules.policy(&bucket)).into()
    }

    fn resource_type(&self, request: &Request<B>) -> Option<ResourceType> {
        let target = Target::new(request.uri(), request.headers(), &self.domains);
        Some(if target.is_object { ResourceType::OBJECT } else { ResourceType::BUCKET })
    }
}

type Dialect = WithBody<S3, fn(Bytes) -> Body>;

pub fn layer(source: BucketRules) -> CorsLayer<BucketRules, Dialect> {
    CorsLayer::from_source(source).dialect(S3::default().body(|bytes| Body::Left(bytes.into())))
}

/// PutBucketCors, GetBucketCors and DeleteBucketCors.
pub async fn handle(
    rules: &Arc<Rules>,
    bucket: Option<&str>,
    request: Request<Incoming>,
) -> Result<Response<Body>, Error> {
    // Signatures are not verified here, and a page whose origin the rules grant PUT could otherwise change them. Browsers
    // send an Origin with every PUT and DELETE, also where a name was bound to this address after the page was loaded.
    if request.headers().contains_key(ORIGIN) {
        return Err(Error::new(StatusCode::FORBIDDEN, "AccessDenied", "Web pages cannot change CORS rules."));
    }
    let bucket = valid(bucket)?;
    match *request.method() {
        Method::GET => get(rules, bucket),
        Method::PUT => put(rules, bucket, request).await,
        Method::DELETE => {
            change(rules, bucket, Rules::delete).await?;
            Ok(empty(StatusCode::NO_CONTENT))
        }
        _ => {
            let message = "The specified method is not allowed against this resource.";
            Err(Error::new(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", message))
        }
    }
}

fn valid(bucket: Option<&str>) -> Result<&str, Error> {
    let bucket = bucket.ok_or_else(|| {
        let message = "The request names no bucket. If its host does, start the proxy with --domain.";
        Error::new(StatusCode::BAD_REQUEST, "InvalidRequest", message)
    })?;
    if !is_bucket_name(bucket) {
        let message = "The specified bucket is not valid.";
        return Err(Error::new(StatusCode::BAD_REQUEST, "InvalidBucketName", message).of_bucket(bucket));
    }
    Ok(bucket)
}

fn get(rules: &Rules, bucket: &str) -> Result<Response<Body>, Error> {
    let error = match rules.get(bucket) {
        Some(Stored::InForce(policy)) => return Ok(xml(StatusCode::OK, policy.configuration().to_xml())),
        Some(Stored::Faulty) => {
            let message =
                "The rules of this bucket cannot be read, see the log of the proxy. Put them again.";
            Error::new(StatusCode::INTERNAL_SERVER_ERROR, "InternalError", message)
        }
        None => {
            let message = "The CORS configuration does not exist";
            Error::new(StatusCode::NOT_FOUND, "NoSuchCORSConfiguration", message)
        }
    };
    Err(error.of_bucket(bucket))
}

async fn put(rules: &Arc<Rules>, bucket: &str, request: Request<Incoming>) -> Result<Response<Body>, Error> {
    let document = read(request.into_body()).await?;
    let configuration = CorsConfiguration::from_xml(document).map_err(|error| error.s3_error())?;
    let policy = CorsPolicy::new(&configuration).map_err(|error| error.s3_error())?;
    change(rules, bucket, |rules, bucket| rules.put(bucket, policy)).await?;
    Ok(empty(StatusCode::OK))
}

/// Deletes the rules of a bucket that the store has deleted.
pub async fn delete_if_any(rules: &Arc<Rules>, bucket: &str) -> Result<(), Error> {
    if rules.get(bucket).is_none() {
        return Ok(());
    }
    change(rules, bucket, Rules::delete).await
}

/// Changes the rules of a bucket on a thread that may wait for the disk. It goes on if the client hangs up.
async fn change(
    rules: &Arc<Rules>,
    bucket: &str,
    change: impl FnOnce(&Rules, &str) -> io::Result<()> + Send + 'static,
) -> Result<(), Error> {
    let (rules, name) = (Arc::clone(rules), bucket.to_owned());
    let changed = tokio::task::spawn_blocking(move || change(&rules, &name)).await;
    changed.unwrap_or_else(|error| Err(error.into())).map_err(|error| {
        eprintln!("cannot change the rules of the bucket {bucket:?}: {error}");
        let message = "We encountered an internal error. Please try again.";
        Error::new(StatusCode::INTERNAL_SERVER_ERROR, "InternalError", message)
    })
}

fn empty(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::Left(Full::default()));
    *response.status_mut() = status;
    response
}

/// Reads a document to its end, because a client that is still sending loses the answer when the connection closes.
async fn read(mut body: Incoming) -> Result<Vec<u8>, Error> {
    let incomplete =
        |_| Error::new(StatusCode::BAD_REQUEST, "IncompleteBody", "The request body terminated unexpectedly");
    let reading = async {
        let mut document = Vec::new();
        while let Some(frame) = body.frame().await {
            let data = frame?.into_data().unwrap_or_default();
            // One byte over the limit says that there was more.
            let room = (MAX_DOCUMENT + 1).saturating_sub(document.len());
            document.extend_from_slice(&data[..data.remaining().min(room)]);
        }
        Ok(document)
    };
    let document = tokio::time::timeout(READ_TIMEOUT, reading).await.map_err(|_| {
        Error::new(StatusCode::BAD_REQUEST, "RequestTimeout", "The document was not sent within a minute.")
    })?;
    let document: Vec<u8> = document.map_err(|error: hyper::Error| incomplete(error))?;
    if document.len() > MAX_DOCUMENT {
        let message =
            "The XML you provided was not well-formed or did not validate against our published schema";
        return Err(Error::new(StatusCode::BAD_REQUEST, "MalformedXML", message));
    }
    Ok(document)
}

impl From<S3Error> for Error {
    fn from(error: S3Error) -> Self {
        Error::new(StatusCode::BAD_REQUEST, error.code(), error.message())
    }
}
