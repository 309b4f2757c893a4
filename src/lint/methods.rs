//! Methods that no request has, or that clients miss.

use super::catalogue::{M03, M04, M06, M07, M08, M09};
use super::{is_in, several, Lint};
use crate::config::Location;

/// Browsers write these in upper case whatever a script writes
/// ([normalize a method](https://fetch.spec.whatwg.org/#concept-method-normalize)).
const NORMALIZED: &str = "DELETE GET HEAD POST PUT";
/// Other known methods, each of them in upper case.
const KNOWN: &str = "PATCH QUERY PROPFIND PROPPATCH MKCOL COPY MOVE LOCK UNLOCK REPORT";

pub(super) fn find(location: Location, methods: &[String], found: &mut Vec<Lint>) {
    for (index, method) in methods.iter().enumerate() {
        found.extend(about(method, location.with_index(index)));
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

fn about(method: &str, location: Location) -> Option<Lint> {
    let upper = method.to_ascii_uppercase();
    let lint = |kind, reason: &str| Lint::new(kind, location, reason).with_value(method);
    if let Some(list) = several(&upper, " \t\n,;|/", |method| method.bytes().all(|b| b.is_ascii_alphabetic()))
    {
        Some(lint(&M07, &format!("holds several methods; write each as an entry of its own: {list}")))
    } else if is_in("ALL ANY", &upper) {
        Some(lint(&M08, "is neither a method nor a wildcard; list the methods"))
    } else if upper == "OPTIONS" {
        Some(lint(
            &M03,
            "is not needed for preflights, only for scripts that send OPTIONS themselves; remove it",
        ))
    } else if upper == method {
        None
    } else if is_in(NORMALIZED, &upper) {
        Some(lint(&M04, "never matches: browsers send it in upper case").with_fix(Some(upper)))
    } else if is_in(KNOWN, &upper) {
        let reason = "matches only scripts that write it so: methods are compared byte for byte";
        Some(lint(&M04, reason).with_fix(Some(upper)))
    } else {
        None
    }
}
