//! Where a policy comes from: each kind of source, what it can say, and what either dialect makes of it.

mod common;

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Request, Response, Uri};
use tower_layer::Layer;
use tower_s3_cors::{
    CorsConfiguration, CorsLayer, CorsPolicy, CorsRule, Dialect, Fetch, FromExtensions, PolicyLookup,
    PolicySource, S3,
};

const APP: &str = "https://app.example.com";

/// A preflight and a GET in the Fetch dialect, the same two in S3's.
type Answers = [String; 4];

const GRANTED: [&str; 4] = ["granted"; 4];
const NO_CONFIGURATION: [&str; 4] =
    ["untouched", "untouched", "CORSResponse: CORS is not enabled for this bucket.", "untouched"];
const NO_SUCH_BUCKET: [&str; 4] = ["untouched", "untouched", "CORSResponse: Bucket not found", "untouched"];

fn policy() -> CorsPolicy {
    let rule = CorsRule {
        allowed_origins: vec![APP.into()],
        allowed_methods: vec!["GET".into()],
        ..CorsRule::default()
    };
    CorsPolicy::new(&CorsConfiguration { rules: vec![rule] }).expect("a lawful configuration")
}

/// The bucket `notes` has rules, the bucket `bare` has none, and there is no other.
fn buckets() -> Arc<HashMap<&'static str, Option<CorsPolicy>>> {
    Arc::new(HashMap::from([("notes", Some(policy())), ("bare", None)]))
}

const BUCKETS: [(&str, [&str; 4]); 3] =
    [("notes", GRANTED), ("bare", NO_CONFIGURATION), ("gone", NO_SUCH_BUCKET)];

fn name(uri: &Uri) -> &str {
    uri.path().trim_start_matches('/')
}

fn request(method: &str, bucket: &str) -> Request<Bytes> {
    let mut headers = HeaderMap::new();
    headers.insert("origin", APP.parse().expect("a value"));
    headers.insert("x-bucket", bucket.parse().expect("a value"));
    if method == "OPTIONS" {
        headers.insert("access-control-request-method", "GET".parse().expect("a value"));
    }
    common::request(method, &format!("/{bucket}"), headers)
}

fn outcome(response: &Response<Bytes>) -> String {
    if response.headers().contains_key("access-control-allow-origin") {
        return "granted".into();
    }
    if response.headers().is_empty() && response.body().as_ref() == b"inner" {
        return "untouched".into();
    }
    let body = String::from_utf8_lossy(response.body()).into_owned();
    let message = body.split_once("<Message>").and_then(|(_, rest)| rest.split_once("</Message>"));
    message.map_or_else(|| format!("{response:?}"), |(message, _)| message.into())
}

fn in_dialect<P, D>(source: &P, dialect: D, request: Request<Bytes>) -> String
where
    P: PolicySource<Bytes> + Clone,
    D: Dialect<Bytes> + Clone,
{
    let layer = CorsLayer::from_source(source.clone()).dialect(dialect);
    outcome(&common::call(layer.layer(common::always(200, HeaderMap::new())), request))
}

/// `prepare` is the earlier layer.
fn answers<P>(source: &P, bucket: &str, prepare: impl Fn(&mut Request<Bytes>)) -> Answers
where
    P: PolicySource<Bytes> + Clone,
{
    let prepared = |method| {
        let mut request = request(method, bucket);
        prepare(&mut request);
        request
    };
    [
        in_dialect(source, Fetch, prepared("OPTIONS")),
        in_dialect(source, Fetch, prepared("GET")),
        in_dialect(source, S3::default(), prepared("OPTIONS")),
        in_dialect(source, S3::default(), prepared("GET")),
    ]
}

/// A source that tells the buckets apart.
fn check_buckets(source: impl PolicySource<Bytes> + Clone) {
    for (bucket, expect) in BUCKETS {
        assert_eq!(answers(&source, bucket, |_| {}), expect, "{bucket}");
    }
}

#[test]
fn a_policy_governs_every_request() {
    for (bucket, _) in BUCKETS {
        assert_eq!(answers(&policy(), bucket, |_| {}), GRANTED);
    }
}

#[test]
fn a_closure_reads_the_uri() {
    let buckets = buckets();
    check_buckets(move |uri: &Uri, _: &HeaderMap| match buckets.get(name(uri)) {
        Some(policy) => policy.clone().into(),
        None => PolicyLookup::NoSuchBucket,
    });
}

#[test]
fn a_closure_reads_the_headers() {
    let buckets = buckets();
    check_buckets(move |_: &Uri, headers: &HeaderMap| {
        let bucket = headers.get("x-bucket").and_then(|bucket| buckets.get(bucket.to_str().ok()?));
        bucket.map_or(PolicyLookup::NoSuchBucket, |policy| policy.clone().into())
    });
}

/// What a closure gives may be a policy, one that may be missing, or the whole answer.
#[test]
fn a_closure_gives_what_it_has() {
    let policy = policy();
    let always = {
        let policy = policy.clone();
        move |_: &Uri, _: &HeaderMap| policy.clone()
    };
    assert_eq!(answers(&always, "notes", |_| {}), GRANTED);
    let sometimes = move |uri: &Uri, _: &HeaderMap| (name(uri) == "notes").then(|| policy.clone());
    assert_eq!(answers(&sometimes, "notes", |_| {}), GRANTED);
    assert_eq!(answers(&sometimes, "bare", |_| {}), NO_CONFIGURATION);
    let never = |_: &Uri, _: &HeaderMap| PolicyLookup::NoSuchBucket;
    assert_eq!(answers(&never, "notes", |_| {}), NO_SUCH_BUCKET);
}

#[test]
fn a_function_is_a_source() {
    fn policy_for(uri: &Uri, _: &HeaderMap) -> PolicyLookup<'static> {
        match name(uri) {
            "notes" => policy().into(),
            "bare" => PolicyLookup::NoConfiguration,
            _ => PolicyLookup::NoSuchBucket,
        }
    }
    check_buckets(policy_for);
}

#[test]
fn a_type_of_ones_own_lends_its_policies() {
    #[derive(Clone)]
    struct Buckets(Arc<HashMap<&'static str, Option<CorsPolicy>>>);

    impl<B> PolicySource<B> for Buckets {
        fn policy_for<'a>(&'a self, request: &'a Request<B>) -> PolicyLookup<'a> {
            match self.0.get(name(request.uri())) {
                Some(policy) => policy.as_ref().into(),
                None => PolicyLookup::NoSuchBucket,
            }
        }
    }
    check_buckets(Buckets(buckets()));
}

#[test]
fn extensions_say_what_an_earlier_layer_put_there() {
    let says = |governing: PolicyLookup<'static>| {
        answers(&FromExtensions, "notes", |request| {
            request.extensions_mut().insert(governing.clone());
        })
    };
    assert_eq!(says(policy().into()), GRANTED);
    assert_eq!(says(PolicyLookup::NoConfiguration), NO_CONFIGURATION);
    assert_eq!(says(PolicyLookup::NoSuchBucket), NO_SUCH_BUCKET);
}

#[test]
fn extensions_may_hold_a_bare_policy() {
    let bare = |request: &mut Request<Bytes>| {
        request.extensions_mut().insert(policy());
    };
    assert_eq!(answers(&FromExtensions, "notes", bare), GRANTED);
    assert_eq!(answers(&FromExtensions, "notes", |_| {}), NO_CONFIGURATION);
    let both = |request: &mut Request<Bytes>| {
        bare(request);
        request.extensions_mut().insert(PolicyLookup::NoSuchBucket);
    };
    assert_eq!(answers(&FromExtensions, "notes", both), NO_SUCH_BUCKET);
}

/// The body of the request is whatever the server has.
#[test]
fn sources_are_generic_over_the_body() {
    fn is_source<P: PolicySource<String> + PolicySource<Vec<u8>>>(_: P) {}
    is_source(policy());
    is_source(FromExtensions);
    is_source(|_: &Uri, _: &HeaderMap| PolicyLookup::NoConfiguration);
}
