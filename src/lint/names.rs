//! Methods and headers without effect in their list, or missing where they are needed; MaxAgeSeconds.

use super::catalogue::*;
use super::{is_in, several_in, Finding, Lint, LintKind};
use crate::config::{is_token, CorsRule, Field, Location};
use crate::pattern::{is_forbidden_request_header, Listed, Pattern};

/// Patterns of names without effect in a list, separated by blanks, with the kind of lint and the reason. The first row
/// that matches counts.
type Names = [(&'static str, &'static LintKind, &'static str)];

/// In upper case. Browsers write some methods so whatever a script writes
/// ([normalize a method](https://fetch.spec.whatwg.org/#concept-method-normalize)).
const METHODS: &Names = &[
    ("ALL ANY", &M08, "is neither a method nor a wildcard; list the methods"),
    (
        "OPTIONS",
        &M03,
        "is not needed for preflights, only for scripts that send OPTIONS themselves; remove it",
    ),
    ("DELETE GET HEAD POST PUT", &M04, "never matches: browsers send it in upper case"),
    (
        "PATCH QUERY PROPFIND PROPPATCH MKCOL COPY MOVE LOCK UNLOCK REPORT",
        &M04,
        "matches only scripts that write it so: methods are compared byte for byte",
    ),
];
const ALLOWED_HEADERS: &Names = &[
    ("access-control-*", &H04, "is never requested: browser and server set such headers themselves"),
    (
        "accept-ranges etag last-modified location set-cookie set-cookie2 www-authenticate x-amz-delete-marker x-amz-id-2 \
         x-amz-request-id x-amz-version-id",
        &H06,
        "is a header of responses, which no request has",
    ),
];
const EXPOSE_HEADERS: &Names = &[
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

pub(super) fn find(location: Location, rule: &CorsRule, found: &mut Vec<Lint>) {
    for (field, names) in rule.lists() {
        for (index, name) in names.iter().enumerate() {
            let location = location.with_field(field).with_index(index);
            found.extend(about(field, name).map(|(kind, reason)| Lint {
                fix: (*kind == M04).then(|| name.to_ascii_uppercase()),
                ..Lint::new(kind, location, reason).with_value(name)
            }));
        }
    }
    missing(location, rule, found);
    found.extend(about_age(rule).map(|(kind, reason)| Lint {
        value: rule.max_age_seconds.map(|seconds| seconds.to_string()),
        fix: (*kind == A01).then(|| "86400".to_owned()),
        ..Lint::new(kind, location.with_field(Field::MaxAgeSeconds), reason)
    }));
}

fn about(field: Field, name: &str) -> Option<Finding> {
    match field {
        Field::AllowedMethods => about_method(name),
        Field::AllowedHeaders => about_header(name, ALLOWED_HEADERS).or_else(|| {
            let reason = "is never requested: only the browser itself may set it";
            is_forbidden_request_header(name).then(|| (&H03, reason.into()))
        }),
        Field::ExposeHeaders => about_header(name, EXPOSE_HEADERS),
        _ => None,
    }
}

fn about_method(method: &str) -> Option<Finding> {
    let upper = method.to_ascii_uppercase();
    let is_method = |method: &str| method.bytes().all(|b| b.is_ascii_alphabetic());
    match several_in("methods", &upper, " \t\n,;|/", is_method) {
        Some(reason) => Some((&M07, reason)),
        None => known(METHODS, &upper).filter(|(kind, _)| **kind != M04 || upper != method),
    }
}

fn about_header(name: &str, names: &Names) -> Option<Finding> {
    let lower = name.to_ascii_lowercase();
    if name.trim().is_empty() {
        Some((&H09, "is not the name of a header".into()))
    } else if let Some(reason) = several_in("headers", name, " \t\n,;", is_token) {
        Some((&H08, reason))
    } else if is_in("connect delete get head options patch post put trace", &lower) {
        Some((&H07, "is a method, no header has this name".into()))
    } else {
        known(names, &lower)
    }
}

fn known(names: &Names, name: &str) -> Option<Finding> {
    let row = names.iter().find(|(patterns, ..)| is_in(patterns, name));
    row.map(|(_, kind, reason)| (*kind, (*reason).to_owned()))
}

/// Names that clients are likely to need.
fn missing(location: Location, rule: &CorsRule, found: &mut Vec<Lint>) {
    let mut push =
        |field, kind, reason: &str| found.push(Lint::new(kind, location.with_field(field), reason));
    let first_of = |methods: &str| rule.allowed_methods.iter().find(|method| is_in(methods, method));
    let has = |method: &str| first_of(method).is_some();
    match (has("GET"), has("HEAD")) {
        (true, false) => {
            push(Field::AllowedMethods, &M06, "has GET without HEAD, which some clients send first");
        }
        (false, true) => push(Field::AllowedMethods, &M06, "has HEAD without GET"),
        _ => {}
    }
    if has("PUT") && !has("POST") {
        push(Field::AllowedMethods, &M09, "has PUT without POST, which begins and ends an upload in parts");
    }
    if has("PUT") && !rule.expose_headers.iter().any(|name| name.eq_ignore_ascii_case("etag")) {
        push(Field::ExposeHeaders, &X02, "lacks ETag, which a script needs to complete an upload in parts");
    }
    let refused = REFUSED.iter().find_map(|(kind, methods, names)| Some((kind, first_of(methods)?, names)));
    if let Some((kind, method, names)) = refused.filter(|_| !has_allowed_header(rule)) {
        push(Field::AllowedHeaders, kind, &format!("names no header, so {method} is refused with {names}"));
    }
    let lower: Vec<String> = rule.allowed_headers.iter().map(|name| name.to_ascii_lowercase()).collect();
    let allows = |name: &str| lower.iter().any(|pattern| Pattern::parse(pattern).matches(name));
    // The first two show that the SDK is meant.
    let is_for_sdk = ["x-amz-content-sha256", "x-amz-user-agent"].into_iter().any(allows);
    let mut lacks = vec!["amz-sdk-invocation-id", "amz-sdk-request"];
    lacks.retain(|name| !allows(name));
    if is_for_sdk && !lacks.is_empty() {
        let reason = format!("lacks {}, which the AWS SDK for JavaScript sends", Listed(&lacks));
        push(Field::AllowedHeaders, &H11, &reason);
    }
}

fn has_allowed_header(rule: &CorsRule) -> bool {
    rule.allowed_headers.iter().any(|name| !name.trim().is_empty())
}

fn about_age(rule: &CorsRule) -> Option<(&'static LintKind, &'static str)> {
    Some(match rule.max_age_seconds {
        Some(..=-1) => (&A03, "is not a number of seconds to a browser, which uses 5"),
        Some(0) => (&A02, "makes browsers send a preflight before every request that needs one"),
        Some(1..=7200) => return None,
        Some(..=86400) => (&A05, "is above the limits of Chromium, 7200, and WebKit, 600"),
        Some(_) => {
            (&A01, "is above the limit of every browser: 86400 in Firefox, 7200 in Chromium, 600 in WebKit")
        }
        // No preflight is granted that a browser sends.
        None if !has_allowed_header(rule)
            && rule.allowed_methods.iter().all(|method| is_in("GET HEAD", method)) =>
        {
            return None
        }
        None => (&A04, "is missing, so browsers cache a preflight for 5 seconds only"),
    })
}
