//! The public names, as code outside the repository relies on them: what compiles here may not be renamed.

use std::convert::Infallible;
use std::mem::size_of;
use std::str::FromStr;

use bytes::Bytes;
use http::{Request, Response};
use tower_layer::Layer;
use tower_s3_cors::{
    Cors, CorsConfiguration, CorsLayer, CorsPolicy, CorsRequest, CorsRule, Decision, Dialect, Explanation,
    Fetch, InvalidConfiguration, Lint, ParseError, PolicySource, Problem, ResponseFuture, S3,
};
use tower_service::Service;

fn configuration() -> CorsConfiguration {
    let rule = CorsRule {
        id: Some(String::from("one")),
        allowed_origins: Vec::from([String::from("https://example.com")]),
        allowed_methods: Vec::from([String::from("GET")]),
        allowed_headers: Vec::<String>::new(),
        expose_headers: Vec::<String>::new(),
        max_age_seconds: Some(5_i32),
    };
    CorsConfiguration { rules: Vec::from([rule]) }
}

#[test]
fn config() {
    let written = configuration();
    let _: fn(&str) -> Result<CorsConfiguration, ParseError> = <CorsConfiguration as FromStr>::from_str;
    let _: String = written.to_xml();
    #[cfg(feature = "xml")]
    assert_eq!(CorsConfiguration::from_xml(written.to_xml()), Ok(written.clone()));
    #[cfg(feature = "json")]
    assert_eq!(CorsConfiguration::from_json(written.to_json()), Ok(written.clone()));
    let missing = CorsConfiguration::from_path("no/such/file").map_err(|error| error.to_string());
    assert!(missing.is_err());
    let error: ParseError = "".parse::<CorsConfiguration>().unwrap_err();
    let _: (usize, usize) = (error.line(), error.column());
}

#[test]
fn problems() {
    let error: InvalidConfiguration = CorsPolicy::new(&CorsConfiguration::default()).unwrap_err();
    let problems: &[Problem] = error.problems();
    let problem = &problems[0];
    let _: (Option<usize>, Option<usize>, Option<&str>) =
        (problem.location().rule, problem.location().index, problem.value());
    assert_eq!(problem.location().field, None);
    let _ = problem.kind();
    assert_eq!(problem.s3_error().code(), "MalformedXML");
    assert!(!problem.s3_error().message().is_empty());
}

#[test]
fn policy() {
    let written = configuration();
    let _: Result<CorsPolicy, InvalidConfiguration> = CorsPolicy::extended(&written);
    let _: Result<CorsPolicy, InvalidConfiguration> =
        CorsPolicy::builder().extended(true).credentials(true).build(&written);
    let policy: CorsPolicy = CorsPolicy::new(&written).expect("lawful");
    let kept: &CorsConfiguration = policy.configuration();
    assert_eq!(kept, &written);
    let request = Request::get("/").header("origin", "https://example.com").body(()).expect("a request");
    let asked: Option<CorsRequest<'_>> = CorsRequest::classify(&request);
    let decision: Decision = policy.decide(&asked.expect("an Origin"));
    assert_eq!(decision.rule(), Some(0));
    let explanation: Explanation = policy.explain(&asked.expect("an Origin"));
    assert!(explanation.to_string().starts_with("granted: "));
    let lints: Vec<Lint> = written.lint();
    assert!(lints.iter().all(|lint| !lint.id().is_empty()));
}

#[test]
fn service() {
    fn shared<T: Clone + Send + Sync + 'static>(_: &T) {}
    fn sourced<T, P: PolicySource<T>>(_: &P) {}
    fn spoken<B, D: Dialect<B>>(_: &D) {}
    fn served<S: Service<Request<Bytes>, Response = Response<Bytes>, Error = Infallible>>(_: &S) {}

    let policy = CorsPolicy::new(&configuration()).expect("lawful");
    shared(&policy);
    sourced::<Bytes, CorsPolicy>(&policy);
    spoken::<Bytes, Fetch>(&Fetch);
    spoken::<Bytes, S3>(&S3::default());
    let inner =
        tower::service_fn(|_: Request<Bytes>| async { Ok::<_, Infallible>(Response::new(Bytes::new())) });
    let fetch: CorsLayer<CorsPolicy, Fetch> = CorsLayer::new(policy.clone());
    let fetch: Cors<_, CorsPolicy, Fetch> = fetch.layer(inner);
    served(&fetch);
    let s3: CorsLayer<CorsPolicy, S3> = CorsLayer::from_source(policy).dialect(S3::default());
    let s3: Cors<_, CorsPolicy, S3> = s3.layer(inner);
    served(&s3);
    assert!(size_of::<ResponseFuture<(), (), ()>>() > 0);
}
