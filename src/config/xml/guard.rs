//! What roxmltree lets pass, or takes too long over: looked for in the text, before and after it reads.

use std::collections::HashSet;

use crate::config::error::Fault;
use crate::pattern::Quoted;

/// roxmltree copies every prefix in scope to each element that declares one, and compares it with each:
/// a minute for 48 KB of nested declarations. S3's clients declare one or none.
const MAX_PREFIXES: usize = 32;
/// It compares each attribute of an element with all others, too.
const MAX_ATTRIBUTES: usize = 64;

/// Refuses more prefixes than that, wherever they are declared, and more attributes in one tag.
pub(super) fn before(text: &str) -> Result<(), Fault> {
    let mut prefixes = HashSet::new();
    let mut limit = None;
    let offset = find_markup(text, |rest| {
        let tag = tag(rest);
        let declared = tag.split("xmlns:").skip(1);
        prefixes.extend(declared.map(|rest| rest.split(|c: char| c == '=' || c.is_whitespace()).next()));
        if prefixes.len() > MAX_PREFIXES {
            limit = Some(format!("more than {MAX_PREFIXES} namespace prefixes are declared"));
        } else if attributes(tag) > MAX_ATTRIBUTES {
            limit = Some(format!("the element has more than {MAX_ATTRIBUTES} attributes"));
        }
        limit.is_some()
    });
    offset.zip(limit).map_or(Ok(()), |(offset, message)| Err(Fault::new(offset, message)))
}

/// The number of equals signs outside of quotes.
fn attributes(tag: &str) -> usize {
    let mut quote = None;
    let is_outside = |byte: &u8| {
        match quote {
            Some(open) if open == *byte => quote = None,
            None if b"\"'".contains(byte) => quote = Some(*byte),
            _ => return quote.is_none() && *byte == b'=',
        }
        false
    };
    tag.bytes().filter(is_outside).count()
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
    let Some(inside) = text.strip_prefix('<') else {
        return "";
    };
    let end = inside.bytes().position(ends).unwrap_or(inside.len());
    inside.get(..end).unwrap_or(inside)
}

/// Refuses a reference to a number that no character has: roxmltree reads U+FFFD in its place.
pub(super) fn after(text: &str) -> Result<(), Fault> {
    let is_bad = |rest: &str| numeric(rest).is_some_and(|reference| character(reference).is_none());
    let Some(offset) = find_markup(text, is_bad) else {
        return Ok(());
    };
    let reference = text.get(offset..).and_then(numeric).unwrap_or_default();
    Err(Fault::new(offset, format!("{} is not a character", Quoted(reference))))
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
