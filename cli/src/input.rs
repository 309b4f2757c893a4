//! Where rules are read from: files, and the standard input as `-`.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use tower_s3_cors::document::{CorsDocument, Position};
use tower_s3_cors::error::ParseFault;

use crate::escape::is_terminal_control;
use crate::Failure;

const STANDARD_INPUT: &str = "-";

/// The bytes that are read of a file or of the standard input at most.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

pub(crate) fn is_standard(path: &Path) -> bool {
    path == Path::new(STANDARD_INPUT)
}

pub(crate) fn read(path: &Path) -> Result<CorsDocument, Failure> {
    let cannot_read = |error: String| Failure::new(&name(path), None, format!("cannot read it: {error}"));
    let bytes = read_bytes(path).map_err(|error| cannot_read(error.to_string()))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(cannot_read(format!("it has more than {MAX_BYTES} bytes")));
    }
    CorsDocument::from_bytes(bytes).map_err(|error| {
        let fault = |fault: &ParseFault| (Some(fault.position()), fault.message());
        Failure::several(&name(path), error.faults().iter().map(fault))
    })
}

fn read_bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if is_standard(path) {
        io::stdin().lock().take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    } else {
        File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
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

/// `cors.json:3:5`, or the name alone.
pub(crate) fn place(name: &str, position: Option<Position>) -> String {
    match position {
        Some(Position { line, column }) => format!("{name}:{line}:{column}"),
        None => name.into(),
    }
}
