//! Text: from bytes to characters, and from bytes to lines and columns.

use std::fmt;

/// A place in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line, counted from 1.
    pub line: usize,
    /// The column, counted in characters from 1.
    pub column: usize,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// The positions of some bytes of a text, so that none is far from another one: at most one document is on one line.
#[derive(Clone, Debug)]
pub(super) struct LineIndex(Vec<(usize, Position)>);

impl LineIndex {
    pub(super) fn new(text: &str) -> Self {
        const STEP: usize = 256;
        let (mut at, mut marks) = (Position { line: 1, column: 1 }, Vec::new());
        let mut next = 0;
        for (offset, c) in text.char_indices() {
            if offset >= next {
                marks.push((offset, at));
                next = offset + STEP;
            }
            at = if c == '\n' {
                next = offset + 1;
                Position { line: at.line + 1, column: 1 }
            } else {
                Position { column: at.column + 1, ..at }
            };
        }
        marks.push((text.len(), at));
        LineIndex(marks)
    }

    pub(super) fn position(&self, text: &str, offset: usize) -> Position {
        let after = self.0.partition_point(|(mark, _)| *mark <= offset);
        let (mark, at) =
            after.checked_sub(1).and_then(|last| self.0.get(last)).copied().unwrap_or((0, FIRST));
        let between = text.get(mark..offset).unwrap_or_default();
        Position { column: at.column + between.chars().count(), ..at }
    }
}

const FIRST: Position = Position { line: 1, column: 1 };

const BYTE_ORDER_MARK: char = '\u{feff}';

pub(super) fn without_mark(text: &str) -> &str {
    text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text)
}
