//! An explanation against the decision and against the rules as they are written.

use std::collections::BTreeSet;

use bytes::Bytes;
use http::Request;
use tower_s3_cors::explain::RuleExplanation;
use tower_s3_cors::{CorsPolicy, CorsRequest, CorsRule};

use crate::reference;

/// An explanation against `decide` and against the rules read off one by one; both readings of a request.
#[track_caller]
pub fn agree(policy: &CorsPolicy, request: &Request<Bytes>) {
    for asked in [CorsRequest::classify(request), CorsRequest::classify_s3(request)].into_iter().flatten() {
        let explanation = policy.explain(&asked);
        let decision = policy.decide(&asked);
        assert_eq!(explanation.rule(), decision.rule(), "{request:?}");
        let names: Vec<_> = asked.requested_headers().map(<[u8]>::to_vec).collect();
        let rules = &policy.configuration().rules;
        let first = reference::naive(rules, asked.origin(), asked.method(), &names);
        assert_eq!(explanation.rule(), first, "{request:?}");
        assert_eq!(explanation.is_granted(), decision.is_granted());
        assert_eq!(explanation.nearest().is_none(), decision.is_granted());
        assert_eq!(explanation.rules().len(), rules.len());
        for (said, written) in explanation.rules().zip(rules) {
            agree_on(&said, written, &asked);
        }
    }
}

fn agree_on(said: &RuleExplanation<'_>, written: &CorsRule, asked: &CorsRequest<'_>) {
    // `None` for several Origin lines, which only `*` matches.
    let sent = asked.origin();
    let origin = written.allowed_origins.iter().any(|pattern| reference::matches_origin(pattern, sent));
    assert_eq!(said.origin(), origin, "{said:?} {written:?} {asked:?}");
    let method = written.allowed_methods.iter().any(|allowed| allowed.as_bytes() == asked.method());
    assert_eq!(said.method(), method, "{said:?} {written:?} {asked:?}");
    let allows =
        |name: &[u8]| written.allowed_headers.iter().any(|pattern| reference::matches_name(pattern, name));
    // Each once, in any case, and shown as text, whatever its bytes.
    let requested: BTreeSet<Vec<u8>> = asked.requested_headers().map(<[u8]>::to_ascii_lowercase).collect();
    let shown = |name: &Vec<u8>| (String::from_utf8_lossy(name).into_owned(), allows(name));
    let mut expected: Vec<(String, bool)> = requested.iter().map(shown).collect();
    let mut found: Vec<(String, bool)> =
        said.headers().map(|(name, allowed)| (name.to_ascii_lowercase(), allowed)).collect();
    expected.sort();
    found.sort();
    assert_eq!(found, expected, "{said:?} {written:?} {asked:?}");
    let names = asked.requested_headers().all(allows);
    assert_eq!(said.is_match(), origin && method && names);
    assert_eq!(said.id(), written.id.as_deref().filter(|id| !id.is_empty()));
}
