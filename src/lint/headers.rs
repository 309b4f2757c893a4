//! Names of headers in a list where they have no effect, or missing where they are needed; MaxAgeSeconds.

use super::catalogue::{
    A01, A02, A03, A04, A05, H01, H03, H04, H06, H07, H08, H09, H10, H11, X02, X03, X04, X05,
};
use super::{is_in, several_in, Finding, Lint, LintKind};
use crate::config::{is_token, CorsRule, Field, Location};
use crate::pattern::{is_forbidden_request_header, Listed, Pattern};

const OF_RESPONSES: &str =
    "accept-ranges etag last-modified location set-cookie set-cookie2 www-authenticate \
                            x-amz-delete-marker x-amz-id-2 x-amz-request-id x-amz-version-id";
/// Names that have no effect in ExposeHeaders, and why.
const EXPOSED: [(&str, &LintKind, &str); 4] = [
    ("access-control-*", &H04, "is for the browser itself and of no use to a script"),
    ("set-cookie set-cookie2", &X04, "is never readable for scripts"),
    (
        "accept accept-charset accept-language amz-sdk-invocation-id amz-sdk-request authorization cookie expect host \
         if-match if-modified-since if-none-match if-range if-unmodified-since origin range referer te user-agent \
         x-amz-content-sha256 x-amz-date x-amz-security-token x-amz-user-agent x-requested-with",
        &X05,
        "is a header of requests, which no response has",
    ),
    // https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name
    (
        "cache-control content-language content-length content-type expires last-modified pragma",
        &X03,
        "is readable without being exposed",
    ),
];
/// The methods that a rule without an AllowedHeader refuses, and the headers with which it does.
const REFUSED: [(&LintKind, &str, &str); 2] = [
    (&H01, "PUT POST DELETE PATCH", "content-type: application/json, authorization or any header like them"),
    (&H10, "GET HEAD", "authorization or any header like it"),
];
/// Two of the headers that the AWS SDK for JavaScript sends, and that show that it is meant.
const SIGNING: [&str; 2] = ["x-amz-content-sha256", "x-amz-user-agent"];
const OF_SDK: [&str; 2] = ["amz-sdk-invocation-id", "amz-sdk-request"];
/// The longest that any browser caches a preflight: Firefox.
const LONGEST: i32 = 86400;
/// The longest that Chromium does.
const CHROMIUM: i32 = 7200;

pub(super) fn find(location: Location, rule: &CorsRule, found: &mut Vec<Lint>) {
    for (field, names) in
        [(Field::AllowedHeaders, &rule.allowed_headers), (Field::ExposeHeaders, &rule.expose_headers)]
    {
        for (index, name) in names.iter().enumerate() {
            let location = location.with_field(field).with_index(index);
            let finding = about_name(field, name);
            found.extend(finding.map(|(kind, reason)| Lint::new(kind, location, reason).with_value(name)));
        }
    }
    missing(location, rule, found);
    found.extend(about_age(rule).map(|(kind, reason)| Lint {
        value: rule.max_age_seconds.map(|seconds| seconds.to_string()),
        fix: (*kind == A01).then(|| LONGEST.to_string()),
        ..Lint::new(kind, location.with_field(Field::MaxAgeSeconds), reason)
    }));
}

fn about_name(field: Field, name: &str) -> Option<Finding> {
    let is_name = |name: &str| !name.is_empty() && is_token(name);
    let lower = name.to_ascii_lowercase();
    if name.trim().is_empty() {
        Some((&H09, "is not the name of a header".into()))
    } else if let Some(reason) = several_in("headers", name, " \t\n,;", is_name) {
        Some((&H08, reason))
    } else if is_in("connect delete get head options patch post put trace", &lower) {
        Some((&H07, "is a method, no header has this name".into()))
    } else if field == Field::AllowedHeaders {
        about_allowed(&lower)
    } else {
        let about = EXPOSED.iter().find(|(names, ..)| is_in(names, &lower));
        about.map(|(_, kind, reason)| (*kind, (*reason).to_owned()))
    }
}

fn about_allowed(name: &str) -> Option<Finding> {
    if name.starts_with("access-control-") {
        Some((&H04, "is never requested: browser and server set such headers themselves".into()))
    } else if is_forbidden_request_header(name) {
        Some((&H03, "is never requested: only the browser itself may set it".into()))
    } else {
        is_in(OF_RESPONSES, name).then(|| (&H06, "is a header of responses, which no request has".into()))
    }
}

/// Names that scripts are likely to need.
fn missing(location: Location, rule: &CorsRule, found: &mut Vec<Lint>) {
    let allowed = location.with_field(Field::AllowedHeaders);
    let has_method = |wanted: &str| rule.allowed_methods.iter().find(|method| is_in(wanted, method));
    let refused = REFUSED.iter().find_map(|(kind, methods, names)| {
        let reason = format!("names no header, so {} is refused with {names}", has_method(methods)?);
        Some(Lint::new(kind, allowed, reason))
    });
    found.extend(refused.filter(|_| !has_allowed_header(rule)));
    let lower: Vec<String> = rule.allowed_headers.iter().map(|name| name.to_ascii_lowercase()).collect();
    let allows = |name: &str| lower.iter().any(|pattern| Pattern::parse(pattern).matches(name));
    let lacks: Vec<&str> = OF_SDK.into_iter().filter(|name| !allows(name)).collect();
    if SIGNING.into_iter().any(allows) && !lacks.is_empty() {
        let reason = format!("lacks {}, which the AWS SDK for JavaScript sends", Listed(&lacks));
        found.push(Lint::new(&H11, allowed, reason));
    }
    let exposes_tag = rule.expose_headers.iter().any(|name| name.eq_ignore_ascii_case("etag"));
    if !exposes_tag && has_method("PUT").is_some() {
        let reason = "lacks ETag, which a script needs to complete an upload in parts";
        found.push(Lint::new(&X02, location.with_field(Field::ExposeHeaders), reason));
    }
}

fn has_allowed_header(rule: &CorsRule) -> bool {
    rule.allowed_headers.iter().any(|name| !name.trim().is_empty())
}

/// Whether the rule can grant a preflight that a browser sends: for a method other than GET and HEAD, or for a header.
fn can_have_preflight(rule: &CorsRule) -> bool {
    has_allowed_header(rule) || rule.allowed_methods.iter().any(|method| !is_in("GET HEAD", method))
}

fn about_age(rule: &CorsRule) -> Option<(&'static LintKind, &'static str)> {
    match rule.max_age_seconds {
        Some(..=-1) => Some((&A03, "is not a number of seconds to a browser, which uses 5")),
        Some(0) => Some((&A02, "makes browsers send a preflight before every request that needs one")),
        Some(1..=CHROMIUM) => None,
        Some(..=LONGEST) => Some((&A05, "is above the limits of Chromium, 7200, and WebKit, 600")),
        Some(_) => Some((
            &A01,
            "is above the limit of every browser: 86400 in Firefox, 7200 in Chromium, 600 in WebKit",
        )),
        None => can_have_preflight(rule)
            .then_some((&A04, "is missing, so browsers cache a preflight for 5 seconds only")),
    }
}
