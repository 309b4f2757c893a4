//! Any rules are linted in order, in one line each, and a fix leaves nothing to fix; a policy is refused with every
//! problem, or decides.

use test_support::fixes::good_lints;
use tower_s3_cors::lint::Severity;
use tower_s3_cors::{CorsConfiguration, CorsPolicy};

use crate::case::Case;

pub fn check(data: &[u8]) {
    let configuration = CorsConfiguration { rules: Case::parse(data).rules };
    good_lints(&configuration);
    let has_errors = configuration.lint().iter().any(|lint| lint.severity() == Severity::Error);
    for [extended, credentials] in [[false, false], [false, true], [true, false], [true, true]] {
        let builder = CorsPolicy::builder().extended(extended).credentials(credentials);
        let (lenient, strict) =
            (builder.clone().build(&configuration), builder.strict(true).build(&configuration));
        assert_eq!(strict.is_ok(), lenient.is_ok() && !has_errors, "{configuration:?}");
        for error in [lenient.err(), strict.err()].into_iter().flatten() {
            assert!(!error.problems().is_empty());
            for problem in error.problems() {
                let message = problem.to_string();
                assert!(!message.is_empty() && !message.contains(char::is_control), "{message:?}");
            }
            assert!(error.problems().is_sorted_by_key(|problem| problem.location()));
        }
    }
}
