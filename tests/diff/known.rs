//! Pairs with known answers: `tests/corpus/diff.json`.

use std::collections::HashSet;

use bytes::Bytes;
use http::{HeaderMap, Request};
use serde_json::{json, Value};
use test_support::{cases, configuration, texts};
use tower_s3_cors::dialect::{Dialect, Grant, Verdict};
use tower_s3_cors::diff::{ChangeKind, Part, Witness};
use tower_s3_cors::{CorsConfiguration, CorsPolicy, CorsRule, Fetch, S3};

use crate::diff;

/// Rules, or the id of one of the user guide's examples.
fn rules(json: &Value) -> CorsConfiguration {
    match json.as_str() {
        Some(id) => {
            let guide = cases("user_guide.json");
            let example = guide.iter().find(|example| example["id"] == id).expect("an example");
            configuration(&example["input"])
        }
        None => configuration(json),
    }
}

#[test]
fn known_pairs_have_their_answers() {
    let cases = cases("diff.json");
    let mut ids = HashSet::new();
    for case in &cases {
        let id = case["id"].as_str().expect("an id");
        assert!(ids.insert(id), "{id}");
        let found = diff(&rules(&case["old"]), &rules(&case["new"]));
        let printed = found.to_string();
        assert_eq!(printed.lines().collect::<Vec<_>>(), texts(case.get("lines")), "{id}");
        assert_eq!(Some(found.summary().as_str()), case["summary"].as_str(), "{id}");
        assert_eq!(Some(found.is_widening()), case["widening"].as_bool(), "{id}");
        assert_eq!(found.is_same(), printed == "no request is answered differently", "{id}");
    }
    assert!(cases.len() > 50);
}

/// What the layer sends to the witness of each change, under both policies.
#[test]
fn layers_answer_witnesses_differently() {
    let mut count = [0; 2];
    for case in cases("diff.json") {
        let [old, new] = ["old", "new"].map(|side| CorsPolicy::extended(&rules(&case[side])).expect("valid"));
        for change in old.diff(&new).changes() {
            let request = request(change.witness());
            let fetch = [&old, &new].map(|policy| answer(policy, Fetch, &request));
            assert_eq!(fetch[0] != fetch[1], change.is_in_fetch(), "{}: {change}", case["id"]);
            // Responses to all requests vary otherwise, whatever else changes for this one.
            if !change.methods().is_empty() {
                let s3 = [&old, &new].map(|policy| answer(policy, S3::default(), &request));
                assert_eq!(s3[0] != s3[1], change.is_in_s3(), "{}: {change}", case["id"]);
            }
            count[0] += usize::from(!change.is_in_fetch());
            count[1] += usize::from(!change.is_in_s3());
        }
    }
    assert!(count.iter().all(|count| *count > 0));
}

fn request(witness: &Witness) -> Request<Bytes> {
    let mut headers = json!([["origin", witness.origin()]]);
    let mut push =
        |name: &str, value: &str| headers.as_array_mut().expect("a list").push(json!([name, value]));
    let names = witness.requested_headers().join(",");
    if witness.is_preflight() {
        push("access-control-request-method", witness.method());
    }
    if !names.is_empty() {
        push("access-control-request-headers", &names);
    }
    let method = if witness.is_preflight() { "OPTIONS" } else { witness.method() };
    test_support::request(method, "/", test_support::headers(&headers))
}

/// What a dialect answers itself, or adds to the response of the inner service.
fn answer(policy: &CorsPolicy, dialect: impl Dialect<Bytes>, request: &Request<Bytes>) -> (u16, HeaderMap) {
    match dialect.handle(policy, &mut request.clone()) {
        Verdict::Answer(response) => (response.status().as_u16(), response.headers().clone()),
        Verdict::Forward(mut grant) => {
            let mut headers = HeaderMap::new();
            grant.write(&mut headers);
            (200, headers)
        }
    }
}

#[test]
fn credentials_are_a_change_of_browsers_alone() {
    let rules = CorsRule::new(["https://app.example.com"], ["GET"]).into();
    let [without, with] = [false, true]
        .map(|credentials| CorsPolicy::builder().credentials(credentials).build(&rules).expect("valid"));
    let diff = without.diff(&with);
    assert_eq!(
        diff.to_string(),
        "granted with other headers:\n  \
           https://app.example.com for GET: access-control-allow-credentials: none -> true (dialect Fetch only)\n    \
             such as an actual request from https://app.example.com for GET"
    );
    assert!(diff.is_widening());
    assert!(!with.diff(&without).is_widening());
    assert!(with.diff(&with).is_same());
}

/// A witness is a request for `explain` and `decide`.
#[test]
fn witness_is_decided_by_one_policy_alone() {
    let [old, new] =
        ["PUT", "GET"].map(|method| CorsPolicy::try_from(CorsRule::new(["*"], [method])).expect("valid"));
    for change in old.diff(&new).changes().iter().filter(|change| !change.methods().is_empty()) {
        let decided = [&old, &new].map(|policy| policy.decide(&change.witness().request()).is_granted());
        assert_eq!(decided, [decided[0], !decided[0]], "{change}");
        assert_eq!(decided[1], change.kind() == ChangeKind::Granted(Part::Method), "{change}");
    }
}
