//! What roxmltree lets pass, or takes too long over: looked for in the text, before and after it reads.

use std::collections::HashSet;

use crate::config::error::ParseError;
use crate::config::source_text;
use crate::pattern::Quoted;

/// roxmltree copies every prefix in scope to each element that declares one, and compares it with each:
/// a minute for 48 KB of nested declarations. S3's clients declare one or none.
const MAX_PREFIXES: usize = 32;

/// Refuses more prefixes than that, wherever they are declared.
pub(super) fn before(document: &str) -> Result<(), ParseError> {
    let mut prefixes = HashSet::new();
    let one_too_many = find_markup(document, |rest| {
        let declared = tag(rest).split("xmlns:").skip(1);
        prefixes.extend(declared.map(|rest| rest.split(|c: char| c == '=' || c.is_whitespace()).next()));
        prefixes.len() > MAX_PREFIXES
    });
    match one_too_many {
        None => Ok(()),
        Some(offset) => {
            let message = format!("more than {MAX_PREFIXES} namespace prefixes are declared");
            Err(source_text::fault(document, offset, message))
        }
    }
}

/// The tag at the start of the text. A value may have a `>`, but no `<`.
fn tag(text: &str) -> &str {
    let mut quote = None;
    let ends = |byte: u8| match quote {
        Some(open) => {
            quote = quote.filter(|_| byte != open);
            byte == b'<'
        }
        None => {
            quote = Some(byte).filter(|byte| b"\"'".contains(byte));
            b"<>".contains(&byte)
        }
    };
    match text.strip_prefix('<') {
        Some(inside) => inside.bytes().position(ends).map_or(inside, |end| &inside[..end]),
        None => "",
    }
}

/// Refuses a reference to a number that no character has: roxmltree reads U+FFFD in its location.
pub(super) fn after(document: &str) -> Result<(), ParseError> {
    match no_character(document) {
        None => Ok(()),
        Some((offset, reference)) => {
            Err(source_text::fault(document, offset, format!("{} is no character", Quoted(reference))))
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
pub(super) fn find_markup<'d>(document: &'d str, mut is: impl FnMut(&'d str) -> bool) -> Option<usize> {
    const PLAIN: [(&str, &str); 3] = [("<![CDATA[", "]]>"), ("<!--", "-->"), ("<?", "?>")];
    let mut rest = document;
    loop {
        rest = &rest[rest.find(['<', '&'])?..];
        let plain = PLAIN.iter().find_map(|(open, close)| Some((rest.strip_prefix(open)?, close)));
        rest = match plain {
            Some((inside, close)) => &inside[inside.find(close)?..],
            None if is(rest) => return Some(document.len() - rest.len()),
            None => &rest[1..],
        };
    }
}
