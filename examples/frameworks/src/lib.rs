//! The layer in web frameworks that are not axum or hyper. The guide `frameworks` shows these files.

pub mod actix_web;
pub mod jsonrpsee;
pub mod poem;
pub mod rmcp;
pub mod salvo;
pub mod warp;

use std::error::Error;

pub type Failure = Box<dyn Error + Send + Sync>;
