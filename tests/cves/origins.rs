//! Origins that resemble an allowed one.

use tower_s3_cors::lint::Severity;
use tower_s3_cors::CorsPolicy;

use crate::{actual, answers, assert_refused, configuration, is_readable, policy, preflight, request};

/// With credentials, in both dialects: the meant origins can read responses and are granted preflights, the others
/// get nothing.
fn assert_only(allowed: &[&str], meant: &[&str], others: &[&str]) {
    let policy = policy(allowed, true);
    for origin in meant {
        for request in [actual(origin), preflight(origin)] {
            let [fetch, s3] = answers(&policy, &request);
            assert!(is_readable(&fetch, origin) && is_readable(&s3, origin), "{allowed:?} is for {origin}");
        }
    }
    for origin in others {
        assert_refused(&policy, &actual(origin));
        assert_refused(&policy, &preflight(origin));
    }
}

/// CVE-2019-25211 (gin-contrib/cors): the character before a `*` at the end was lost, so `https://example.com/*` let
/// in `https://example.community` and `http://localhost/*` let in `http://localhost.example.com`.
/// <https://github.com/golang/vulndb/issues/2955>
#[test]
fn origin_that_shares_a_shorter_start_is_not_matched_by_an_open_end() {
    assert_only(
        &["https://example.com:*", "http://localhost:*"],
        &["https://example.com:8443", "http://localhost:3000"],
        &["https://example.community", "https://example.com.attacker.net", "http://localhost.example.com"],
    );
    // As written there, the entries match no origin that a browser sends.
    let never = ["https://example.com/*", "http://localhost/*"];
    let built = CorsPolicy::new(&configuration(&never)).expect("a valid configuration");
    for origin in ["https://example.community", "http://localhost.example.com", "https://example.com"] {
        assert_refused(&built, &actual(origin));
    }
    let errors = configuration(&never).lint();
    assert_eq!(errors.iter().filter(|lint| lint.severity() == Severity::Error).count(), 2, "{errors:?}");
}

/// GHSA-vhxv-fg4m-p2w8 (jub0bs/cors) and GHSA-v84h-653v-4pq9 (jub0bs/fcors): the tree of reversed hosts joined two
/// patterns with a common end, so `https://foo.com` and `https://bar.com` let in `https://barfoo.com`.
/// <https://github.com/golang/vulndb/issues/2806>, <https://github.com/golang/vulndb/issues/2807>
#[test]
fn origin_made_of_two_allowed_hosts_is_not_matched() {
    let others =
        ["https://barfoo.com", "https://foobar.com", "https://oo.com", "https://com", "https://.com"];
    for allowed in [["https://foo.com", "https://bar.com"], ["https://bar.com", "https://foo.com"]] {
        assert_only(&allowed, &allowed, &others);
    }
    let globs = ["https://*.foo.com", "https://*.bar.com"];
    assert_only(
        &globs,
        &["https://a.foo.com", "https://a.bar.com"],
        &["https://a.barfoo.com", "https://foo.com"],
    );
}

/// CVE-2017-11173 (rack-cors): the generated expression had no anchor, so `example.com` let in
/// `example.com.example.net` and `example.com-example.net`.
/// <https://nvd.nist.gov/vuln/detail/CVE-2017-11173>
#[test]
fn origin_that_goes_on_after_an_allowed_one_is_not_matched() {
    let others = ["https://example.com.example.net", "https://example.com-example.net"];
    assert_only(&["https://example.com"], &["https://example.com"], &others);
}

/// CVE-2022-1996, GO-2022-0619 (emicklei/go-restful): allowed domains were used as unanchored expressions, so
/// `example.com` let in `example.com.malicious.domain`; an empty list let in everybody (`credentials.rs`).
/// <https://osv.dev/GO-2022-0619>
#[test]
fn allowed_origin_is_no_regular_expression_without_an_end() {
    let others = ["https://example.com.malicious.domain", "https://a.example.com.malicious.domain"];
    assert_only(&["https://example.com"], &["https://example.com"], &others);
    assert_only(&["https://*.example.com"], &["https://a.example.com"], &others);
}

/// kubernetes/kubernetes#71669 (the API server's `--cors-allowed-origins`): every entry was an unanchored expression.
/// <https://github.com/kubernetes/kubernetes/issues/71669>
#[test]
fn origin_below_a_host_of_the_attacker_is_not_matched() {
    let others = ["https://www.example.com.evil.com", "https://evil.com/https://www.example.com"];
    assert_only(&["https://www.example.com"], &["https://www.example.com"], &others);
}

/// CVE-2026-40110 (jupyter-server): `re.match` checked only the start, so `trusted.example.com` let in
/// `trusted.example.com.evil.com`.
/// <https://github.com/jupyter-server/jupyter_server/security/advisories/GHSA-24qx-w28j-9m6p>
#[test]
fn origin_is_compared_to_its_end() {
    let others = ["https://trusted.example.com.evil.com", "https://trusted.example.com@evil.com"];
    assert_only(&["https://trusted.example.com"], &["https://trusted.example.com"], &others);
}

/// CVE-2026-37737 (sanic-cors): the same with `https://trusted.com`, which let in other ports too, and with
/// expressions for subdomains.
/// <https://github.com/ashleysommer/sanic-cors/pull/68>
#[test]
fn subdomain_pattern_ends_at_its_domain() {
    let others = ["https://trusted.com.attacker.io", "https://trusted.com:8080"];
    assert_only(&["https://trusted.com"], &["https://trusted.com"], &others);
    let others = ["https://app.example.com.attacker.test", "https://app.example.com:8443"];
    assert_only(&["https://*.example.com"], &["https://app.example.com"], &others);
}

/// CVE-2024-27302 (go-zero): `HasSuffix` let `not-safe.com` in for `safe.com`.
/// <https://github.com/advisories/GHSA-fgxv-gw55-r5fq>
#[test]
fn host_that_ends_like_an_allowed_one_is_not_matched() {
    let others = ["https://not-safe.com", "https://notsafe.com", "https://a.safe.com"];
    assert_only(&["https://safe.com"], &["https://safe.com"], &others);
    assert_only(
        &["https://*.safe.com"],
        &["https://a.safe.com"],
        &["https://not-safe.com", "https://safe.com"],
    );
}

/// CVE-2023-28109 (play-with-docker): `evil-play-with-docker.com` was let in for `play-with-docker.com`.
/// <https://github.com/advisories/GHSA-vq59-5x26-h639>
#[test]
fn host_with_a_prefix_is_not_matched() {
    let others = ["https://evil-play-with-docker.com", "https://evilplay-with-docker.com"];
    assert_only(&["https://play-with-docker.com"], &["https://play-with-docker.com"], &others);
}

/// CVE-2025-50864 (elysia-cors): the check was for a part of a text, so `example.com` let in `notexample.com` and
/// `example.common.net`.
/// <https://nvd.nist.gov/vuln/detail/CVE-2025-50864>
#[test]
fn part_of_an_allowed_origin_is_not_matched() {
    let around = ["https://notexample.com", "https://example.common.net"];
    assert_only(&["https://example.com"], &["https://example.com"], &around);
    let inside = ["https://example.co", "https://example", "example.com", "e", "https://", "https"];
    assert_only(&["https://example.com"], &["https://example.com"], &inside);
}

/// CVE-2026-25478 (Litestar) and kgateway-dev/kgateway#10013 (its documentation): a `.` of an allowed origin matched
/// any character.
/// <https://raw.githubusercontent.com/pypa/advisory-database/main/vulns/litestar/PYSEC-2026-2195.yaml>
#[test]
fn dot_matches_only_a_dot() {
    let others = ["https://appxexample.com", "https://app.exampleXcom", "https://app-example-com"];
    assert_only(&["https://app.example.com"], &["https://app.example.com"], &others);
    assert_only(&["https://*.example.com"], &["https://a.example.com"], &["https://axexample.com"]);
    // No other character has a meaning either: these match themselves and nothing else.
    let written =
        ["https://a+.example.com", "https://[ab].example.com", "https://(a|b).example.com", "https://a?.b.c"];
    for allowed in written {
        let others =
            ["https://a.example.com", "https://aa.example.com", "https://b.example.com", "https://.b.c"];
        assert_only(&[allowed], &[allowed], &others);
    }
}

/// GHSA-f7pm-6hr8-7ggm (web-auth/webauthn-framework, whose list of allowed origins has the same fault): origins were
/// reduced to their hosts, so that scheme and port did not count.
/// <https://osv.dev/vulnerability/GHSA-f7pm-6hr8-7ggm>
#[test]
fn scheme_and_port_count() {
    let others = [
        "http://example.com",
        "https://example.com:8443",
        "app://example.com",
        "//example.com",
        "example.com",
    ];
    assert_only(&["https://example.com"], &["https://example.com"], &others);
    assert_only(&["https://example.com:8443"], &["https://example.com:8443"], &["https://example.com"]);
}

/// hangwin/mcp-chrome#384: `startsWith` let `http://127.0.0.1.evil.com` in for the machine itself.
/// <https://github.com/hangwin/mcp-chrome/issues/384>
#[test]
fn host_that_starts_like_the_loopback_address_is_not_matched() {
    let others = ["http://127.0.0.1.evil.com", "http://127.0.0.1.evil.com:80", "http://127a0b0c1:80"];
    assert_only(&["http://127.0.0.1:*"], &["http://127.0.0.1:3000"], &others);
}

/// gofiber/fiber#3995: the origin was compared in lower case, so that texts that no browser sends counted as `null`.
/// <https://github.com/gofiber/fiber/pull/3995>
#[test]
fn case_of_an_origin_counts() {
    assert_only(
        &["https://example.com"],
        &["https://example.com"],
        &["HTTPS://EXAMPLE.COM", "https://Example.com", "Https://example.com"],
    );
    let with_null = policy(&["null"], false);
    for origin in ["NULL", "Null", "nul", "nulll"] {
        assert_refused(&with_null, &actual(origin));
    }
}

/// RasaHQ/rasa-sdk 3.17.3 (after sanic-cors): two Origin lines were joined and echoed as one origin.
/// <https://github.com/RasaHQ/rasa-sdk/releases/tag/3.17.3>
#[test]
fn repeated_origin_is_not_matched() {
    let policy = policy(&["https://example.com", "https://*.example.com"], true);
    for second in ["https://example.com", "https://evil.net", "https://a.example.com"] {
        let lines =
            [("origin", "https://example.com"), ("origin", second), ("access-control-request-method", "PUT")];
        assert_refused(&policy, &request("GET", &lines[..2]));
        assert_refused(&policy, &request("OPTIONS", &lines));
    }
}
