//! What roxmltree lets pass, or takes too long over: looked for in the text, before and after it reads.

use std::collections::HashSet;

use crate::config::error::ParseError;
use crate::config::quoted::Quoted;
use crate::config::text;

/// roxmltree copies every prefix in scope to each element that declares one, and compares it with each:
/// a minute for 48 KB of nested declarations. S3's clients declare one or none.
const MAX_PREFIXES: usize = 32;

/// Counted in the text, so before there is a document: what looks like a declaration is taken for one.
pub(super) fn before(document: &str) -> Result<(), ParseError> {
    let mut prefixes = HashSet::new();
    for (offset, start) in document.match_indices("xmlns:") {
        let prefix = document[offset + start.len()..].split(|c: char| c == '=' || c.is_whitespace()).next();
        prefixes.insert(prefix);
        if prefixes.len() > MAX_PREFIXES {
            let message = format!("more than {MAX_PREFIXES} namespace prefixes are declared");
            return Err(text::fault(document, offset, message));
        }
    }
    Ok(())
}

/// Refuses a reference to a number that no character has: roxmltree reads U+FFFD in its place.
pub(super) fn after(document: &str) -> Result<(), ParseError> {
    match no_character(document) {
        None => Ok(()),
        Some((offset, reference)) => {
            Err(text::fault(document, offset, format!("{} is no character", Quoted(reference))))
        }
    }
}

fn no_character(document: &str) -> Option<(usize, &str)> {
    let is = |rest: &str| numeric(rest).is_some_and(|reference| character(reference).is_none());
    let offset = find_markup(document, is)?;
    Some((offset, numeric(&document[offset..])?))
}

/// The reference to a number at the start of the text.
fn numeric(text: &str) -> Option<&str> {
    text.starts_with("&#").then(|| text.split_inclusive(';').next()).flatten()
}

fn character(reference: &str) -> Option<char> {
    let number = reference.trim_start_matches("&#").trim_end_matches(';');
    let number = match number.strip_prefix('x') {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => number.parse(),
    };
    char::from_u32(number.ok()?)
}

/// The first `<` or `&` that begins what is asked for, but for those that stand for themselves.
pub(super) fn find_markup(document: &str, is: impl Fn(&str) -> bool) -> Option<usize> {
    const PLAIN: [(&str, &str); 3] = [("<![CDATA[", "]]>"), ("<!--", "-->"), ("<?", "?>")];
    let mut rest = document;
    loop {
        rest = &rest[rest.find(['<', '&'])?..];
        rest = match PLAIN.iter().find(|(open, _)| rest.starts_with(open)) {
            Some((_, close)) => &rest[rest.find(close)?..],
            None if is(rest) => return Some(document.len() - rest.len()),
            None => &rest[1..],
        };
    }
}
