//! Files that a command writes.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use crate::diagnostic::{Diagnostic, Failure};
use crate::input::{name, Source};

/// Writes the text into the file that had the other one before.
pub(crate) fn replace(path: &Path, before: &str, text: &str) -> Result<(), Failure> {
    let refused = |message: &str| Err(Diagnostic::error(&name(path), message).into());
    if !path.is_file() {
        return refused("it is a pipe or a device, which cannot be changed; use --diff");
    }
    if Source::text(path).map_err(|unread| unread.failure(&name(path)))? != before {
        return refused("it was changed in the meantime; run the command again");
    }
    overwrite(path, text)
}

/// Writes the text into the file. It is not emptied before, so that its text is not lost if nothing can be written.
pub(crate) fn overwrite(path: &Path, text: &str) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    let written = options.write(true).create(true).truncate(false).open(path).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        // A pipe or a terminal has no length.
        if file.metadata()?.is_file() {
            file.set_len(text.len() as u64)?;
        }
        Ok(())
    });
    written.map_err(|error| Diagnostic::error(&name(path), format!("cannot write it: {error}")).into())
}
