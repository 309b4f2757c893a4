//! The lines, columns and bytes of locations in a document, in both formats.

#![cfg(all(feature = "json", feature = "xml"))]

use tower_s3_cors::document::{CorsDocument, Field, Location};

const JSON: &str = r#"{"CORSConfiguration": {"CORSRules": [
  {"ID": "é", "AllowedOrigins": ["https://a.example", "https://*.b.example"],
   "AllowedMethods": [
     "GET"], "MaxAgeSeconds": 600},
  {"ExposeHeaders": ["ETag"]}
]}}"#;

const XML: &str = r#"<?xml version="1.0"?>
<CORSConfiguration>
  <CORSRule><ID>é</ID><AllowedOrigin>https://a.example</AllowedOrigin>
    <AllowedMethod>
GET</AllowedMethod><AllowedOrigin>https://*.b.example</AllowedOrigin>
    <MaxAgeSeconds>600</MaxAgeSeconds></CORSRule>
  <CORSRule><ExposeHeader>ETag</ExposeHeader><AllowedHeader/></CORSRule>
</CORSConfiguration>"#;

fn field(rule: usize, field: Field) -> Location {
    Location::rule(rule).with_field(field)
}

/// A location, its expected line and column, and the start of the text there.
type Case = (Location, (usize, usize), &'static str);

fn check(document: &str, cases: &[Case]) {
    let document: CorsDocument = document.parse().expect("rules");
    for (location, expected, text) in cases {
        let position = document.position(*location);
        assert_eq!((position.line, position.column), *expected, "{location}");
        assert!(document.text()[document.span(*location)].starts_with(text), "{location}");
    }
}

#[test]
fn location_in_json_is_where_its_value_begins() {
    let origins = field(0, Field::AllowedOrigins);
    check(
        JSON,
        &[
            (Location::default(), (1, 1), "{\"CORSConfiguration\""),
            (Location::rule(0), (2, 3), "{\"ID\""),
            (field(0, Field::Id), (2, 10), "\"é\""),
            (origins, (2, 33), "["),
            (origins.with_index(0), (2, 34), "\"https://a"),
            (origins.with_index(1), (2, 55), "\"https://*.b.example\""),
            (field(0, Field::AllowedMethods).with_index(0), (4, 6), "\"GET\""),
            (field(0, Field::MaxAgeSeconds), (4, 31), "600"),
            (Location::rule(1), (5, 3), "{\"ExposeHeaders\""),
        ],
    );
}

#[test]
fn location_in_xml_is_where_its_content_begins() {
    let origins = field(0, Field::AllowedOrigins);
    check(
        XML,
        &[
            (Location::rule(0), (3, 13), "<ID>"),
            (field(0, Field::Id), (3, 17), "é"),
            (origins, (3, 38), "https://a.example"),
            (origins.with_index(0), (3, 38), "https://a.example"),
            (origins.with_index(1), (5, 35), "https://*.b.example"),
            (field(0, Field::MaxAgeSeconds), (6, 20), "600"),
            (field(1, Field::AllowedHeaders).with_index(0), (7, 46), "<AllowedHeader/>"),
        ],
    );
}

#[test]
fn location_that_is_missing_is_where_its_parent_begins() {
    let headers = field(0, Field::AllowedHeaders);
    let past_the_end = field(0, Field::AllowedOrigins).with_index(7);
    check(
        JSON,
        &[
            (headers, (2, 3), "{\"ID\""),
            (headers.with_index(3), (2, 3), "{\"ID\""),
            (past_the_end, (2, 33), "["),
            (Location::rule(9), (1, 1), "{"),
        ],
    );
}

/// The document is one line of 4 MB. Searching each position from its beginning would take minutes.
#[test]
fn positions_of_a_long_line_are_found_quickly() {
    let origins: Vec<String> = (0..100_000).map(|number| format!("\"https://{number}.example/é\"")).collect();
    let text = format!("[{{\"AllowedOrigins\":[{}],\"AllowedMethods\":[\"GET\"]}}]", origins.join(","));
    let document: CorsDocument = text.parse().expect("rules");
    let mut column = "[{\"AllowedOrigins\":[".len() + 1;
    for (index, origin) in origins.iter().enumerate() {
        let location = field(0, Field::AllowedOrigins).with_index(index);
        assert_eq!(document.position(location).column, column);
        column += origin.chars().count() + 1;
    }
}
