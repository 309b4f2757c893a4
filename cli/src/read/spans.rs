//! The bytes of each location of a configuration, whatever it was read from.

use std::collections::HashMap;
use std::ops::Range;

use tower_s3_cors::document::{CorsDocument, Field, Location};

use super::format::FIELDS;

#[derive(Debug)]
pub(crate) struct Spans(HashMap<Location, Range<usize>>);

impl Spans {
    pub(super) fn new(whole: Range<usize>) -> Self {
        Spans(HashMap::from([(Location::default(), whole)]))
    }

    pub(super) fn of_document(document: &CorsDocument) -> Self {
        let mut spans = Spans::new(document.span(Location::default()));
        let mut push = |location: Location| spans.push(location, document.span(location));
        for (number, rule) in document.configuration().rules.iter().enumerate() {
            let rule_at = Location::rule(number);
            push(rule_at);
            for field in FIELDS {
                let entries = match field {
                    Field::AllowedOrigins => rule.allowed_origins.len(),
                    Field::AllowedMethods => rule.allowed_methods.len(),
                    Field::AllowedHeaders => rule.allowed_headers.len(),
                    Field::ExposeHeaders => rule.expose_headers.len(),
                    _ => 0,
                };
                push(rule_at.with_field(field));
                (0..entries).for_each(|index| push(rule_at.with_field(field).with_index(index)));
            }
        }
        spans
    }

    pub(super) fn push(&mut self, location: Location, span: Range<usize>) {
        self.0.insert(location, span);
    }

    /// The location has the bytes of another.
    pub(super) fn again(&mut self, location: Location, other: Location) {
        let span = self.of(other);
        self.push(location, span);
    }

    /// The locations by their bytes: an alias, for one, gives the same to several.
    pub(crate) fn by_bytes(&self) -> HashMap<&Range<usize>, Vec<Location>> {
        let mut places: HashMap<&Range<usize>, Vec<Location>> = HashMap::new();
        for (location, bytes) in &self.0 {
            places.entry(bytes).or_default().push(*location);
        }
        places
    }

    /// The bytes at the location; none if it is not in the document.
    pub(crate) fn exactly(&self, location: Location) -> Option<Range<usize>> {
        self.0.get(&location).cloned()
    }

    /// The bytes at the location, or those of the smallest part that it would be in.
    pub(crate) fn of(&self, location: Location) -> Range<usize> {
        let mut field = location;
        field.index = None;
        let rule = location.rule.map(Location::rule).unwrap_or_default();
        let span =
            [location, field, rule, Location::default()].iter().find_map(|location| self.0.get(location));
        span.cloned().unwrap_or_default()
    }
}
