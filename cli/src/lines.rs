//! From bytes of a text to lines and columns, and back.

use tower_s3_cors::document::Position;

/// The positions of each line and of each 256th column, so that a document on one line costs no more than any other.
#[derive(Debug)]
pub(crate) struct Lines(Vec<(usize, Position)>);

const START: Position = Position { line: 1, column: 1 };

impl Lines {
    pub(crate) fn new(text: &str) -> Self {
        let (mut at, mut marks) = (START, Vec::new());
        for (offset, c) in text.char_indices() {
            if at.column % 256 == 1 {
                marks.push((offset, at));
            }
            at = if c == '\n' {
                Position { line: at.line + 1, column: 1 }
            } else {
                Position { column: at.column + 1, ..at }
            };
        }
        marks.push((text.len(), at));
        Lines(marks)
    }

    pub(crate) fn position(&self, text: &str, offset: usize) -> Position {
        let after = self.0.partition_point(|(mark, _)| *mark <= offset);
        let (mark, at) = self.mark(after);
        let between = text.get(mark..offset).unwrap_or_default();
        Position { column: at.column + between.chars().count(), ..at }
    }

    pub(crate) fn offset(&self, text: &str, position: Position) -> usize {
        let after = self.0.partition_point(|(_, at)| *at <= position);
        let (mark, at) = self.mark(after);
        let between = text.get(mark..).unwrap_or_default();
        let columns = position.column.saturating_sub(at.column);
        between.char_indices().nth(columns).map_or(text.len(), |(offset, _)| mark + offset)
    }

    /// The last mark before that index.
    fn mark(&self, after: usize) -> (usize, Position) {
        self.0.get(..after).and_then(<[_]>::last).copied().unwrap_or((0, START))
    }
}
