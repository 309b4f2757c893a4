//! A handle that holds no policy: that of a bucket whose rules are deleted, and which may go itself.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use tower_layer::Layer;
use tower_s3_cors::{CorsLayer, PolicyHandle, PolicyLookup, PolicySource, S3};

use crate::{a, text, SHARED};

#[test]
fn handle_may_hold_no_policy() {
    let answer = |policy: &dyn Fn() -> Arc<dyn PolicySource<Bytes>>, method: &str| {
        let mut headers = HeaderMap::new();
        headers.insert("origin", HeaderValue::from_static(SHARED));
        headers.insert("access-control-request-method", HeaderValue::from_static("GET"));
        let layer = CorsLayer::from_source(policy()).dialect(S3::default());
        let service = layer.layer(test_support::always(200, HeaderMap::new()));
        text(&test_support::call(service, test_support::request(method, "/", headers)))
    };
    let rules = PolicyHandle::new(None);
    let source: &dyn Fn() -> Arc<dyn PolicySource<Bytes>> = &|| Arc::new(rules.clone());
    let without = [answer(source, "OPTIONS"), answer(source, "GET")];
    assert!(without[0].contains("CORS is not enabled for this bucket."), "{without:?}");
    assert!(rules.replace(Some(a())).is_none());
    let with = [answer(source, "OPTIONS"), answer(source, "GET")];
    assert!(with.iter().all(|answer| answer.contains(SHARED)), "{with:?}");
    assert!(rules.replace(None).is_some_and(|old| old.configuration() == a().configuration()));
    assert!(rules.current().is_none());
    assert_eq!([answer(source, "OPTIONS"), answer(source, "GET")], without);

    let bucket = PolicyHandle::new(PolicyLookup::from(a()));
    let source: &dyn Fn() -> Arc<dyn PolicySource<Bytes>> = &|| Arc::new(bucket.clone());
    assert_eq!([answer(source, "OPTIONS"), answer(source, "GET")], with);
    bucket.replace(PolicyLookup::NoSuchBucket);
    assert!(answer(source, "OPTIONS").contains("Bucket not found"));
}
