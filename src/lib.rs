#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![warn(
    missing_docs,
    missing_debug_implementations,
    rust_2018_idioms,
    unreachable_pub,
    clippy::incompatible_msrv
)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod config;
mod explain;
mod lint;
mod pattern;
mod policy;
mod service;

pub use config::{
    CorsConfiguration, CorsDocument, CorsRule, Field, InvalidConfiguration, LoadError, Location, ParseError,
    ParseFault, Position, Problem, ProblemKind, S3Error,
};
pub use explain::{Change, Explanation, Hint, HintKind, NearestMiss, Remedy, RuleExplanation};
pub use lint::{Lint, LintKind, Severity};
pub use pattern::OverbroadOrigin;
pub use policy::{CorsPolicy, CorsPolicyBuilder, CorsRequest, Decision, RequestedHeaders};
pub use service::{
    Cors, CorsLayer, Dialect, Fetch, FromExtensions, Grant, PolicyLookup, PolicySource, ResourceType,
    ResponseFuture, Verdict, S3,
};

#[cfg(feature = "watch")]
pub use service::PolicyWatch;
#[cfg(feature = "reload")]
pub use service::{PolicyHandle, Reloaded};
#[cfg(feature = "tracing")]
pub use service::{REFUSAL_TARGET, RELOAD_TARGET};

/// Guides that are longer than the documentation of a single type.
#[cfg(any(doc, doctest))]
pub mod guide {
    #[doc = include_str!("guide/from_tower_http.md")]
    pub mod from_tower_http {}

    #[doc = include_str!("guide/s3_servers.md")]
    pub mod s3_servers {}
}
