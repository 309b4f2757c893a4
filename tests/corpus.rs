//! What S3 and its peers were recorded to answer: every case of `responses.json` through the layer in
//! the S3 dialect, every case of `configs.json` through the readers and the laws.

#[path = "common/answers.rs"]
mod answers;
mod common;

use bytes::Bytes;
use http::{Request, Response};
use serde_json::Value;
use tower_layer::Layer;
use tower_s3_cors::{CorsLayer, CorsPolicy, PolicyLookup, PolicySource, ResourceType, S3};

/// What a case says of its bucket.
#[derive(Clone)]
enum Bucket {
    None,
    NoConfiguration,
    Policy(CorsPolicy),
}

impl<B> PolicySource<B> for Bucket {
    fn policy_for<'a>(&'a self, request: &'a Request<B>) -> PolicyLookup<'a> {
        match self {
            // `/` names no bucket.
            _ if request.uri().path() == "/" => PolicyLookup::NoConfiguration,
            Bucket::None => PolicyLookup::NoSuchBucket,
            Bucket::NoConfiguration => PolicyLookup::NoConfiguration,
            Bucket::Policy(policy) => policy.into(),
        }
    }
}

fn bucket(case: &Value) -> Bucket {
    match (case["bucket_exists"].as_bool(), &case["config"]) {
        (Some(false), _) => Bucket::None,
        (_, Value::Null) => Bucket::NoConfiguration,
        (_, config) => {
            Bucket::Policy(CorsPolicy::new(&common::configuration(config)).expect("a lawful case"))
        }
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
fn responses() {
    let mut ran = 0;
    let mut failures = Vec::new();
    for case in common::cases("responses.json").iter().filter(|case| case.get("conflict").is_none()) {
        ran += 1;
        let id = case["id"].as_str().unwrap_or_default();
        // The answer to any other request than a preflight is the inner service's, which stands in for S3.
        let with_error = case["request"]["method"] == "OPTIONS";
        let problems = answers::differences(case, &answer(case), with_error);
        failures.extend(problems.into_iter().map(|problem| format!("{id}: {problem}")));
    }
    assert!(ran > 200, "only {ran} cases ran");
    assert!(failures.is_empty(), "{} of {ran} cases:\n{}", failures.len(), failures.join("\n"));
}

/// The inner service stands for the S3 server behind the layer: it answers other requests than
/// preflights with the status that the case expects.
fn answer(case: &Value) -> Response<Bytes> {
    let asked = &case["request"];
    let path = match case["target"].as_str() {
        Some("object") => "/bucket/key",
        Some("bucket") => "/bucket",
        _ => "/",
    };
    let target = asked["query"].as_str().map_or(path.to_owned(), |query| format!("{path}?{query}"));
    let method = asked["method"].as_str().expect("a method");
    let status = case["expect"]["status"].as_u64().unwrap_or(200) as u16;
    let inner = common::always(status, Default::default());
    let service = CorsLayer::from_source(bucket(case)).dialect(dialect()).layer(inner);
    common::call(service, common::request(method, &target, common::headers(&asked["headers"])))
}

/// The whole body once, to the byte, with all its elements and with those that need a closure left out.
#[test]
fn error_body() {
    let case = common::cases("responses.json")
        .into_iter()
        .find(|case| case["id"] == "localstack-match-origins-opt-wrong-origin")
        .expect("the case");
    let asked = &case["request"];
    let body = |dialect: S3| {
        let service = CorsLayer::from_source(bucket(&case))
            .dialect(dialect)
            .layer(common::always(200, Default::default()));
        let response =
            common::call(service, common::request("OPTIONS", "/key", common::headers(&asked["headers"])));
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
    let named = S3::default()
        .request_id(|request| Some(format!("<{}>", request.method)))
        .host_id(|request| Some(request.uri.path().to_owned()));
    assert_eq!(
        body(named),
        format!("{head}<RequestId>&lt;OPTIONS&gt;</RequestId><HostId>/key</HostId></Error>")
    );
    assert_eq!(body(S3::default().host_id(|_| None)), format!("{head}</Error>"));
}

#[cfg(any(feature = "json", feature = "xml"))]
mod configurations {
    use super::common;
    use serde_json::Value;
    use tower_s3_cors::{CorsConfiguration, CorsPolicy, ParseError, S3Error};

    /// What a server answers to PutBucketCors: the configuration as kept, or S3's error.
    fn put(read: Result<CorsConfiguration, ParseError>) -> Result<CorsConfiguration, S3Error> {
        let configuration = read.map_err(|error| error.s3_error())?;
        let policy = CorsPolicy::new(&configuration).map_err(|error| error.s3_error())?;
        Ok(policy.configuration().clone())
    }

    fn check(case: &Value, got: Result<CorsConfiguration, S3Error>) {
        let (id, expect) = (&case["id"], &case["expect"]);
        match (expect["ok"].as_bool(), got) {
            (Some(true), Ok(kept)) => {
                if let Some(get) = expect.get("get") {
                    assert_eq!(kept, common::configuration(get), "{id}");
                }
            }
            (Some(false), Err(error)) => {
                for (field, got) in [("Code", error.code()), ("Message", error.message())] {
                    if let Some(want) = expect[field].as_str() {
                        assert_eq!(got, want, "{id}");
                    }
                }
            }
            (_, got) => panic!("{id}: {got:?}"),
        }
    }

    fn cases() -> impl Iterator<Item = Value> {
        let cases = common::cases("configs.json");
        assert!(cases.len() > 70);
        cases.into_iter().filter(|case| case.get("conflict").is_none())
    }

    #[cfg(feature = "xml")]
    #[test]
    fn xml() {
        for case in cases() {
            // A case without a document of its own is written by the library.
            let xml = case["xml"].as_str().map(str::to_owned);
            let xml = xml.unwrap_or_else(|| common::configuration(&case["json"]).to_xml());
            check(&case, put(CorsConfiguration::from_xml(&xml)));
            check(&case, put(xml.parse()));
        }
    }

    #[cfg(feature = "json")]
    #[test]
    fn json() {
        for case in cases().filter(|case| !case["json"].is_null()) {
            let object = case["json"].to_string();
            let array = case["json"]["CORSRules"].to_string();
            for json in [format!("{{\"CORSConfiguration\": {object}}}"), object, array] {
                check(&case, put(CorsConfiguration::from_json(&json)));
                check(&case, put(json.parse()));
            }
        }
    }

    /// The bodies that boto3, awscli, aws-sdk-s3 and s3cmd were seen to send.
    #[cfg(feature = "xml")]
    #[test]
    fn clients() {
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
