//! Each kind of policy source, each lookup that it can return, and the responses in both dialects.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Request, Response, Uri};
use tower_layer::Layer;
use tower_s3_cors::dialect::Dialect;
use tower_s3_cors::source::{ByFileExtension, ByHost, ByPathPrefix, OrElse};
use tower_s3_cors::{
    CorsConfiguration, CorsLayer, CorsPolicy, CorsRule, Fetch, FromExtensions, PolicyLookup, PolicySource,
    ResourceType, S3,
};

const APP: &str = "https://app.example.com";

/// The outcomes of a preflight and a GET in the Fetch dialect, then of the same two in the S3 dialect.
type Outcomes = [String; 4];

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
    CorsPolicy::new(&CorsConfiguration { rules: vec![rule] }).expect("a valid configuration")
}

/// Two buckets: `notes` has rules, `bare` has none.
fn buckets() -> Arc<HashMap<&'static str, Option<CorsPolicy>>> {
    Arc::new(HashMap::from([("notes", Some(policy())), ("bare", None)]))
}

/// An OPTIONS request too reaches the inner service.
const NOT_OURS: [&str; 4] = ["untouched"; 4];

const BUCKETS: [(&str, [&str; 4]); 3] =
    [("notes", GRANTED), ("bare", NO_CONFIGURATION), ("gone", NO_SUCH_BUCKET)];

fn bucket_name(uri: &Uri) -> &str {
    uri.path().trim_start_matches('/')
}

fn request(method: &str, bucket: &str) -> Request<Bytes> {
    let mut headers = HeaderMap::new();
    headers.insert("origin", APP.parse().expect("a value"));
    headers.insert("x-bucket", bucket.parse().expect("a value"));
    if method == "OPTIONS" {
        headers.insert("access-control-request-method", "GET".parse().expect("a value"));
    }
    test_support::request(method, &format!("/{bucket}"), headers)
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

fn outcome_in_dialect<P, D>(source: &P, dialect: D, request: Request<Bytes>) -> String
where
    P: PolicySource<Bytes> + Clone,
    D: Dialect<Bytes> + Clone,
{
    let layer = CorsLayer::from_source(source.clone()).dialect(dialect);
    outcome(&test_support::call(layer.layer(test_support::always(200, HeaderMap::new())), request))
}

/// `prepare` stands for a layer in front of the CORS layer.
fn outcomes<P>(source: &P, bucket: &str, prepare: impl Fn(&mut Request<Bytes>)) -> Outcomes
where
    P: PolicySource<Bytes> + Clone,
{
    let prepared = |method| {
        let mut request = request(method, bucket);
        prepare(&mut request);
        request
    };
    [
        outcome_in_dialect(source, Fetch, prepared("OPTIONS")),
        outcome_in_dialect(source, Fetch, prepared("GET")),
        outcome_in_dialect(source, S3::default(), prepared("OPTIONS")),
        outcome_in_dialect(source, S3::default(), prepared("GET")),
    ]
}

/// Checks a source that looks up the policy of the request's bucket.
fn check_buckets(source: impl PolicySource<Bytes> + Clone) {
    for (bucket, expected) in BUCKETS {
        assert_eq!(outcomes(&source, bucket, |_| {}), expected, "{bucket}");
    }
}

#[test]
fn policy_as_source_applies_to_every_request() {
    for (bucket, _) in BUCKETS {
        assert_eq!(outcomes(&policy(), bucket, |_| {}), GRANTED);
    }
}

#[test]
fn closure_can_read_the_uri() {
    let buckets = buckets();
    check_buckets(move |uri: &Uri, _: &HeaderMap| match buckets.get(bucket_name(uri)) {
        Some(policy) => policy.clone().into(),
        None => PolicyLookup::NoSuchBucket,
    });
}

#[test]
fn closure_can_read_the_headers() {
    let buckets = buckets();
    check_buckets(move |_: &Uri, headers: &HeaderMap| {
        let bucket = headers.get("x-bucket").and_then(|bucket| buckets.get(bucket.to_str().ok()?));
        bucket.map_or(PolicyLookup::NoSuchBucket, |policy| policy.clone().into())
    });
}

#[test]
fn closure_can_return_a_policy_an_option_or_a_lookup() {
    let policy = policy();
    let always = {
        let policy = policy.clone();
        move |_: &Uri, _: &HeaderMap| policy.clone()
    };
    assert_eq!(outcomes(&always, "notes", |_| {}), GRANTED);
    let optional = move |uri: &Uri, _: &HeaderMap| (bucket_name(uri) == "notes").then(|| policy.clone());
    assert_eq!(outcomes(&optional, "notes", |_| {}), GRANTED);
    assert_eq!(outcomes(&optional, "bare", |_| {}), NO_CONFIGURATION);
    let no_bucket = |_: &Uri, _: &HeaderMap| PolicyLookup::NoSuchBucket;
    assert_eq!(outcomes(&no_bucket, "notes", |_| {}), NO_SUCH_BUCKET);
}

#[test]
fn function_is_a_source() {
    fn policy_for(uri: &Uri, _: &HeaderMap) -> PolicyLookup<'static> {
        match bucket_name(uri) {
            "notes" => policy().into(),
            "bare" => PolicyLookup::NoConfiguration,
            _ => PolicyLookup::NoSuchBucket,
        }
    }
    check_buckets(policy_for);
}

#[test]
fn custom_type_can_return_borrowed_policies() {
    #[derive(Clone)]
    struct Buckets(Arc<HashMap<&'static str, Option<CorsPolicy>>>);

    impl<B> PolicySource<B> for Buckets {
        fn policy_for<'a>(&'a self, request: &'a Request<B>) -> PolicyLookup<'a> {
            match self.0.get(bucket_name(request.uri())) {
                Some(policy) => policy.as_ref().into(),
                None => PolicyLookup::NoSuchBucket,
            }
        }
    }
    check_buckets(Buckets(buckets()));
}

#[test]
fn extensions_hold_the_lookup_of_an_earlier_layer() {
    let outcomes_of = |lookup: PolicyLookup<'static>| {
        outcomes(&FromExtensions, "notes", |request| {
            request.extensions_mut().insert(lookup.clone());
        })
    };
    assert_eq!(outcomes_of(policy().into()), GRANTED);
    assert_eq!(outcomes_of(PolicyLookup::NoConfiguration), NO_CONFIGURATION);
    assert_eq!(outcomes_of(PolicyLookup::NoSuchBucket), NO_SUCH_BUCKET);
}

#[test]
fn extensions_can_hold_a_policy() {
    let insert_policy = |request: &mut Request<Bytes>| {
        request.extensions_mut().insert(policy());
    };
    assert_eq!(outcomes(&FromExtensions, "notes", insert_policy), GRANTED);
    assert_eq!(outcomes(&FromExtensions, "notes", |_| {}), NO_CONFIGURATION);
    let insert_both = |request: &mut Request<Bytes>| {
        insert_policy(request);
        request.extensions_mut().insert(PolicyLookup::NoSuchBucket);
    };
    assert_eq!(outcomes(&FromExtensions, "notes", insert_both), NO_SUCH_BUCKET);
}

#[test]
fn sources_accept_any_type_of_request_body() {
    fn is_source<P: PolicySource<String> + PolicySource<Vec<u8>>>(_: P) {}
    is_source(policy());
    is_source(FromExtensions);
    is_source(|_: &Uri, _: &HeaderMap| PolicyLookup::NoConfiguration);
}

#[test]
fn request_that_is_not_ours_is_forwarded() {
    assert_eq!(outcomes(&PolicyLookup::NotOurs, "notes", |_| {}), NOT_OURS);
    let admin = move |uri: &Uri, _: &HeaderMap| match bucket_name(uri) {
        "admin" => PolicyLookup::NotOurs,
        _ => policy().into(),
    };
    assert_eq!(outcomes(&admin, "admin", |_| {}), NOT_OURS);
    assert_eq!(outcomes(&admin, "notes", |_| {}), GRANTED);
    // S3 refuses an OPTIONS request without Origin before it looks at the bucket.
    let without_origin = |source: PolicyLookup<'static>| {
        let mut request = request("OPTIONS", "notes");
        request.headers_mut().remove("origin");
        outcome_in_dialect(&source, S3::default(), request)
    };
    assert_eq!(without_origin(PolicyLookup::NotOurs), "untouched");
    assert_eq!(
        without_origin(PolicyLookup::NoSuchBucket),
        "Insufficient information. Origin request header needed."
    );
}

#[test]
fn lookup_and_option_are_sources() {
    assert_eq!(outcomes(&PolicyLookup::from(policy()), "notes", |_| {}), GRANTED);
    assert_eq!(outcomes(&PolicyLookup::NoSuchBucket, "notes", |_| {}), NO_SUCH_BUCKET);
    assert_eq!(outcomes(&Some(policy()), "notes", |_| {}), GRANTED);
    assert_eq!(outcomes(&None::<CorsPolicy>, "notes", |_| {}), NO_CONFIGURATION);
}

#[test]
fn layer_of_any_source_can_be_named() {
    type AnySource = Arc<dyn PolicySource<Bytes> + Send + Sync>;
    let sources: [(AnySource, [&str; 4]); 3] = [
        (Arc::new(policy()), GRANTED),
        (Arc::new(|_: &Uri, _: &HeaderMap| PolicyLookup::NoSuchBucket), NO_SUCH_BUCKET),
        (Arc::new(FromExtensions), NO_CONFIGURATION),
    ];
    for (source, expected) in sources {
        let _layer: CorsLayer<AnySource> = CorsLayer::from_source(Arc::clone(&source));
        assert_eq!(outcomes(&source, "notes", |_| {}), expected);
    }
}

#[test]
fn fallback_applies_where_there_is_no_configuration() {
    for (bucket, expected) in [("notes", GRANTED), ("bare", GRANTED), ("gone", NO_SUCH_BUCKET)] {
        let buckets = buckets();
        let of_bucket = move |uri: &Uri, _: &HeaderMap| match buckets.get(bucket_name(uri)) {
            Some(policy) => policy.clone().into(),
            None => PolicyLookup::NoSuchBucket,
        };
        assert_eq!(outcomes(&OrElse(of_bucket, policy()), bucket, |_| {}), expected, "{bucket}");
    }
    assert_eq!(outcomes(&OrElse(PolicyLookup::NotOurs, policy()), "notes", |_| {}), NOT_OURS);
}

/// Checks which targets, or targets and hosts, a source grants.
fn check_granted<P: PolicySource<Bytes>>(source: &P, targets: &[(&str, &str, bool)]) {
    for (target, host, is_granted) in targets {
        let request = Request::get(*target)
            .header("origin", APP)
            .header("host", *host)
            .body(Bytes::new())
            .expect("a request");
        let lookup = source.policy_for(&request);
        assert_eq!(matches!(lookup, PolicyLookup::Policy(_)), *is_granted, "{target} {host}: {lookup:?}");
    }
}

#[test]
fn source_by_host() {
    let shop =
        ["shop.example.com", "Blog.Example.com", "docs.example.com.", "[::1]"].map(|host| (host, policy()));
    let targets = [
        ("/", "shop.example.com", true),
        ("/", "SHOP.example.com:8080", true),
        ("/", "blog.example.com", true),
        ("/", "[::1]", true),
        ("/", "[::1]:3000", true),
        // The same host in DNS, which a page may ask for as well.
        ("/", "shop.example.com.", true),
        ("/", "shop.example.com.:8080", true),
        ("https://shop.example.com./", "other.example.com", true),
        ("/", "docs.example.com", true),
        ("/", "example.com", false),
        ("/", "shop.example.com..", false),
        ("/", ".", false),
        ("/", "shop.example.com.evil.example", false),
        ("/", "", false),
        // The target has its host under HTTP/2, and if a proxy is addressed.
        ("https://shop.example.com/", "other.example.com", true),
        ("https://other.example.com:443/", "shop.example.com", false),
    ];
    check_granted(&ByHost::from(shop), &targets);
}

#[test]
fn source_by_host_and_port() {
    let hosts = [
        ("LocalHost.:3000", policy().into()),
        ("[::1]:3000", policy().into()),
        ("shop.example.com", policy().into()),
        ("shop.example.com:8443", PolicyLookup::NoConfiguration),
        ("blog.example.com:", policy().into()),
    ];
    let targets = [
        ("/", "localhost:3000", true),
        ("/", "LOCALHOST.:3000", true),
        ("http://localhost:3000/", "", true),
        ("http://user:1@localhost:3000/", "", true),
        ("/", "[::1]:3000", true),
        ("/", "[::1]", false),
        ("/", "localhost", false),
        ("/", "localhost:", false),
        ("/", "localhost:30000", false),
        ("/", "shop.example.com", true),
        ("/", "shop.example.com:443", true),
        ("/", "shop.example.com:8443", false),
        ("https://shop.example.com:8443/", "shop.example.com", false),
        ("/", "blog.example.com", true),
        ("/", "blog.example.com:", true),
        ("/", "blog.example.com:80", true),
    ];
    check_granted(&ByHost::from(hosts), &targets);
}

#[test]
fn source_by_path_prefix() {
    let prefixes = [
        ("/api", PolicyLookup::NoConfiguration),
        ("/api/public/", policy().into()),
        // Without its slash it could never match.
        ("fonts", policy().into()),
        // The last source of a prefix counts.
        ("/api/public", PolicyLookup::from(policy())),
    ];
    let targets = [
        ("/fonts", "h", true),
        ("/fonts/a.woff2?v=1", "h", true),
        ("/fonts2", "h", false),
        ("/Fonts", "h", false),
        ("/api", "h", false),
        ("/api/private", "h", false),
        ("/api/public", "h", true),
        ("/api/public/a", "h", true),
        ("/api/publicity", "h", false),
        ("/", "h", false),
    ];
    check_granted(&ByPathPrefix::from(prefixes), &targets);
    check_granted(&ByPathPrefix::from([("/", policy())]), &[("/", "h", true), ("/a/b", "h", true)]);
}

#[test]
fn source_by_file_extension() {
    let targets = [
        ("/a.woff2", "h", true),
        ("/a/b.min.WOFF2?v=1", "h", true),
        ("/a.woff", "h", false),
        ("/woff2", "h", false),
        ("/a.woff2/b", "h", false),
        ("/", "h", false),
    ];
    check_granted(&ByFileExtension::from([("woff2", policy())]), &targets);
    check_granted(&ByFileExtension::from([(".WOFF2", policy())]), &targets);
}

#[test]
fn source_says_the_resource_type() {
    #[derive(Clone)]
    struct Uploads;
    impl<B> PolicySource<B> for Uploads {
        fn policy_for<'a>(&'a self, _: &'a Request<B>) -> PolicyLookup<'a> {
            policy().into()
        }
        fn resource_type(&self, request: &Request<B>) -> Option<ResourceType> {
            (request.uri().path() == "/notes").then_some(ResourceType::from_static("UPLOADS"))
        }
    }
    let refused =
        |source: &dyn Fn() -> Arc<dyn PolicySource<Bytes>>, dialect: S3, bucket: &str, extension| {
            let mut request = request("OPTIONS", bucket);
            request.headers_mut().insert("origin", "https://evil.example".parse().expect("a value"));
            request.extensions_mut().insert(policy());
            if let Some(extension) = extension {
                request.extensions_mut().insert::<ResourceType>(extension);
            }
            let layer = CorsLayer::from_source(source()).dialect(dialect);
            let response =
                test_support::call(layer.layer(test_support::always(200, HeaderMap::new())), request);
            let body = String::from_utf8_lossy(response.body()).into_owned();
            let (_, rest) = body.split_once("<ResourceType>").expect("a type");
            rest.split('<').next().unwrap_or_default().to_owned()
        };
    let custom: &dyn Fn() -> Arc<dyn PolicySource<Bytes>> = &|| Arc::new(Uploads);
    let combined: &dyn Fn() -> Arc<dyn PolicySource<Bytes>> = &|| {
        Arc::new(OrElse(
            ByPathPrefix::from([("/notes", ByHost::from([("h", Uploads)]))]),
            OrElse(Uploads, Uploads),
        ))
    };
    let extensions: &dyn Fn() -> Arc<dyn PolicySource<Bytes>> = &|| Arc::new(FromExtensions);
    let of_dialect = S3::default().resource_type(|_| ResourceType::BUCKET);
    assert_eq!(refused(custom, S3::default(), "notes", None), "UPLOADS");
    assert_eq!(refused(custom, S3::default(), "other", None), "OBJECT");
    assert_eq!(refused(custom, of_dialect, "notes", None), "BUCKET");
    assert_eq!(refused(combined, S3::default(), "notes", None), "UPLOADS");
    assert_eq!(refused(extensions, S3::default(), "notes", None), "OBJECT");
    assert_eq!(refused(extensions, S3::default(), "notes", Some(ResourceType::BUCKET)), "BUCKET");
}
