//! Methods that no request has, or that clients miss.

use super::catalogue::{M03, M04, M06, M07, M08, M09};
use super::{is_in, several_in, Finding, Lint};
use crate::config::Location;

/// Browsers write these in upper case whatever a script writes
/// ([normalize a method](https://fetch.spec.whatwg.org/#concept-method-normalize)).
const NORMALIZED: &str = "DELETE GET HEAD POST PUT";
/// Other known methods, each of them in upper case.
const KNOWN: &str = "PATCH QUERY PROPFIND PROPPATCH MKCOL COPY MOVE LOCK UNLOCK REPORT";

pub(super) fn find(location: Location, methods: &[String], found: &mut Vec<Lint>) {
    for (index, method) in methods.iter().enumerate() {
        found.extend(about(method).map(|(kind, reason)| {
            let fix = (*kind == M04).then(|| method.to_ascii_uppercase());
            Lint::new(kind, location.with_index(index), reason).with_value(method).with_fix(fix)
        }));
    }
    let has = |wanted: &str| methods.iter().any(|method| method == wanted);
    let mut lint = |kind, reason: &str| found.push(Lint::new(kind, location, reason));
    match (has("GET"), has("HEAD")) {
        (true, false) => lint(&M06, "has GET without HEAD, which some clients send first"),
        (false, true) => lint(&M06, "has HEAD without GET"),
        _ => {}
    }
    if has("PUT") && !has("POST") {
        lint(&M09, "has PUT without POST, which begins and ends an upload in parts");
    }
}

fn about(method: &str) -> Option<Finding> {
    let upper = method.to_ascii_uppercase();
    let is_method = |method: &str| method.bytes().all(|b| b.is_ascii_alphabetic());
    if let Some(reason) = several_in("methods", &upper, " \t\n,;|/", is_method) {
        Some((&M07, reason))
    } else if is_in("ALL ANY", &upper) {
        Some((&M08, "is neither a method nor a wildcard; list the methods".into()))
    } else if upper == "OPTIONS" {
        let reason = "is not needed for preflights, only for scripts that send OPTIONS themselves; remove it";
        Some((&M03, reason.into()))
    } else if upper == method {
        None
    } else if is_in(NORMALIZED, &upper) {
        Some((&M04, "never matches: browsers send it in upper case".into()))
    } else {
        let reason = "matches only scripts that write it so: methods are compared byte for byte";
        is_in(KNOWN, &upper).then(|| (&M04, reason.into()))
    }
}
