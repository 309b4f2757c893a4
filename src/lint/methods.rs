//! Methods that no request has, or that few clients expect.

use super::catalogue::{M03, M04, M06};
use super::Lint;
use crate::config::Location;

/// Those that browsers write in upper case whatever a script says
/// ([normalize a method](https://fetch.spec.whatwg.org/#concept-method-normalize)).
const NORMALIZED: [&str; 6] = ["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"];
/// Others that are known, each of them in upper case.
const KNOWN: [&str; 10] =
    ["PATCH", "QUERY", "PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "REPORT"];

pub(super) fn find(location: Location, methods: &[String], found: &mut Vec<Lint>) {
    for (index, method) in methods.iter().enumerate() {
        let upper = method.to_ascii_uppercase();
        let lint = |page, reason| Lint::new(page, location.with_index(index), reason).with_value(method);
        match upper == *method {
            true if method == "OPTIONS" => found.push(lint(
                &M03,
                "is not needed for preflights, only for scripts that send OPTIONS themselves",
            )),
            true => {}
            false if NORMALIZED.contains(&upper.as_str()) => {
                found.push(lint(&M04, "never matches: browsers send it in upper case").with_fix(Some(upper)));
            }
            false if KNOWN.contains(&upper.as_str()) => found.push(
                lint(&M04, "matches only scripts that write it so: methods are compared byte for byte")
                    .with_fix(Some(upper)),
            ),
            false => {}
        }
    }
    let has = |wanted: &str| methods.iter().any(|method| method == wanted);
    match (has("GET"), has("HEAD")) {
        (true, false) => {
            found.push(Lint::new(&M06, location, "has GET without HEAD, with which some clients probe"))
        }
        (false, true) => found.push(Lint::new(&M06, location, "has HEAD without GET")),
        _ => {}
    }
}
