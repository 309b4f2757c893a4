//! The rule that gRPC-web needs.

use tower_s3_cors::{CorsLayer, CorsPolicy, CorsRule, InvalidConfiguration};

pub fn layer(origin: &str) -> Result<CorsLayer, InvalidConfiguration> {
    let rule = CorsRule::new([origin], ["POST"])
        // What the libraries of gRPC-web and Connect send. Add your own metadata, such as authorization.
        .allow_headers(["content-type", "grpc-timeout", "x-grpc-web", "x-user-agent"])
        // A call that fails at once has its status in the headers, where a script sees only what is exposed.
        .expose_headers(["grpc-status", "grpc-message", "grpc-status-details-bin"])
        .max_age(7200);
    CorsPolicy::builder().strict(true).build(&rule.into()).map(CorsLayer::new)
}
