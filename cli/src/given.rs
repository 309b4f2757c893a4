//! The files that a command works on: those that are named, those of folders, and those that match patterns.

use std::collections::HashSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::diagnostic::{Diagnostic, Failure, Level};
use crate::input::{self, Source, Unread};
use crate::read::From;
use crate::{folder, pattern};

/// A file.
pub(crate) struct Given {
    pub(crate) path: PathBuf,
    /// It is passed over if it has no rules: it was not named.
    may_be_unrelated: bool,
}

/// The files of the arguments, those of several folders and patterns once. What does not exist is among them, so that reading
/// it says so.
pub(crate) fn files(arguments: &[PathBuf], skip_unrelated: bool) -> Vec<Given> {
    let given = |path: PathBuf, may_be_unrelated| Given { path, may_be_unrelated };
    let (mut all, mut known) = (Vec::new(), HashSet::new());
    for path in arguments {
        let found = match path.to_str() {
            _ if path.is_dir() => Some(folder::files(path)),
            Some(text) if pattern::is_pattern(path) => pattern::files(text).ok(),
            _ => None,
        };
        match found {
            Some(files) if path.is_dir() || !files.is_empty() => {
                let new = files.into_iter().filter(|path| known.insert(path.clone()));
                all.extend(new.map(|path| given(path, true)));
            }
            _ => all.push(given(path.clone(), skip_unrelated)),
        }
    }
    all
}

impl Given {
    /// The file with its rules; none if it was not named and has none.
    pub(crate) fn read(&self, from: Option<From>) -> Option<Result<Source, Failure>> {
        match Source::text(&self.path) {
            Ok(text) => {
                let source = Source::new(&self.path, text, from);
                (!self.may_be_unrelated || has_rules(&self.path, &source)).then_some(Ok(source))
            }
            Err(Unread::NotText(bytes)) if self.may_be_unrelated && !has_signs(&self.path, &bytes) => None,
            Err(unread) => Some(Err(self.failure(unread))),
        }
    }

    fn failure(&self, unread: Unread) -> Failure {
        let name = input::name(&self.path);
        let is_missing = matches!(&unread, Unread::Io(error) if error.kind() == ErrorKind::NotFound);
        match self.path.to_str().filter(|_| is_missing && pattern::is_pattern(&self.path)) {
            Some(text) => {
                let message = match pattern::files(text) {
                    Ok(_) => "no file matches the pattern".into(),
                    Err(error) => format!("no file has that name, and as a pattern it is invalid: {error}"),
                };
                Diagnostic::error(&name, message).into()
            }
            // Nobody keeps rules in such a file, and a folder may well have some.
            None if self.may_be_unrelated && matches!(unread, Unread::TooLarge) => {
                let message = format!("{}; it is not checked", unread.message());
                Diagnostic { level: Level::Note, ..Diagnostic::error(&name, message) }.into()
            }
            None => unread.failure(&name),
        }
    }
}

/// Keys that nothing but rules has.
const KEYS: [&str; 6] = ["CORSRule", "CorsRules", "corsRules", "cors_rule", "CorsConfig>", "corsRuleName"];

/// Entries of rules, which settings of other programs may have too.
const ENTRIES: [&str; 3] = ["AllowedOrigin", "allowedOrigins", "allowed_origins"];

/// Whether the file has rules, or tells that it should have some: of a file that was not named, nothing else is a finding.
fn has_rules(path: &Path, source: &Source) -> bool {
    let has_one_of = |texts: &[&str]| texts.iter().any(|text| source.text.contains(text));
    let has_keys = has_one_of(&KEYS);
    let rules = &source.reading.rules;
    if !rules.is_empty() {
        // Lists of origins and methods may be of anything.
        return has_keys || is_named_so(path) || rules.iter().any(|rules| rules.is_typical);
    }
    (has_keys || is_named_so(path) && has_one_of(&ENTRIES)) && !source.is_about_other_things()
}

/// Whether what is not UTF-8 may have rules in another encoding, such as UTF-16.
fn has_signs(path: &Path, bytes: &[u8]) -> bool {
    let ascii: String = bytes.iter().filter(|byte| **byte != 0).map(|byte| char::from(*byte)).collect();
    is_named_so(path) || KEYS.iter().chain(&ENTRIES).any(|sign| ascii.contains(sign))
}

fn is_named_so(path: &Path) -> bool {
    path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase().contains("cors")
}
