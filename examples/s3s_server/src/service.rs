//! The operations of S3 that this service has, among them those on a bucket's rules.

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures_util::TryStreamExt;
use s3s::dto::{
    CORSRule, CreateBucketInput, CreateBucketOutput, DeleteBucketCorsInput, DeleteBucketCorsOutput,
    GetBucketCorsInput, GetBucketCorsOutput, GetObjectInput, GetObjectOutput, PutBucketCorsInput,
    PutBucketCorsOutput, PutObjectInput, PutObjectOutput, StreamingBlob,
};
use s3s::{s3_error, Body, S3Error, S3ErrorCode, S3Request, S3Response, S3Result, S3};
use tower_s3_cors::{CorsConfiguration, CorsPolicy, CorsRule};

use crate::store::Store;

const MAX_OBJECT: usize = 8 << 20;

#[async_trait]
impl S3 for Store {
    /// The request is still under the bucket's old rules: the layer has evaluated it before.
    async fn put_bucket_cors(
        &self,
        request: S3Request<PutBucketCorsInput>,
    ) -> S3Result<S3Response<PutBucketCorsOutput>> {
        let PutBucketCorsInput { bucket, cors_configuration, .. } = request.input;
        let rules = cors_configuration.cors_rules.into_iter().map(read_rule).collect();
        let policy = CorsPolicy::new(&CorsConfiguration { rules }).map_err(|error| {
            let error = error.s3_error();
            let code =
                S3ErrorCode::from_bytes(error.code().as_bytes()).unwrap_or(S3ErrorCode::InvalidRequest);
            S3Error::with_message(code, error.message().to_owned())
        })?;
        self.write(&bucket, |bucket| bucket.policy = Some(policy))?;
        Ok(S3Response::new(PutBucketCorsOutput::default()))
    }

    async fn get_bucket_cors(
        &self,
        request: S3Request<GetBucketCorsInput>,
    ) -> S3Result<S3Response<GetBucketCorsOutput>> {
        let policy = self.read(&request.input.bucket, |bucket| {
            let missing = || s3_error!(NoSuchCORSConfiguration, "The CORS configuration does not exist");
            bucket.policy.clone().ok_or_else(missing)
        })?;
        let rules = policy.configuration().rules.iter().cloned().map(write_rule).collect();
        Ok(S3Response::new(GetBucketCorsOutput { cors_rules: Some(rules) }))
    }

    async fn delete_bucket_cors(
        &self,
        request: S3Request<DeleteBucketCorsInput>,
    ) -> S3Result<S3Response<DeleteBucketCorsOutput>> {
        self.write(&request.input.bucket, |bucket| bucket.policy = None)?;
        Ok(S3Response::new(DeleteBucketCorsOutput::default()))
    }

    async fn create_bucket(
        &self,
        request: S3Request<CreateBucketInput>,
    ) -> S3Result<S3Response<CreateBucketOutput>> {
        self.create(request.input.bucket);
        Ok(S3Response::new(CreateBucketOutput::default()))
    }

    async fn put_object(&self, request: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        let PutObjectInput { bucket, key, body, .. } = request.input;
        let bytes = match body {
            Some(body) => read_body(body).await?,
            None => Bytes::new(),
        };
        self.write(&bucket, |bucket| bucket.objects.insert(key, bytes))?;
        Ok(S3Response::new(PutObjectOutput::default()))
    }

    async fn get_object(&self, request: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        let GetObjectInput { bucket, key, .. } = request.input;
        let bytes = self
            .read(&bucket, |bucket| bucket.objects.get(&key).cloned().ok_or_else(|| s3_error!(NoSuchKey)))?;
        let content_length = i64::try_from(bytes.len()).ok();
        let body = Some(StreamingBlob::from(Body::from(bytes)));
        Ok(S3Response::new(GetObjectOutput { body, content_length, ..GetObjectOutput::default() }))
    }
}

async fn read_body(mut body: StreamingBlob) -> S3Result<Bytes> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = body.try_next().await.map_err(|_| s3_error!(IncompleteBody))? {
        if bytes.len() + chunk.len() > MAX_OBJECT {
            return Err(s3_error!(EntityTooLarge));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}

/// S3's names are the same on both sides.
fn read_rule(rule: CORSRule) -> CorsRule {
    CorsRule {
        id: rule.id,
        allowed_origins: rule.allowed_origins,
        allowed_methods: rule.allowed_methods,
        allowed_headers: rule.allowed_headers.unwrap_or_default(),
        expose_headers: rule.expose_headers.unwrap_or_default(),
        max_age_seconds: rule.max_age_seconds,
    }
}

fn write_rule(rule: CorsRule) -> CORSRule {
    let some = |list: Vec<String>| (!list.is_empty()).then_some(list);
    CORSRule {
        id: rule.id,
        allowed_origins: rule.allowed_origins,
        allowed_methods: rule.allowed_methods,
        allowed_headers: some(rule.allowed_headers),
        expose_headers: some(rule.expose_headers),
        max_age_seconds: rule.max_age_seconds,
    }
}
