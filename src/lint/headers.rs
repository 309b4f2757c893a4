//! Names of headers in a list where they have no effect, or missing where they are needed.

use super::catalogue::{A01, A02, A03, A04, A05, H01, H03, H04, H06, X02, X03, X04};
use super::{Lint, LintKind};
use crate::config::CorsRule;
use crate::config::{Field, Location};
use crate::pattern::Pattern;

/// [Forbidden request-header](https://fetch.spec.whatwg.org/#forbidden-request-header), less what has a
/// lint of its own.
const FORBIDDEN: [&str; 18] = [
    "accept-charset",
    "accept-encoding",
    "connection",
    "content-length",
    "cookie",
    "cookie2",
    "date",
    "dnt",
    "expect",
    "host",
    "keep-alive",
    "origin",
    "referer",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
];
const FORBIDDEN_BEGINNINGS: [&str; 2] = ["proxy-", "sec-"];
/// What only responses carry.
const OF_RESPONSES: [&str; 9] = [
    "accept-ranges",
    "etag",
    "last-modified",
    "location",
    "www-authenticate",
    "x-amz-delete-marker",
    "x-amz-id-2",
    "x-amz-request-id",
    "x-amz-version-id",
];
/// [CORS-safelisted response-header name](https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name).
const SAFELISTED: [&str; 7] = [
    "cache-control",
    "content-language",
    "content-length",
    "content-type",
    "expires",
    "last-modified",
    "pragma",
];
const COOKIES: [&str; 2] = ["set-cookie", "set-cookie2"];
const CORS: &str = "access-control-";

pub(super) fn find(location: Location, rule: &CorsRule, found: &mut Vec<Lint>) {
    let fields = [
        (Field::AllowedHeaders, &rule.allowed_headers, allowed as fn(&str) -> Option<_>),
        (Field::ExposeHeaders, &rule.expose_headers, exposed),
    ];
    for (field, names, judge) in fields {
        for (index, name) in names.iter().enumerate() {
            if let Some((page, reason)) = judge(&name.to_ascii_lowercase()) {
                found.push(
                    Lint::new(page, location.with_field(field).with_index(index), reason).with_value(name),
                );
            }
        }
    }
    let with_body = rule.allowed_methods.iter().find(|method| {
        ["PUT", "POST", "DELETE", "PATCH"].contains(&method.as_str()) && rule.allowed_headers.is_empty()
    });
    if let Some(method) = with_body {
        let reason = format!(
            "is empty, so {method} is refused with content-type: application/json, authorization or any header like them"
        );
        found.push(Lint::new(&H01, location.with_field(Field::AllowedHeaders), reason));
    }
    let exposes_tag = rule.expose_headers.iter().any(|name| name.eq_ignore_ascii_case("etag"));
    if !exposes_tag && rule.allowed_methods.iter().any(|method| method == "PUT") {
        let reason = "lacks ETag, which a script needs to complete a multipart upload";
        found.push(Lint::new(&X02, location.with_field(Field::ExposeHeaders), reason));
    }
}

/// What is the matter with an AllowedHeader in lower case.
fn allowed(name: &str) -> Option<(&'static LintKind, &'static str)> {
    let beginning = match Pattern::parse(name) {
        Pattern::Any => return None,
        Pattern::Literal(name) => name,
        Pattern::Affix { prefix, .. } => prefix,
    };
    if beginning.starts_with(CORS) {
        return Some((&H04, "is never asked for: such headers are the browser's and the server's own"));
    }
    if FORBIDDEN.contains(&name) || FORBIDDEN_BEGINNINGS.iter().any(|own| beginning.starts_with(own)) {
        return Some((&H03, "is never asked for: only the browser itself may set it"));
    }
    let of_responses = OF_RESPONSES.contains(&name) || COOKIES.contains(&name);
    of_responses.then_some((&H06, "is a header of responses, which no request asks for"))
}

/// What is the matter with an ExposeHeader in lower case.
fn exposed(name: &str) -> Option<(&'static LintKind, &'static str)> {
    if name.starts_with(CORS) {
        return Some((&H04, "is the browser's own and of no use to a script"));
    }
    if COOKIES.contains(&name) {
        return Some((&X04, "is kept from scripts whatever is exposed"));
    }
    SAFELISTED.contains(&name).then_some((&X03, "is readable without being exposed"))
}

/// The longest that any engine remembers an answer, Firefox.
const LONGEST: i32 = 86400;
/// The longest that Chromium does.
const CHROMIUM: i32 = 7200;

pub(super) fn max_age(location: Location, seconds: Option<i32>) -> Option<Lint> {
    let Some(seconds) = seconds else {
        return Some(Lint::new(&A04, location, "is missing, so browsers ask again after 5 seconds"));
    };
    let lint = |page, reason: &str| Some(Lint::new(page, location, reason).with_value(seconds.to_string()));
    match seconds {
        ..=-1 => lint(&A03, "is no number of seconds to a browser, which asks again after 5"),
        0 => lint(&A02, "makes browsers send a preflight before every request that needs one"),
        1..=CHROMIUM => None,
        _ if seconds <= LONGEST => lint(&A05, "is more than Chromium's 7200 and WebKit's 600, which cap it"),
        _ => lint(
            &A01,
            "is more than any browser remembers: Firefox caps it at 86400, Chromium at 7200, WebKit at 600",
        )
        .map(|lint| lint.with_fix(Some(LONGEST.to_string()))),
    }
}
