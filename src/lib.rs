#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![warn(missing_docs, rust_2018_idioms, unreachable_pub, clippy::incompatible_msrv)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod config;
#[cfg(any(doc, doctest))]
pub mod guide;
mod policy;
mod service;

pub use config::{
    CorsConfiguration, CorsRule, Field, InvalidConfiguration, Lint, LintPage, LoadError, ParseError, Problem,
    ProblemKind, S3Error, Severity, Wide,
};
pub use policy::{
    Addition, CorsPolicy, CorsPolicyBuilder, CorsRequest, Decision, Explanation, Hint, HintKind, NearestMiss,
    RequestedHeaders, RuleExplanation,
};
pub use service::{
    Cors, CorsLayer, Dialect, Fetch, FromExtensions, Governing, Grant, PolicySource, ResponseFuture, Target,
    Verdict, S3,
};

#[cfg(feature = "watch")]
pub use service::PolicyWatch;
#[cfg(feature = "reload")]
pub use service::{PolicyHandle, ReloadError};
