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
#[cfg(feature = "diff")]
pub mod diff;
pub mod explain;
pub mod lint;
mod pattern;
mod policy;
mod service;

pub use config::{CorsConfiguration, CorsRule, InvalidConfiguration, LoadError, ParseError, S3Error};
pub use policy::{CorsPolicy, CorsPolicyBuilder, CorsRequest, Decision};
#[cfg(feature = "reload")]
pub use service::PolicyHandle;
pub use service::{Cors, CorsLayer, Fetch, FromExtensions, PolicyLookup, PolicySource, ResourceType, S3};

/// Documents, with the line and the column of each part.
pub mod document {
    pub use crate::config::{CorsDocument, Field, LineIndex, Location, Position};
}

/// The parts of the errors about configurations.
pub mod error {
    pub use crate::config::{ParseFault, Problem, ProblemKind};
    pub use crate::pattern::OverbroadOrigin;
}

/// Handles requests without Tower.
pub mod dialect {
    pub use crate::service::{Dialect, EmptyBody, Grant, Grants, TextBody, Verdict, WithBody};
}

/// Policy sources that are made of others.
pub mod source {
    pub use crate::service::{ByFileExtension, ByHost, ByPathPrefix, IntoPolicyLookup, OrElse};
}

/// The future that [`Cors`] returns.
pub mod future {
    pub use crate::service::ResponseFuture;
}

/// Observers, for counters, and shadow policies: [`CorsLayer::observe`], [`CorsLayer::shadow`].
pub mod observe {
    pub use crate::service::{Difference, Observation, Observed, Observer, Outcome, Shadow};
}

/// The parts of a [`CorsRequest`].
pub mod request {
    pub use crate::policy::RequestedHeaders;
}

/// The results of [`PolicyHandle`]'s methods.
#[cfg(feature = "reload")]
pub mod reload {
    #[cfg(feature = "watch")]
    pub use crate::service::PolicyWatch;
    pub use crate::service::Reloaded;
}

/// The `tracing` targets of this crate's events.
#[cfg(feature = "tracing")]
pub mod events {
    pub use crate::service::{REFUSAL_TARGET, RELOAD_TARGET, SHADOW_TARGET};
}

/// Guides that are longer than the documentation of a single type.
#[cfg(any(doc, doctest))]
pub mod guide {
    #[doc = include_str!("guide/apps.md")]
    pub mod apps {}

    #[doc = include_str!("guide/cors.md")]
    pub mod cors {}

    #[doc = include_str!("guide/frameworks.md")]
    pub mod frameworks {}

    #[doc = include_str!("guide/from_tower_http.md")]
    pub mod from_tower_http {}

    #[cfg(feature = "diff")]
    #[doc = include_str!("guide/reviewing_a_change.md")]
    pub mod reviewing_a_change {}

    #[doc = include_str!("guide/s3_servers.md")]
    pub mod s3_servers {}
}
