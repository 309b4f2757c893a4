//! A naive reference for the decision of a policy.

use http::{HeaderMap, HeaderValue};
use tower_s3_cors::CorsRule;

/// Checks the rules one by one, as S3 documents it: the first that matches origin, method and headers decides. An
/// origin that cannot be read is `None`.
pub fn naive(rules: &[CorsRule], origin: Option<&[u8]>, method: &[u8], names: &[Vec<u8>]) -> Option<usize> {
    rules.iter().position(|rule| {
        rule.allowed_methods.iter().any(|allowed| allowed.as_bytes() == method)
            && rule.allowed_origins.iter().any(|pattern| matches_origin(pattern, origin))
            && names.iter().all(|name| rule.allowed_headers.iter().any(|pattern| matches_name(pattern, name)))
    })
}

pub fn matches_origin(pattern: &str, origin: Option<&[u8]>) -> bool {
    let Some(origin) = origin else {
        return pattern == "*";
    };
    !pattern.is_empty()
        && (glob(pattern.as_bytes(), origin, <[u8]>::eq)
            || pattern == "https" && glob(b"https://*", origin, <[u8]>::eq))
        && (pattern != "https" || origin != b"https")
}

pub fn matches_name(pattern: &str, name: &[u8]) -> bool {
    glob(pattern.as_bytes(), name, <[u8]>::eq_ignore_ascii_case)
}

/// The Origin of a request, `None` inside if it cannot be read; `None` if there is none, an empty one included.
pub fn origin(headers: &HeaderMap) -> Option<Option<&[u8]>> {
    let lines: Vec<_> = headers.get_all("origin").iter().map(HeaderValue::as_bytes).collect();
    match lines[..] {
        [] | [b""] => None,
        [line] => Some(Some(line)),
        _ => Some(None),
    }
}

/// Matches a pattern in which one `*` stands for any bytes.
fn glob(pattern: &[u8], value: &[u8], same: fn(&[u8], &[u8]) -> bool) -> bool {
    let Some(star) = pattern.iter().position(|byte| *byte == b'*') else {
        return same(pattern, value);
    };
    let (prefix, suffix) = (&pattern[..star], &pattern[star + 1..]);
    value.len() >= prefix.len() + suffix.len()
        && same(prefix, &value[..prefix.len()])
        && same(suffix, &value[value.len() - suffix.len()..])
}

/// One text that the pattern matches. If the fill is a letter that no pattern has, another pattern matches this
/// text only if it matches all of them.
pub fn filled(pattern: &str, fill: &str) -> String {
    match pattern {
        "https" => format!("https://{fill}"),
        pattern => pattern.replacen('*', fill, 1),
    }
}

/// Splits the requested headers, without the library's own code.
pub fn names(headers: &HeaderMap) -> Vec<Vec<u8>> {
    let lines: Vec<_> =
        headers.get_all("access-control-request-headers").iter().map(HeaderValue::as_bytes).collect();
    let list = lines.join(&b',');
    let blank = |byte: &u8| *byte == b' ' || *byte == b'\t';
    list.split(|byte| *byte == b',')
        .map(|name| {
            let start = name.iter().position(|byte| !blank(byte)).unwrap_or(name.len());
            let end = name.iter().rposition(|byte| !blank(byte)).map_or(start, |last| last + 1);
            name[start..end].to_vec()
        })
        .filter(|name| !name.is_empty())
        .collect()
}
