//! Documents: each reader reads or says where it cannot, and what is read, written and read again is the same.

use tower_s3_cors::document::{CorsDocument, Field, Location, Position};
use tower_s3_cors::error::ParseFault;
use tower_s3_cors::{CorsConfiguration, CorsPolicy, ParseError};

pub fn check(data: &[u8]) {
    let json = CorsConfiguration::from_json(data);
    let xml = CorsConfiguration::from_xml(data);
    let document = CorsDocument::from_bytes(data);
    for error in [json.as_ref().err(), xml.as_ref().err(), document.as_ref().err()].into_iter().flatten() {
        is_sensible(data, error);
    }
    for configuration in [&json, &xml].into_iter().flatten() {
        is_written(configuration);
    }
    if let Ok(document) = &document {
        has_positions(document);
        let read = [json, xml].into_iter().flatten().any(|read| read == *document.configuration());
        assert!(read, "the document is read as one of the formats");
    }
}

/// Each position is in the document, and each message is one line.
fn is_sensible(data: &[u8], error: &ParseError) {
    let text = String::from_utf8_lossy(data);
    let text = text.trim_start_matches('\u{feff}');
    assert!(!error.faults().is_empty());
    for fault in error.faults() {
        is_within(text, fault.position());
        let message = fault.message();
        assert!(!message.is_empty() && !message.contains(char::is_control), "{message:?}");
    }
    assert!(error.faults().is_sorted_by_key(ParseFault::position));
    assert!(!error.to_string().is_empty() && !error.s3_error().message().is_empty());
}

fn is_within(text: &str, Position { line, column }: Position) {
    let columns = text.split('\n').nth(line.wrapping_sub(1)).map(|line| line.chars().count() + 1);
    assert!(columns.is_some_and(|columns| (1..=columns).contains(&column)), "{line}:{column} of {text:?}");
}

/// JSON has all texts; XML those of valid policies.
fn is_written(configuration: &CorsConfiguration) {
    let json = configuration.to_json();
    let read = CorsConfiguration::from_json(&json);
    assert_eq!(read.as_ref(), Ok(&without_empty_ids(configuration)), "{json}");
    if CorsPolicy::extended(configuration).is_ok() {
        let xml = configuration.to_xml();
        let read = CorsConfiguration::from_xml(&xml);
        assert_eq!(read.as_ref(), Ok(&without_empty_ids(configuration)), "{xml}");
    }
}

/// An empty ID is read as none.
fn without_empty_ids(configuration: &CorsConfiguration) -> CorsConfiguration {
    let mut configuration = configuration.clone();
    configuration.rules.iter_mut().for_each(|rule| rule.id = rule.id.take().filter(|id| !id.is_empty()));
    configuration
}

/// Every entry is within its list, that within its rule, and all of them in the text.
fn has_positions(document: &CorsDocument) {
    let text = document.text();
    let whole = document.span(Location::default());
    for (number, rule) in document.configuration().rules.iter().enumerate() {
        let rule_at = Location::rule(number);
        let lists = [
            (Field::AllowedOrigins, rule.allowed_origins.len()),
            (Field::AllowedMethods, rule.allowed_methods.len()),
            (Field::AllowedHeaders, rule.allowed_headers.len()),
            (Field::ExposeHeaders, rule.expose_headers.len()),
        ];
        let entries = lists.into_iter().flat_map(|(field, count)| {
            (0..count).map(move |index| rule_at.with_field(field).with_index(index))
        });
        let singles = [Field::Id, Field::MaxAgeSeconds].map(|field| rule_at.with_field(field));
        for location in entries.chain(singles).chain([rule_at]) {
            let (outer, inner) = (document.span(rule_at), document.span(location));
            assert!(whole.start <= outer.start && outer.end <= whole.end, "{location}");
            assert!(outer.start <= inner.start && inner.end <= outer.end, "{location}");
            assert!(text.get(inner).is_some(), "{location}");
            is_within(text, document.position(location));
        }
    }
}
