//! XML in the midst of other text: what `s3cmd info`, `ossutil` or `curl --include` print, and files in a file.

const NAMES: [&str; 2] = ["CORSConfiguration", "CorsConfig"];

/// The text with blanks in place of all that is around its one XML document, so that every place stays where it is. None if
/// nothing is around it.
pub(super) fn alone(text: &str) -> Option<String> {
    let (start, end) = NAMES.iter().find_map(|name| document(text, name))?;
    let (before, rest) = text.split_at_checked(start)?;
    let (document, after) = rest.split_at_checked(end - start)?;
    let is_around = !is_prolog(before) || !after.trim().is_empty();
    is_around.then(|| blank(before) + document + &blank(after))
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
