//! Names of headers in a list where they have no effect, or missing where they are needed; MaxAgeSeconds.

use super::kinds::{
    A01, A02, A03, A04, A05, H01, H03, H04, H06, H07, H08, H09, H10, H11, X02, X03, X04, X05,
};
use super::{is_in, several, Finding, Lint};
use crate::config::{is_token, CorsRule, Field, Location};
use crate::pattern::{Listed, Pattern};

/// [Forbidden request-header](https://fetch.spec.whatwg.org/#forbidden-request-header), without those that have a
/// lint of their own.
const FORBIDDEN: &str =
    "accept-charset accept-encoding connection content-length cookie cookie2 date dnt expect host \
                         keep-alive origin referer te trailer transfer-encoding upgrade via";
const FORBIDDEN_BEGINNINGS: [&str; 3] = [CORS, "proxy-", "sec-"];
const OF_RESPONSES: &str =
    "accept-ranges etag last-modified location set-cookie set-cookie2 www-authenticate \
                            x-amz-delete-marker x-amz-id-2 x-amz-request-id x-amz-version-id";
const OF_REQUESTS: &str = "accept accept-charset accept-language authorization cookie expect host if-match \
                           if-modified-since if-none-match if-range if-unmodified-since origin range referer te \
                           user-agent x-amz-content-sha256 x-amz-date x-amz-security-token x-amz-user-agent x-requested-with";
/// [CORS-safelisted response-header name](https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name).
const SAFELISTED: &str =
    "cache-control content-language content-length content-type expires last-modified pragma";
const COOKIES: &str = "set-cookie set-cookie2";
const METHODS: &str = "connect delete get head options patch post put trace";
const CORS: &str = "access-control-";
/// Two of the headers that the AWS SDK for JavaScript sends, and that show that it is meant.
const SIGNING: [&str; 2] = ["x-amz-content-sha256", "x-amz-user-agent"];
const OF_SDK: [&str; 2] = ["amz-sdk-invocation-id", "amz-sdk-request"];

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
    let age = location.with_field(Field::MaxAgeSeconds);
    found.extend(match rule.max_age_seconds {
        Some(seconds) => about_age(age, seconds),
        None => can_have_preflight(rule)
            .then(|| Lint::new(&A04, age, "is missing, so browsers cache a preflight for 5 seconds only")),
    });
}

fn about_name(field: Field, name: &str) -> Option<Finding> {
    let is_name = |name: &str| !name.is_empty() && is_token(name);
    let lower = name.to_ascii_lowercase();
    if name.trim().is_empty() {
        Some((&H09, "is not the name of a header".into()))
    } else if let Some(list) = several(name, " \t\n,;", is_name) {
        Some((&H08, format!("holds several headers; write each as an entry of its own: {list}")))
    } else if is_in(METHODS, &lower) {
        Some((&H07, "is a method, no header has this name".into()))
    } else if field == Field::AllowedHeaders {
        about_allowed(&lower)
    } else {
        about_exposed(&lower)
    }
}

fn about_allowed(name: &str) -> Option<Finding> {
    if name.starts_with(CORS) {
        Some((&H04, "is never requested: browser and server set such headers themselves".into()))
    } else if is_forbidden_request_header(name) {
        Some((&H03, "is never requested: only the browser itself may set it".into()))
    } else {
        is_in(OF_RESPONSES, name).then(|| (&H06, "is a header of responses, which no request has".into()))
    }
}

/// Whether only the browser itself sets a header with that name, so that no script's request asks for it.
pub(crate) fn is_forbidden_request_header(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    is_in(FORBIDDEN, &name) || FORBIDDEN_BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
}

fn about_exposed(name: &str) -> Option<Finding> {
    if name.starts_with(CORS) {
        Some((&H04, "is for the browser itself and of no use to a script".into()))
    } else if is_in(COOKIES, name) {
        Some((&X04, "is never readable for scripts".into()))
    } else if is_in(OF_REQUESTS, name) || OF_SDK.contains(&name) {
        Some((&X05, "is a header of requests, which no response has".into()))
    } else {
        is_in(SAFELISTED, name).then(|| (&X03, "is readable without being exposed".into()))
    }
}

/// Names that scripts are likely to need.
fn missing(location: Location, rule: &CorsRule, found: &mut Vec<Lint>) {
    let [allowed, exposed] =
        [Field::AllowedHeaders, Field::ExposeHeaders].map(|field| location.with_field(field));
    let has_method =
        |wanted: &[&str]| rule.allowed_methods.iter().find(|method| wanted.contains(&method.as_str()));
    if !has_allowed_header(rule) {
        if let Some(method) = has_method(&["PUT", "POST", "DELETE", "PATCH"]) {
            let reason = format!(
                "names no header, so {method} is refused with content-type: application/json, authorization or any header like them"
            );
            found.push(Lint::new(&H01, allowed, reason));
        } else if let Some(method) = has_method(&["GET", "HEAD"]) {
            let reason =
                format!("names no header, so {method} is refused with authorization or any header like it");
            found.push(Lint::new(&H10, allowed, reason));
        }
    }
    let lower: Vec<String> = rule.allowed_headers.iter().map(|name| name.to_ascii_lowercase()).collect();
    let allows = |name: &&&str| lower.iter().any(|pattern| Pattern::parse(pattern).matches(name));
    let lacks: Vec<&str> = OF_SDK.iter().filter(|name| !allows(name)).copied().collect();
    if SIGNING.iter().any(|name| allows(&name)) && !lacks.is_empty() {
        let reason = format!("lacks {}, which the AWS SDK for JavaScript sends", Listed(&lacks));
        found.push(Lint::new(&H11, allowed, reason));
    }
    let exposes_tag = rule.expose_headers.iter().any(|name| name.eq_ignore_ascii_case("etag"));
    if !exposes_tag && has_method(&["PUT"]).is_some() {
        found.push(Lint::new(
            &X02,
            exposed,
            "lacks ETag, which a script needs to complete an upload in parts",
        ));
    }
}

fn has_allowed_header(rule: &CorsRule) -> bool {
    rule.allowed_headers.iter().any(|name| !name.trim().is_empty())
}

/// Whether the rule can grant a preflight that a browser sends: for a method other than GET and HEAD, or for a header.
fn can_have_preflight(rule: &CorsRule) -> bool {
    has_allowed_header(rule) || rule.allowed_methods.iter().any(|method| !is_in("GET HEAD", method))
}

/// The longest that any browser caches a preflight: Firefox.
const LONGEST: i32 = 86400;
/// The longest that Chromium does.
const CHROMIUM: i32 = 7200;

fn about_age(location: Location, seconds: i32) -> Option<Lint> {
    let lint = |kind, reason| Some(Lint::new(kind, location, reason).with_value(seconds.to_string()));
    match seconds {
        ..=-1 => lint(&A03, "is not a number of seconds to a browser, which uses 5"),
        0 => lint(&A02, "makes browsers send a preflight before every request that needs one"),
        1..=CHROMIUM => None,
        _ if seconds <= LONGEST => lint(&A05, "is above the limits of Chromium, 7200, and WebKit, 600"),
        _ => lint(
            &A01,
            "is above the limit of every browser: 86400 in Firefox, 7200 in Chromium, 600 in WebKit",
        )
        .map(|lint| lint.with_fix(Some(LONGEST.to_string()))),
    }
}
