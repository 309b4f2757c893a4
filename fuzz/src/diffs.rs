//! Two policies, with a line `=` between them: what `CorsPolicy::diff` finds is so, and what it does not find is not.

use std::collections::BTreeSet;

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use test_support::{always, call, reference};
use tower_layer::Layer;
use tower_s3_cors::diff::{Change, ChangeKind, PolicyDiff};
use tower_s3_cors::{CorsLayer, CorsPolicy, S3};

use crate::case::Case;

/// The comparison is for people, and takes its time.
const MAX_RULES: usize = 5;

pub fn check(data: &[u8]) {
    let at = data.windows(3).position(|bytes| bytes == b"\n=\n").unwrap_or(data.len());
    let [old, new] = [&data[..at], data.get(at + 3..).unwrap_or_default()].map(Case::parse);
    let build = |case: &Case| case.settings.build(case.rules.get(..MAX_RULES).unwrap_or(&case.rules));
    let (Ok(old_policy), Ok(new_policy)) = (build(&old), build(&new)) else { return };
    assert!(old_policy.diff(&old_policy).is_same());
    let diff = old_policy.diff(&new_policy);
    is_printed(&diff);
    for change in diff.changes() {
        is_shown(change, &old_policy, &new_policy);
    }
    for request in old.requests.iter().chain(&new.requests) {
        is_covered(&diff, request, &old_policy, &new_policy);
    }
}

fn is_printed(diff: &PolicyDiff) {
    assert!(!diff.summary().contains(char::is_control), "{:?}", diff.summary());
    let printed = diff.to_string();
    assert!(!printed.chars().any(|c| c.is_control() && c != '\n'), "{printed:?}");
}

/// The witness is answered as the change says. Of the responses that vary with the Origin, any is one.
fn is_shown(change: &Change, old: &CorsPolicy, new: &CorsPolicy) {
    let request = change.witness().request();
    let is_granted = [old, new].map(|policy| policy.decide(&request).is_granted());
    match change.kind() {
        ChangeKind::Granted(_) => assert_eq!(is_granted, [false, true], "{change:?}"),
        ChangeKind::Refused(_) => assert_eq!(is_granted, [true, false], "{change:?}"),
        ChangeKind::OtherHeaders if change.methods().is_empty() => {}
        ChangeKind::OtherHeaders => assert_eq!(is_granted, [true, true], "{change:?}"),
    }
    assert!(change.is_in_fetch() || change.is_in_s3(), "{change:?}");
    assert!(change.answer().iter().all(|header| header.before() != header.after()), "{change:?}");
}

fn is_covered(diff: &PolicyDiff, request: &Request<Bytes>, old: &CorsPolicy, new: &CorsPolicy) {
    let [before, after] = [old, new].map(|policy| answers(policy, request));
    for (before, after) in before.iter().zip(&after) {
        assert!(!diff.is_same() || before == after, "{request:?}: {before:?} {after:?}\n{old:?}\n{new:?}");
        // Without an Origin nobody is granted anything, though a cache may be told `*`.
        let has_origin = reference::origin(request.headers()).is_some();
        let is_wider = has_origin && after.is_granted() && !before.is_granted();
        assert!(diff.is_widening() || !is_wider, "{request:?}: {before:?} {after:?}\n{old:?}\n{new:?}");
    }
}

#[derive(Debug, PartialEq)]
struct Answer(Option<BTreeSet<(String, Vec<u8>)>>);

impl Answer {
    /// Refusals of preflights are alike, whatever they say.
    fn of(response: &Response<Bytes>) -> Self {
        let lines = response.headers().iter();
        let lines = lines.map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()));
        Answer(response.status().is_success().then(|| lines.collect()))
    }

    fn is_granted(&self) -> bool {
        let is_grant = |(name, _): &(String, Vec<u8>)| name == "access-control-allow-origin";
        self.0.as_ref().is_some_and(|lines| lines.iter().any(is_grant))
    }
}

/// In both dialects.
fn answers(policy: &CorsPolicy, request: &Request<Bytes>) -> [Answer; 2] {
    let layer = CorsLayer::new(policy.clone());
    let service = || always(200, HeaderMap::new());
    let fetch = call(layer.clone().layer(service()), request.clone());
    let mut s3 = call(layer.dialect(S3::default()).layer(service()), request.clone());
    // Where it refuses, the dialect of S3 says no Vary.
    if !s3.headers().contains_key("access-control-allow-origin") {
        s3.headers_mut().clear();
    }
    [Answer::of(&fetch), Answer::of(&s3)]
}
