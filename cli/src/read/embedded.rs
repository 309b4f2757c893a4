//! Rules in the midst of other text: what `s3cmd info`, `ossutil` or `curl --include` print, scripts, pages with examples.

use std::ops::Range;

use super::Syntax;

const NAMES: [&str; 2] = ["CORSConfiguration", "CorsConfig"];

/// The text with blanks in place of all that is around its one XML document, so that every place stays where it is. None if
/// nothing is around it.
pub(super) fn xml(text: &str) -> Option<String> {
    let (start, end) = NAMES.iter().find_map(|name| document(text, name))?;
    let (before, rest) = text.split_at_checked(start)?;
    let (document, after) = rest.split_at_checked(end - start)?;
    let is_around = !is_prolog(before) || !after.trim().is_empty();
    is_around.then(|| blank(before) + document + &blank(after))
}

/// Extensions of what is no document in any of the syntaxes, but may have one in it.
const OTHERS: [&str; 23] = [
    "adoc", "bash", "bat", "bicep", "cmd", "cs", "go", "html", "java", "js", "kt", "md", "mdx", "mjs", "php",
    "ps1", "py", "rb", "rs", "rst", "sh", "ts", "tsx",
];

pub(super) fn is_no_document(extension: &str) -> bool {
    OTHERS.contains(&extension)
}

/// Brackets that nothing closes are looked at so often, so that the work stays linear.
const MAX_UNCLOSED: usize = 20;
/// The parts that are read at most, and the bytes of a text that is searched, for the same reason.
const MAX_PARTS: usize = 20;
const MAX_BYTES: usize = 1024 * 1024;

/// The parts that may be documents with rules, each with blanks in place of all that is around it: those between Markdown's
/// fences, and whatever is in brackets. A file of JSON has nothing around it, or its own tools would refuse it.
pub(super) fn parts<'t>(text: &'t str, extension: &str) -> impl Iterator<Item = (Syntax, String)> + 't {
    let whole = 0..text.len();
    let parts = match extension {
        "json" => Vec::new(),
        _ if text.len() > MAX_BYTES => Vec::new(),
        "md" | "mdx" => {
            fenced(text).into_iter().flat_map(|(syntax, part)| within(text, syntax, part)).collect()
        }
        _ => within(text, Syntax::Json, whole),
    };
    let has_names = |part: &Range<usize>| {
        let part = text.get(part.clone()).unwrap_or_default();
        NAMES_OF_ORIGINS.iter().any(|name| part.contains(name))
    };
    parts.into_iter().filter(move |(_, part)| has_names(part)).take(MAX_PARTS).map(move |(syntax, part)| {
        let [before, inner, after] = [0..part.start, part.clone(), part.end..text.len()]
            .map(|range| text.get(range).unwrap_or_default());
        (syntax, blank(before) + inner + &blank(after))
    })
}

const NAMES_OF_ORIGINS: [&str; 4] = ["llowedOrigin", "allowed_origins", "\"origin\"", "\"origins\""];

/// What is between Markdown's fences.
fn fenced(text: &str) -> Vec<(Syntax, Range<usize>)> {
    let (mut found, mut open, mut at) = (Vec::new(), None::<(Syntax, usize)>, 0);
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let Some(language) = line.trim().strip_prefix("```") else {
            continue;
        };
        open = match open {
            Some((syntax, begin)) => {
                found.push((syntax, begin..start));
                None
            }
            None => Some((syntax_of(language), at)),
        };
    }
    found
}

/// The syntax of a fence; in a command there may be JSON.
fn syntax_of(language: &str) -> Syntax {
    match language.split(|c: char| !c.is_ascii_alphanumeric()).next() {
        Some("xml") => Syntax::Xml,
        Some("yaml" | "yml") => Syntax::Yaml,
        Some("hcl" | "tf" | "terraform") => Syntax::Hcl,
        _ => Syntax::Json,
    }
}

/// The documents of that syntax in the part.
fn within(text: &str, syntax: Syntax, part: Range<usize>) -> Vec<(Syntax, Range<usize>)> {
    if syntax != Syntax::Json {
        return vec![(syntax, part)];
    }
    let brackets = bracketed(text.get(part.clone()).unwrap_or_default()).into_iter();
    brackets.map(|inner| (syntax, part.start + inner.start..part.start + inner.end)).collect()
}

/// The outermost brackets of JSON with what is in them. Those of a shell or of HCL are followed by a name.
fn bracketed(text: &str) -> Vec<Range<usize>> {
    let (mut found, mut at, mut unclosed) = (Vec::new(), 0, 0);
    let is_json =
        |rest: &str| rest.get(1..).is_some_and(|rest| rest.trim_start().starts_with(['"', '{', '[']));
    while let Some(start) = text.get(at..).and_then(|rest| rest.find(['{', '['])).map(|start| at + start) {
        let rest = text.get(start..).unwrap_or_default();
        at = start + 1;
        if !is_json(rest) {
            continue;
        }
        match closed(rest) {
            Some(length) => {
                found.push(start..start + length);
                at = start + length;
            }
            None if unclosed < MAX_UNCLOSED => unclosed += 1,
            None => break,
        }
    }
    found
}

/// The bytes up to the bracket that closes the first one.
fn closed(text: &str) -> Option<usize> {
    let (mut depth, mut is_string, mut is_escaped) = (0_usize, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_string => is_escaped = true,
            b'"' => is_string = !is_string,
            _ if is_string => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

fn document(text: &str, name: &str) -> Option<(usize, usize)> {
    let tag = format!("<{name}");
    let is_end = |c: char| c == '>' || c.is_whitespace();
    let mut starts = text.match_indices(&tag).map(|(start, _)| start);
    let start = starts.next().filter(|_| starts.next().is_none())?;
    text.get(start + tag.len()..)?.starts_with(is_end).then_some(())?;
    let close = format!("</{name}>");
    let end = text.rfind(&close).filter(|end| *end > start)?;
    Some((start, end + close.len()))
}

fn is_prolog(before: &str) -> bool {
    let before = before.trim();
    before.is_empty() || before.starts_with("<?xml") && before.ends_with("?>")
}

fn blank(text: &str) -> String {
    text.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect()
}
