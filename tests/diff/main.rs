//! `CorsPolicy::diff`: against an evaluation of all requests, on pairs with known answers, and at its limits.

mod every_request;
mod known;
mod limits;
mod naive;
mod universe;

use tower_s3_cors::diff::PolicyDiff;
use tower_s3_cors::{CorsConfiguration, CorsPolicy};

fn diff(old: &CorsConfiguration, new: &CorsConfiguration) -> PolicyDiff {
    let policy = |configuration| CorsPolicy::extended(configuration).expect("valid");
    policy(old).diff(&policy(new))
}
