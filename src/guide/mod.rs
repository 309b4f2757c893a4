//! Guides that are longer than the documentation of a single type.

#[doc = include_str!("s3_servers.md")]
pub mod s3_servers {}
