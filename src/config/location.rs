//! A location in a configuration, written the same for each format, and a position in a text.

use std::fmt;

/// A field of a rule, under the name that JSON gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Field {
    /// `ID`
    Id,
    /// `AllowedOrigins`, in XML `AllowedOrigin`
    AllowedOrigins,
    /// `AllowedMethods`, in XML `AllowedMethod`
    AllowedMethods,
    /// `AllowedHeaders`, in XML `AllowedHeader`
    AllowedHeaders,
    /// `ExposeHeaders`, in XML `ExposeHeader`
    ExposeHeaders,
    /// `MaxAgeSeconds`
    MaxAgeSeconds,
}

impl Field {
    pub(super) const ALL: [Field; 6] = [
        Field::Id,
        Field::AllowedOrigins,
        Field::AllowedMethods,
        Field::AllowedHeaders,
        Field::ExposeHeaders,
        Field::MaxAgeSeconds,
    ];

    fn names(self) -> (&'static str, &'static str) {
        match self {
            Field::Id => ("ID", "ID"),
            Field::AllowedOrigins => ("AllowedOrigins", "AllowedOrigin"),
            Field::AllowedMethods => ("AllowedMethods", "AllowedMethod"),
            Field::AllowedHeaders => ("AllowedHeaders", "AllowedHeader"),
            Field::ExposeHeaders => ("ExposeHeaders", "ExposeHeader"),
            Field::MaxAgeSeconds => ("MaxAgeSeconds", "MaxAgeSeconds"),
        }
    }

    /// The field's name in JSON, which is also the one in messages.
    pub fn as_str(self) -> &'static str {
        self.names().0
    }

    /// The name of the XML element that holds one value of this field.
    pub(crate) fn element(self) -> &'static str {
        self.names().1
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A location in a configuration: a rule, a field of it, an entry of the field's list, or the whole.
///
/// Printed, it is a path such as `CORSRules[0].AllowedOrigins[2]`, for XML too.
/// [`CorsDocument::position`](crate::document::CorsDocument::position) gives its line and column in a document.
///
/// ```
/// use tower_s3_cors::document::{Field, Location};
///
/// let location = Location::rule(0).with_field(Field::AllowedOrigins).with_index(2);
/// assert_eq!(location.to_string(), "CORSRules[0].AllowedOrigins[2]");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Location {
    /// The rule, counted from 0; `None` for the whole configuration.
    pub rule: Option<usize>,
    /// The field of the rule; `None` for the whole rule.
    pub field: Option<Field>,
    /// The entry of the field's list, counted from 0; `None` for the whole list, or the value that is no list.
    pub index: Option<usize>,
}

impl Location {
    /// The whole rule, counted from 0.
    pub fn rule(rule: usize) -> Self {
        Location { rule: Some(rule), ..Location::default() }
    }

    /// A field of the rule.
    #[must_use]
    pub fn with_field(self, field: Field) -> Self {
        Location { field: Some(field), ..self }
    }

    /// An entry of the field's list, counted from 0.
    #[must_use]
    pub fn with_index(self, index: usize) -> Self {
        Location { index: Some(index), ..self }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CORSRules")?;
        if let Some(rule) = self.rule {
            write!(f, "[{rule}]")?;
        }
        if let Some(field) = self.field {
            write!(f, ".{field}")?;
        }
        if let Some(index) = self.index {
            write!(f, "[{index}]")?;
        }
        Ok(())
    }
}

/// A line and a column of a text.
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

const START: Position = Position { line: 1, column: 1 };

/// Positions in one text: from the offset of a byte to its line and column, and back.
///
/// Each lookup reads at most 256 columns, so that a text on one line costs no more than any other.
///
/// ```
/// use tower_s3_cors::document::{LineIndex, Position};
///
/// let text = "one\ntwo";
/// let index = LineIndex::new(text);
/// let position = Position { line: 2, column: 2 };
/// assert_eq!(index.position(text, 5), position);
/// assert_eq!(index.offset(text, position), 5);
/// ```
#[derive(Clone, Debug)]
pub struct LineIndex(Vec<(usize, Position)>);

impl LineIndex {
    /// Marks each line of the text, and each 256th column.
    pub fn new(text: &str) -> Self {
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
        LineIndex(marks)
    }

    /// The position of the byte at the offset in the same text.
    pub fn position(&self, text: &str, offset: usize) -> Position {
        let (mark, at) = self.mark(self.0.partition_point(|(mark, _)| *mark <= offset));
        let between = text.get(mark..offset).unwrap_or_default();
        Position { column: at.column + between.chars().count(), ..at }
    }

    /// The offset of the first byte at the position in the same text; the text's end for a position after it.
    pub fn offset(&self, text: &str, position: Position) -> usize {
        let (mark, at) = self.mark(self.0.partition_point(|(_, at)| *at <= position));
        let columns = position.column.saturating_sub(at.column);
        let mut characters = text.get(mark..).unwrap_or_default().char_indices();
        characters.nth(columns).map_or(text.len(), |(offset, _)| mark + offset)
    }

    /// The last mark before that index.
    fn mark(&self, after: usize) -> (usize, Position) {
        self.0.get(..after).and_then(<[_]>::last).copied().unwrap_or((0, START))
    }
}
