//! Recorded answers of S3 and of compatible servers: runs `responses.json` through the layer in the S3 dialect, and
//! `configs.json` through parsing and validation.

use bytes::Bytes;
use http::{Request, Response};
use serde_json::Value;
use test_support::answers;
use tower_layer::Layer;
use tower_s3_cors::{CorsLayer, CorsPolicy, PolicyLookup, PolicySource, ResourceType, S3};

/// The bucket of a case.
#[derive(Clone)]
enum Bucket {
    Missing,
    NoConfiguration,
    Policy(CorsPolicy),
}

impl<B> PolicySource<B> for Bucket {
    fn policy_for<'a>(&'a self, request: &'a Request<B>) -> PolicyLookup<'a> {
        match self {
            // The path `/` is the service itself, not a bucket.
            _ if request.uri().path() == "/" => PolicyLookup::NoConfiguration,
            Bucket::Missing => PolicyLookup::NoSuchBucket,
            Bucket::NoConfiguration => PolicyLookup::NoConfiguration,
            Bucket::Policy(policy) => policy.into(),
        }
    }
}

fn bucket(case: &Value) -> Bucket {
    match (case["bucket_exists"].as_bool(), &case["config"]) {
        (Some(false), _) => Bucket::Missing,
        (_, Value::Null) => Bucket::NoConfiguration,
        (_, config) => Bucket::Policy(
            CorsPolicy::new(&test_support::configuration(config)).expect("a valid configuration"),
        ),
    }
}

/// Path-style: `/BUCKET` is the bucket, `/BUCKET/KEY` an object, and `?uploads` its uploads.
fn dialect() -> S3 {
    const UPLOADS: ResourceType = ResourceType::from_static("UPLOADS");
    S3::default().resource_type(|request| {
        if !request.uri.path().trim_start_matches('/').contains('/') {
            ResourceType::BUCKET
        } else if request.uri.query() == Some("uploads") {
            UPLOADS
        } else {
            ResourceType::OBJECT
        }
    })
}

#[test]
fn responses_match_the_recorded_ones() {
    let mut ran = 0;
    let mut failures = Vec::new();
    for case in test_support::cases("responses.json").iter().filter(|case| case.get("conflict").is_none()) {
        ran += 1;
        let id = case["id"].as_str().unwrap_or_default();
        // Only the layer's own responses have an error body: others come from the inner service.
        let with_error = case["request"]["method"] == "OPTIONS";
        let problems = answers::differences(case, &answer(case), with_error);
        failures.extend(problems.into_iter().map(|problem| format!("{id}: {problem}")));
    }
    assert!(ran > 200, "only {ran} cases ran");
    assert!(failures.is_empty(), "{} of {ran} cases:\n{}", failures.len(), failures.join("\n"));
}

/// Sends the request of a case through the layer. The inner service returns the status that the case expects.
fn answer(case: &Value) -> Response<Bytes> {
    let sent = &case["request"];
    let path = match case["target"].as_str() {
        Some("object") => "/bucket/key",
        Some("bucket") => "/bucket",
        _ => "/",
    };
    let target = sent["query"].as_str().map_or(path.to_owned(), |query| format!("{path}?{query}"));
    let method = sent["method"].as_str().expect("a method");
    let status = case["expect"]["status"].as_u64().unwrap_or(200) as u16;
    let inner = test_support::always(status, Default::default());
    let service = CorsLayer::from_source(bucket(case)).dialect(dialect()).layer(inner);
    test_support::call(
        service,
        test_support::request(method, &target, test_support::headers(&sent["headers"])),
    )
}

/// Compares the whole body, with all elements and without those that a closure provides.
#[test]
fn error_body_is_byte_for_byte_that_of_s3() {
    let case = test_support::cases("responses.json")
        .into_iter()
        .find(|case| case["id"] == "localstack-match-origins-opt-wrong-origin")
        .expect("the case");
    let sent = &case["request"];
    let body = |dialect: S3| {
        let service = CorsLayer::from_source(bucket(&case))
            .dialect(dialect)
            .layer(test_support::always(200, Default::default()));
        let response = test_support::call(
            service,
            test_support::request("OPTIONS", "/key", test_support::headers(&sent["headers"])),
        );
        assert_eq!(response.headers().len(), 1);
        assert_eq!(response.headers()["content-type"], "application/xml");
        String::from_utf8(response.into_body().to_vec()).expect("UTF-8")
    };
    let head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
        <Error><Code>AccessForbidden</Code><Message>CORSResponse: This CORS request is not allowed. This is \
        usually because the evalution of Origin, request method / Access-Control-Request-Method or \
        Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.</Message>\
        <Method>PUT</Method><ResourceType>OBJECT</ResourceType>";
    assert_eq!(body(S3::default()), format!("{head}</Error>"));
    let with_ids = S3::default()
        .request_id(|request| Some(format!("<{}>", request.method)))
        .host_id(|request| Some(request.uri.path().to_owned()));
    assert_eq!(
        body(with_ids),
        format!("{head}<RequestId>&lt;OPTIONS&gt;</RequestId><HostId>/key</HostId></Error>")
    );
    assert_eq!(body(S3::default().host_id(|_| None)), format!("{head}</Error>"));
}

#[cfg(any(feature = "json", feature = "xml"))]
mod configurations {
    use serde_json::Value;
    use tower_s3_cors::{CorsConfiguration, CorsPolicy, ParseError, S3Error};

    /// Does what a server does for PutBucketCors. Returns the stored configuration or S3's error.
    fn put(parsed: Result<CorsConfiguration, ParseError>) -> Result<CorsConfiguration, S3Error> {
        let configuration = parsed.map_err(|error| error.s3_error())?;
        let policy = CorsPolicy::new(&configuration).map_err(|error| error.s3_error())?;
        Ok(policy.configuration().clone())
    }

    fn check(case: &Value, result: Result<CorsConfiguration, S3Error>) {
        let (id, expect) = (&case["id"], &case["expect"]);
        match (expect["ok"].as_bool(), result) {
            (Some(true), Ok(stored)) => {
                if let Some(get) = expect.get("get") {
                    assert_eq!(stored, test_support::configuration(get), "{id}");
                }
            }
            (Some(false), Err(error)) => {
                for (field, actual) in [("Code", error.code()), ("Message", error.message())] {
                    if let Some(expected) = expect[field].as_str() {
                        assert_eq!(actual, expected, "{id}");
                    }
                }
            }
            (_, result) => panic!("{id}: {result:?}"),
        }
    }

    fn cases() -> impl Iterator<Item = Value> {
        let cases = test_support::cases("configs.json");
        assert!(cases.len() > 70);
        cases.into_iter().filter(|case| case.get("conflict").is_none())
    }

    #[cfg(feature = "xml")]
    #[test]
    fn xml_configurations_are_accepted_or_refused_as_recorded() {
        for case in cases() {
            // If a case has no XML document, the library writes one from its JSON.
            let xml = case["xml"].as_str().map(str::to_owned);
            let xml = xml.unwrap_or_else(|| test_support::configuration(&case["json"]).to_xml());
            check(&case, put(CorsConfiguration::from_xml(&xml)));
            check(&case, put(xml.parse()));
        }
    }

    #[cfg(feature = "json")]
    #[test]
    fn json_configurations_are_accepted_or_refused_as_recorded() {
        for case in cases().filter(|case| !case["json"].is_null()) {
            let object = case["json"].to_string();
            let array = case["json"]["CORSRules"].to_string();
            for json in [format!("{{\"CORSConfiguration\": {object}}}"), object, array] {
                check(&case, put(CorsConfiguration::from_json(&json)));
                check(&case, put(json.parse()));
            }
        }
    }

    /// The bodies were captured from boto3, awscli, aws-sdk-s3 and s3cmd.
    #[cfg(feature = "xml")]
    #[test]
    fn configurations_of_s3_clients_are_read() {
        for (client, rules) in [("boto3", 2), ("awscli", 2), ("aws-sdk-rust", 1), ("s3cmd", 1)] {
            let file =
                format!("{}/tests/corpus/clients/put-bucket-cors-{client}.xml", env!("CARGO_MANIFEST_DIR"));
            let configuration = CorsConfiguration::from_path(&file).expect(client);
            let first = &configuration.rules[0];
            assert_eq!(configuration.rules.len(), rules, "{client}");
            assert_eq!(first.id.as_deref(), Some("web"), "{client}");
            assert_eq!(first.allowed_origins[0], "https://*.example.com", "{client}");
            assert_eq!(first.max_age_seconds, Some(3000), "{client}");
            CorsPolicy::new(&configuration).expect(client);
        }
    }
}
