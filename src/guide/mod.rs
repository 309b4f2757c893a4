//! Pages on one way to use the crate each, longer than the documentation of a type.

#[doc = include_str!("s3_servers.md")]
pub mod s3_servers {}
