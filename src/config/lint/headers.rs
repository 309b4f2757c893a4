//! Names of headers in a list where they have no effect, or missing where they are needed.

use super::catalogue::{H01, H03, H04, H06, X02, X03, X04};
use super::{Lint, LintPage};
use crate::config::pattern::Pattern;
use crate::config::place::{Field, Place};
use crate::config::CorsRule;

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

pub(super) fn find(place: Place, rule: &CorsRule, found: &mut Vec<Lint>) {
    let fields = [
        (Field::AllowedHeaders, &rule.allowed_headers, allowed as fn(&str) -> Option<_>),
        (Field::ExposeHeaders, &rule.expose_headers, exposed),
    ];
    for (field, names, judge) in fields {
        for (index, name) in names.iter().enumerate() {
            if let Some((page, reason)) = judge(&name.to_ascii_lowercase()) {
                found.push(Lint::new(page, place.field(field).index(index), reason).of(name));
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
        found.push(Lint::new(&H01, place.field(Field::AllowedHeaders), reason));
    }
    let exposes_tag = rule.expose_headers.iter().any(|name| name.eq_ignore_ascii_case("etag"));
    if !exposes_tag && rule.allowed_methods.iter().any(|method| method == "PUT") {
        let reason = "lacks ETag, which a script needs to complete a multipart upload";
        found.push(Lint::new(&X02, place.field(Field::ExposeHeaders), reason));
    }
}

/// What is the matter with an AllowedHeader in lower case.
fn allowed(name: &str) -> Option<(&'static LintPage, &'static str)> {
    let beginning = match Pattern::header(name) {
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
fn exposed(name: &str) -> Option<(&'static LintPage, &'static str)> {
    if name.starts_with(CORS) {
        return Some((&H04, "is the browser's own and of no use to a script"));
    }
    if COOKIES.contains(&name) {
        return Some((&X04, "is kept from scripts whatever is exposed"));
    }
    SAFELISTED.contains(&name).then_some((&X03, "is readable without being exposed"))
}
