//! Many buckets under one layer, each with a policy of its own: two rules.

use std::collections::HashMap;
use std::sync::Arc;

use http::header::ORIGIN;
use http::{HeaderMap, Request, Uri};
use tower_s3_cors::{CorsConfiguration, CorsPolicy, CorsRule, PolicyLookup, PolicySource};

use super::scenarios::{as_read, Body};

pub const COUNTS: [usize; 4] = [1, 100, 10_000, 100_000];

pub type Buckets = Arc<HashMap<String, CorsPolicy>>;

pub fn buckets(count: usize) -> Buckets {
    Arc::new((0..count).map(|number| (format!("bucket-{number}"), policy(number))).collect())
}

fn policy(number: usize) -> CorsPolicy {
    let rule = |origin: String, methods: &[&str]| CorsRule {
        allowed_origins: vec![origin],
        allowed_methods: methods.iter().map(|method| (*method).to_owned()).collect(),
        allowed_headers: vec!["*".into()],
        ..CorsRule::default()
    };
    let rules = vec![
        rule(format!("https://app-{number}.example.com"), &["GET", "PUT"]),
        rule(format!("https://*.preview-{number}.example.com"), &["GET"]),
    ];
    CorsPolicy::new(&CorsConfiguration { rules }).expect("valid")
}

/// A closure, as a server would write it.
pub fn source(buckets: Buckets) -> impl PolicySource<Body> + Clone {
    move |uri: &Uri, _: &HeaderMap| {
        let name = uri.path().trim_start_matches('/');
        buckets.get(name).map_or(PolicyLookup::NoSuchBucket, |policy| policy.clone().into())
    }
}

/// A granted request to the last bucket.
pub fn request(count: usize) -> Request<Body> {
    let last = count - 1;
    let mut request = Request::new(Body::default());
    *request.uri_mut() = format!("/bucket-{last}").parse().expect("a path");
    request.headers_mut().insert(ORIGIN, as_read(&format!("https://app-{last}.example.com")));
    request
}
