//! Explanations agree with the decision and the rules, and a remedy, applied, grants the request and nothing to strangers.

use test_support::{explanations, remedies};
use tower_s3_cors::CorsRequest;

use crate::case::Case;

pub fn check(data: &[u8]) {
    let case = Case::parse(data);
    let Ok(policy) = case.settings.build(&case.rules) else { return };
    let settings = [case.settings.extended, case.settings.credentials];
    for request in &case.requests {
        explanations::agree(&policy, request);
        for asked in [CorsRequest::classify(request), CorsRequest::classify_s3(request)].into_iter().flatten()
        {
            remedies::check(settings, &policy, &asked);
            let printed = policy.explain(&asked).to_string();
            assert!(!printed.chars().any(|c| c.is_control() && c != '\n'), "{printed:?}");
        }
    }
}
