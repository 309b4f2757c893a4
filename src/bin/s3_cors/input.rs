//! Where rules are read from: files, and the standard input as `-`.

use std::io::{self, Read};
use std::path::Path;

use tower_s3_cors::{CorsConfiguration, ParseError};

use crate::terminal::is_terminal_control;

const STANDARD_INPUT: &str = "-";

/// Why there are no rules: the fault in the text, if it could be read at all.
pub(crate) struct Unread {
    pub(crate) message: String,
    pub(crate) parse_error: Option<ParseError>,
}

pub(crate) fn is_standard(path: &Path) -> bool {
    path == Path::new(STANDARD_INPUT)
}

pub(crate) fn read(path: &Path) -> Result<CorsConfiguration, Unread> {
    if !is_standard(path) {
        return CorsConfiguration::from_path(path).map_err(|error| Unread {
            message: error.to_string(),
            parse_error: error.parse_error().cloned(),
        });
    }
    let mut bytes = Vec::new();
    io::stdin().lock().read_to_end(&mut bytes).map_err(|error| Unread {
        message: format!("cannot read the standard input: {error}"),
        parse_error: None,
    })?;
    parse(&bytes)
        .map_err(|error| Unread { message: format!("standard input: {error}"), parse_error: Some(error) })
}

fn parse(bytes: &[u8]) -> Result<CorsConfiguration, ParseError> {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.parse(),
        // The reader of either format says which byte is at fault.
        Err(_) => CorsConfiguration::from_json(bytes),
    }
}

/// The name of the input in a message, on one line whatever it is.
pub(crate) fn name(path: &Path) -> String {
    if is_standard(path) {
        return "standard input".into();
    }
    match path.to_str() {
        Some(name) if !name.contains(is_terminal_control) => name.into(),
        _ => format!("{path:?}"),
    }
}
