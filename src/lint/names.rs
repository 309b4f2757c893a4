//! Methods and headers without effect in their list, or missing where they are needed; MaxAgeSeconds.

use super::catalogue::*;
use super::{several, Finding, Lint, LintKind};
use crate::config::{is_token, CorsRule, Field, Location};
use crate::pattern::{is_forbidden_request_header, is_in, Listed};

/// Names without effect: the list they are in, the lint, patterns of names with blanks between them, and the reason. The
/// first row that matches counts. Methods are in upper case, as browsers write some of them whatever a script writes
/// ([normalize a method](https://fetch.spec.whatwg.org/#concept-method-normalize)).
const WITHOUT_EFFECT: &str = include_str!("names.tsv");

/// The methods that browsers send in upper case, so that nothing matches another spelling.
const NORMALIZED: &str = "DELETE GET HEAD OPTIONS POST PUT";

/// The methods that a rule without an AllowedHeader refuses, and the headers with which it does.
const REFUSED: [(&LintKind, &str, &str); 2] = [
    (&H01, "PUT POST DELETE PATCH", "content-type: application/json, authorization or any header like them"),
    (&H10, "GET HEAD", "authorization or any header like it"),
];

pub(super) fn find(location: Location, rule: &CorsRule, found: &mut Vec<Lint>) {
    for (field, names) in rule.lists() {
        let about = match field {
            Field::AllowedOrigins => continue,
            Field::AllowedMethods => about_method,
            _ => about_header,
        };
        for (index, name) in names.iter().enumerate() {
            let location = location.with_field(field).with_index(index);
            found.extend(about(field, name).map(|(kind, reason)| {
                let fix = (*kind == M04).then(|| name.to_ascii_uppercase());
                let is_fix_certain = fix.as_ref().is_some_and(|fix| is_in(NORMALIZED, fix));
                Lint { fix, is_fix_certain, ..Lint::new(kind, location, reason).with_value(name) }
            }));
        }
    }
    missing(location, rule, found);
    found.extend(about_age(rule).map(|(kind, reason)| Lint {
        value: rule.max_age_seconds.map(|seconds| seconds.to_string()),
        fix: (*kind == A01).then(|| "86400".to_owned()),
        is_fix_certain: *kind == A01,
        ..Lint::new(kind, location.with_field(Field::MaxAgeSeconds), reason)
    }));
}

fn about_method(field: Field, method: &str) -> Option<Finding> {
    let upper = method.to_ascii_uppercase();
    let is_method = |method: &str| method.bytes().all(|b| b.is_ascii_alphabetic());
    let known = || known(field, &upper).filter(|(kind, _)| **kind != M04 || upper != method);
    let several = several_in("methods", &upper, " \t\n,;|/", is_method).map(|reason| (&M07, reason));
    several.or_else(known)
}

fn about_header(field: Field, name: &str) -> Option<Finding> {
    let is_forbidden = field == Field::AllowedHeaders && is_forbidden_request_header(name);
    let findings = [
        name.trim().is_empty().then(|| (&H09, "is not the name of a header".into())),
        several_in("headers", name, " \t\n,;", is_token).map(|reason| (&H08, reason)),
        known(field, &name.to_ascii_lowercase()),
        is_forbidden.then(|| (&H03, "is never requested: only the browser itself may set it".into())),
    ];
    findings.into_iter().flatten().next()
}

/// The reason of an entry that holds several values, each of them one that the test knows.
fn several_in(what: &str, entry: &str, separators: &str, is_value: impl Fn(&str) -> bool) -> Option<String> {
    let values = entry.split(|c| separators.contains(c));
    let values = values.map(|value| value.trim_matches(['"', '\'', '[', ']']));
    let values: Vec<&str> = values.filter(|value| !value.is_empty()).collect();
    (values.len() > 1 && values.iter().all(|value| is_value(value))).then(|| several(what, &values))
}

fn known(field: Field, name: &str) -> Option<Finding> {
    WITHOUT_EFFECT.lines().find_map(|row| {
        let [list, id, patterns, reason] = row.split('\t').collect::<Vec<_>>().try_into().ok()?;
        let kind = ALL.iter().find(|kind| kind.id() == id)?;
        (list == field.as_str() && is_in(patterns, name)).then(|| (*kind, reason.to_owned()))
    })
}

/// Names that clients are likely to need.
fn missing(location: Location, rule: &CorsRule, found: &mut Vec<Lint>) {
    let mut push =
        |field, kind, reason: &str| found.push(Lint::new(kind, location.with_field(field), reason));
    let first_of = |methods: &str| rule.allowed_methods.iter().find(|method| is_in(methods, method));
    let has = |method: &str| first_of(method).is_some();
    if has("GET") && !has("HEAD") {
        push(Field::AllowedMethods, &M06, "has GET without HEAD, which some clients send first");
    }
    if has("HEAD") && !has("GET") {
        push(Field::AllowedMethods, &M06, "has HEAD without GET");
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
    let allowed = rule.allowed_headers.join(" ").to_ascii_lowercase();
    let allows = |name: &str| is_in(&allowed, name);
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
    // Browsers send no preflight for GET and HEAD alone.
    let needs_preflight = |method: &String| !is_in("GET HEAD", method);
    let grants_preflights = has_allowed_header(rule) || rule.allowed_methods.iter().any(needs_preflight);
    Some(match rule.max_age_seconds {
        Some(..=-1) => (&A03, "is not a number of seconds to a browser, which uses 5"),
        Some(0) => (&A02, "makes browsers send a preflight before every request that needs one"),
        Some(7201..=86400) => (&A05, "is above the limits of Chromium, 7200, and WebKit, 600"),
        Some(86401..) => {
            (&A01, "is above the limit of every browser: 86400 in Firefox, 7200 in Chromium, 600 in WebKit")
        }
        None if grants_preflights => (&A04, "is missing, so browsers cache a preflight for 5 seconds only"),
        Some(1..=7200) | None => return None,
    })
}
