//! The line of a text that a message is about, as a terminal shows it.

use std::ops::Range;

use unicode_width::UnicodeWidthStr;

use crate::escape::is_terminal_control;

/// What is shown at most before, in and after the marked part, so that a document on one line does not fill the screen.
const BEFORE: usize = 60;
const MARKED: usize = 80;
const AFTER: usize = 40;
const CUT: &str = "...";

#[derive(Clone, Debug)]
pub(crate) struct Excerpt {
    pub(crate) line: String,
    /// The columns of the terminal before the marked part, and those of it.
    pub(crate) indent: usize,
    pub(crate) width: usize,
}

impl Excerpt {
    pub(crate) fn new(text: &str, span: Range<usize>) -> Self {
        let before = window(text, span.start.saturating_sub(WINDOW), span.start);
        let before = before.rsplit('\n').next().unwrap_or_default();
        let marked = first_line(window(text, span.start, span.end.min(span.start + WINDOW)));
        let end = span.start + marked.len();
        let after = first_line(window(text, end, end + WINDOW));
        let before = match before.char_indices().rev().nth(BEFORE - 1) {
            Some((start, _)) if start > 0 => CUT.to_owned() + &shown(before.get(start..).unwrap_or_default()),
            _ => shown(before),
        };
        let marked = cut(marked, MARKED);
        let line = format!("{before}{marked}{}", cut(after, AFTER));
        Excerpt { line: line.trim_end().into(), indent: before.width(), width: marked.width().max(1) }
    }
}

/// More bytes than are shown of any text: a line may be as long as its document.
const WINDOW: usize = 400;

/// The text between the offsets, without characters that are only partly between them.
fn window(text: &str, start: usize, end: usize) -> &str {
    let is_boundary = |at: &usize| text.is_char_boundary(*at);
    let start = (start..text.len()).find(is_boundary).unwrap_or(text.len());
    let end = (0..=end.min(text.len())).rev().find(is_boundary).unwrap_or_default();
    text.get(start..end).unwrap_or_default()
}

fn first_line(text: &str) -> &str {
    text.split('\n').next().unwrap_or_default()
}

fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => shown(text.get(..end).unwrap_or_default()) + CUT,
        None => shown(text),
    }
}

/// Text that a terminal shows as it is.
fn shown(text: &str) -> String {
    let text = text.trim_end_matches('\r').replace('\t', "    ");
    crate::escape::escape(&text, is_terminal_control, |c| c.escape_default().to_string())
}

/// The end of what begins at the offset: a string, a tag, a word, or one character.
pub(crate) fn end_of_token(text: &str, offset: usize) -> usize {
    let rest = first_line(window(text, offset, offset + WINDOW));
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let length = match rest.chars().next() {
        Some('"') => rest.get(1..).and_then(|inner| inner.find('"')).map(|end| end + 2),
        Some('<') => rest.find('>').map(|end| end + 1),
        Some(c) if is_word(c) => rest.find(|c| !is_word(c)).or(Some(rest.len())),
        _ => None,
    };
    let one = || rest.chars().next().map_or(0, char::len_utf8);
    offset + length.unwrap_or_else(one)
}
