//! The layer: each bucket's own rules, answered as S3 answers.

use percent_encoding::percent_decode_str;
use tower_s3_cors::{CorsLayer, PolicyLookup, PolicySource, ResourceType, S3};

use crate::store::Store;

pub fn layer(store: Store) -> CorsLayer<Store, S3> {
    let dialect = S3::default().resource_type(|request| match bucket_and_key(request.uri.path()) {
        (_, "") => ResourceType::BUCKET,
        _ => ResourceType::OBJECT,
    });
    CorsLayer::from_source(store).dialect(dialect)
}

impl<B> PolicySource<B> for Store {
    fn policy_for<'a>(&'a self, request: &'a axum::http::Request<B>) -> PolicyLookup<'a> {
        let (bucket, _) = bucket_and_key(request.uri().path());
        if bucket.is_empty() {
            return PolicyLookup::NoConfiguration;
        }
        // `s3s` decodes the name too, so that both speak of the same bucket.
        let bucket = percent_decode_str(bucket).decode_utf8_lossy();
        let policy = self.read(&bucket, |bucket| Ok(bucket.policy.clone()));
        policy.map_or(PolicyLookup::NoSuchBucket, PolicyLookup::from)
    }
}

fn bucket_and_key(path: &str) -> (&str, &str) {
    let path = path.strip_prefix('/').unwrap_or(path);
    path.split_once('/').unwrap_or((path, ""))
}
