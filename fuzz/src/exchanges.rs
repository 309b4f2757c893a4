//! Whole exchanges through both dialects, against the reference.

use test_support::expected;

use crate::case::Case;

pub fn check(data: &[u8]) {
    let case = Case::parse(data);
    let Ok(policy) = case.settings.build(&case.rules) else { return };
    for request in &case.requests {
        expected::check(&policy, case.settings, request, &case.inner);
    }
}
