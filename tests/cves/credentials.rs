//! Responses that strangers could read with the cookies of somebody else.

use http::{HeaderMap, Uri};
use tower_s3_cors::error::ProblemKind;
use tower_s3_cors::lint::Severity;
use tower_s3_cors::{CorsConfiguration, CorsPolicy, CorsRule, PolicyLookup};

use crate::{
    actual, answers, answers_around, assert_refused, configuration, cors_headers, is_readable,
    is_readable_without_cookies, line, policy, preflight, FRIEND, STRANGER,
};

/// The locations of the origins that a policy with credentials refuses.
fn refused(origins: &[&str]) -> Vec<String> {
    let built = CorsPolicy::builder().credentials(true).build(&configuration(origins));
    let problems = built.as_ref().err().map_or(&[][..], |error| error.problems());
    let overbroad =
        problems.iter().filter(|problem| matches!(problem.kind(), ProblemKind::OverbroadOrigin(_)));
    overbroad.map(|problem| problem.location().to_string()).collect()
}

/// CVE-2018-20744 (rs/cors), CVE-2017-20146 (gorilla/handlers), GHSA-cr6r-6xm9-ww22 (Yii), CVE-2024-25124 (Fiber),
/// CVE-2026-54290 (Hono), CVE-2026-89058 (RESTEasy) and CVE-2026-84176 (Apache Camel): where any origin is allowed
/// with credentials, each origin was echoed, so that every site could read responses with the user's cookies.
/// <https://github.com/golang/vulndb/issues/1792>, <https://github.com/gorilla/handlers/pull/116>,
/// <https://github.com/advisories/GHSA-cr6r-6xm9-ww22>, <https://osv.dev/vulnerability/GO-2024-2574>,
/// <https://github.com/advisories/GHSA-88fw-hqm2-52qc>, <https://nvd.nist.gov/vuln/detail/CVE-2026-89058>,
/// <https://nvd.nist.gov/vuln/detail/CVE-2026-84176>
#[test]
fn any_origin_with_credentials_is_refused_when_the_policy_is_built() {
    assert_eq!(refused(&["*"]), ["CORSRules[0].AllowedOrigins[0]"]);
    assert_eq!(refused(&[FRIEND, "*"]), ["CORSRules[0].AllowedOrigins[1]"]);
    assert_eq!(refused(&[FRIEND]), [""; 0]);
}

/// The same advisories: what the policy answers that can be built.
#[test]
fn origin_is_not_echoed_where_any_is_allowed() {
    let policy = policy(&["*"], false);
    for origin in [STRANGER, FRIEND, "null"] {
        for request in [actual(origin), preflight(origin)] {
            for response in answers(&policy, &request) {
                assert_eq!(line(&response, "access-control-allow-origin"), "*");
                assert!(!response.headers().contains_key("access-control-allow-credentials"));
                assert!(is_readable_without_cookies(&response, origin) && !is_readable(&response, origin));
            }
        }
    }
}

/// rs/cors#197: the check for `*` was bypassed by a pattern that matches nearly everything, such as `h*`. Each pattern
/// here matches the stranger beside it. With credentials none can be used, and without them there is a warning. (The
/// S3 dialect echoes these with credentials, as S3 does: there the warning is the only guard.)
/// <https://github.com/rs/cors/issues/197>
#[test]
fn pattern_that_matches_strangers_is_refused_with_credentials() {
    let patterns = [
        ("h*", STRANGER),
        ("http*", STRANGER),
        ("https://*", STRANGER),
        ("https://*.net", STRANGER),
        ("https://*example.com", "https://evilexample.com"),
        ("https://example.com*", "https://example.com.attacker.net"),
        ("http://localhost*", "http://localhost.attacker.net"),
        ("https://*.github.io", "https://attacker.github.io"),
        ("https://*.amazonaws.com", "https://attacker-bucket.s3.amazonaws.com"),
    ];
    for (pattern, stranger) in patterns {
        let [response, _] = answers(&policy(&[pattern], false), &actual(stranger));
        assert_eq!(line(&response, "access-control-allow-origin"), stranger, "{pattern}");
        assert!(!is_readable(&response, stranger), "{pattern}");
        assert_eq!(refused(&[FRIEND, pattern]), ["CORSRules[0].AllowedOrigins[1]"], "{pattern}");
        let lints = configuration(&[pattern]).lint();
        assert!(lints.iter().any(|lint| lint.severity() >= Severity::Warning), "{pattern}: {lints:?}");
    }
}

/// CVE-2021-39185 (http4s): beside echoing each origin, the middleware accepted `null`, which any site can send from a
/// sandboxed frame.
/// <https://osv.dev/vulnerability/GHSA-52cf-226f-rhr6>
#[test]
fn null_origin_is_refused_with_credentials() {
    for pattern in ["null", "n*", "*l", "nu*ll", "*null"] {
        assert_eq!(refused(&[pattern]), ["CORSRules[0].AllowedOrigins[0]"], "{pattern}");
        let [response, _] = answers(&policy(&[pattern], false), &actual("null"));
        assert!(
            is_readable_without_cookies(&response, "null") && !is_readable(&response, "null"),
            "{pattern}"
        );
    }
    assert_refused(&policy(&[FRIEND, "https://*.example.com"], true), &actual("null"));
}

/// CVE-2026-56746 (Netty): `Origin: null` passed the check that should have answered requests of strangers at once,
/// and reached the application.
/// <https://osv.dev/vulnerability/GHSA-6cqp-g7gg-8hr5>
#[test]
fn preflight_with_a_null_origin_does_not_reach_the_inner_service() {
    let policy = policy(&[FRIEND], true);
    assert_refused(&policy, &preflight("null"));
    for response in answers(&policy, &preflight("null")) {
        assert_eq!(response.status(), 403);
        assert_ne!(response.body().as_ref(), b"inner");
    }
}

/// CVE-2018-8014 (Apache Tomcat): the defaults of the filter allowed credentials. (The S3 dialect sends them to every
/// origin that it echoes, as S3 does.)
/// <https://github.com/advisories/GHSA-r4x2-3cq5-hqvp>
#[test]
fn credentials_are_off_by_default() {
    let configuration = configuration(&[FRIEND]);
    for built in [CorsPolicy::new(&configuration), CorsPolicy::extended(&configuration)] {
        let policy = built.expect("a valid configuration");
        for request in [actual(FRIEND), preflight(FRIEND)] {
            let [response, _] = answers(&policy, &request);
            assert_eq!(line(&response, "access-control-allow-origin"), FRIEND);
            assert!(!is_readable(&response, FRIEND));
        }
    }
}

/// CVE-2026-46685 (RustFS) and CVE-2023-49803 (@koa/cors): where no origins were configured, each origin was echoed,
/// by RustFS with credentials, on preflights and on error responses too.
/// <https://osv.dev/vulnerability/CVE-2026-46685>, <https://github.com/koajs/cors/security/advisories/GHSA-qxrj-hx23-xp82>
#[test]
fn nothing_is_granted_without_rules() {
    let nowhere = |_: &Uri, _: &HeaderMap| PolicyLookup::NoConfiguration;
    let no_bucket = |_: &Uri, _: &HeaderMap| PolicyLookup::NoSuchBucket;
    for request in [actual(STRANGER), preflight(STRANGER), actual("null"), preflight("null")] {
        assert_refused(&nowhere, &request);
        assert_refused(&no_bucket, &request);
    }
}

/// CVE-2022-1996 (emicklei/go-restful) and CVE-2015-9243 (hapi): an empty list of origins meant every origin, in hapi
/// where the settings of a route were merged with others.
/// <https://osv.dev/GO-2022-0619>, <https://osv.dev/vulnerability/GHSA-j3g2-m5jj-6336>
#[test]
fn empty_list_of_origins_does_not_mean_any() {
    let kinds = |configuration: &CorsConfiguration| {
        let error = CorsPolicy::new(configuration).expect_err("no origins");
        error.problems().iter().map(|problem| format!("{:?}", problem.kind())).collect::<Vec<_>>()
    };
    assert_eq!(kinds(&CorsConfiguration::default()), ["NoRules"]);
    assert_eq!(kinds(&configuration(&[])), ["NoOrigin"]);
    for origin in [STRANGER, "null", ""] {
        assert_refused(&policy(&[""], true), &actual(origin));
        assert_refused(&policy(&[""], true), &preflight(origin));
    }
    // A rule without origins beside a strict one: nothing is merged.
    let mut both = configuration(&[FRIEND]);
    both.rules.push(CorsRule { allowed_methods: vec!["DELETE".into()], ..CorsRule::default() });
    assert_eq!(kinds(&both), ["NoOrigin"]);
}

/// CVE-2026-34237 (MCP Java SDK): `Access-Control-Allow-Origin: *` was written by the transport, below all settings.
/// An inner service that does so cannot widen the rules of the layer.
/// <https://osv.dev/vulnerability/GHSA-hv2w-8mjj-jw22>
#[test]
fn header_of_the_inner_service_does_not_widen_the_rules() {
    let policy = policy(&[FRIEND], true);
    for origin in ["*", STRANGER] {
        let inner = [
            ("access-control-allow-origin", origin),
            ("access-control-allow-credentials", "true"),
            ("access-control-expose-headers", "*"),
        ];
        for response in answers_around(&policy, &inner, &actual(STRANGER)) {
            assert_eq!(cors_headers(&response), Vec::<String>::new());
        }
        for response in answers_around(&policy, &inner, &actual(FRIEND)) {
            assert!(is_readable(&response, FRIEND));
            assert_eq!(line(&response, "access-control-expose-headers"), "ETag");
        }
    }
}

/// CVE-2022-4147 (Quarkus): simple requests of strangers were carried out. The Fetch standard leaves it to the server
/// whether they are, and this crate serves them, since requests of a site to itself can have an Origin too; a stranger
/// cannot read the response, and needs a preflight, which is refused, for anything that a form could not send.
/// <https://github.com/advisories/GHSA-9895-g6x5-xwcp>
#[test]
fn response_to_a_simple_request_of_a_stranger_cannot_be_read() {
    let policy = policy(&[FRIEND], true);
    for method in ["GET", "POST", "HEAD"] {
        let request = crate::request(method, &[("origin", STRANGER), ("content-type", "text/plain")]);
        assert_refused(&policy, &request);
    }
    for response in answers(&policy, &preflight(STRANGER)) {
        assert_eq!(response.status(), 403);
    }
}
