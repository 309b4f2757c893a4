//! Malformed and hostile documents.

use proptest::prelude::*;
use proptest::sample::{select, Index};
use tower_s3_cors::document::{CorsDocument, Position};
use tower_s3_cors::error::{ParseFault, ProblemKind};
use tower_s3_cors::{CorsConfiguration, CorsPolicy, ParseError};

/// A format, and a valid document that uses all of its features.
#[derive(Debug)]
struct Format {
    read: fn(&[u8]) -> Result<CorsConfiguration, ParseError>,
    valid: &'static str,
}

const FORMATS: &[Format] = &[
    #[cfg(feature = "json")]
    Format {
        read: |document| CorsConfiguration::from_json(document),
        valid: r#"{"CORSConfiguration": { "CORSRules": [
  {"ID": "caf\u00e9 ☕", "AllowedOrigins": ["https://*.example.com", "*"], "AllowedMethods": ["GET"]},
  {"AllowedOrigins": ["null"], "AllowedMethods": ["PUT", "POST"], "AllowedHeaders": ["x-\"é\"", "*"],
   "ExposeHeaders": ["ETag"], "MaxAgeSeconds": -3000}
] }}"#,
    },
    #[cfg(feature = "xml")]
    Format {
        read: |document| CorsConfiguration::from_xml(document),
        valid: r#"<?xml version="1.0" encoding="UTF-8"?>
<!-- rules --><s3:CORSConfiguration xmlns:s3="http://s3.amazonaws.com/doc/2006-03-01/">
  <s3:CORSRule><s3:ID>caf&#xe9; &amp; ☕</s3:ID>
    <s3:AllowedOrigin>https://*.example.com</s3:AllowedOrigin>
    <s3:AllowedOrigin><![CDATA[*]]></s3:AllowedOrigin>
    <s3:AllowedMethod>GET</s3:AllowedMethod><s3:AllowedHeader/><?tool note?>
    <s3:ExposeHeader>ETag</s3:ExposeHeader><s3:MaxAgeSeconds> -3000 </s3:MaxAgeSeconds></s3:CORSRule>
</s3:CORSConfiguration>"#,
    },
];

/// Parses the document, once as the given format and once with the format detected, and checks the faults.
fn read(format: &Format, document: &[u8]) -> Result<CorsConfiguration, ParseError> {
    let read = (format.read)(document);
    if let Err(error) = &read {
        assert_sensible(document, error);
    }
    if let Ok(text) = std::str::from_utf8(document) {
        if let Err(error) = text.parse::<CorsConfiguration>() {
            assert_sensible(document, &error);
        }
    }
    read
}

/// Checks that each position is in the document and that each message is one line.
fn assert_sensible(document: &[u8], error: &ParseError) {
    let text = String::from_utf8_lossy(document);
    let text = text.trim_start_matches('\u{feff}');
    assert!(!error.faults().is_empty());
    for fault in error.faults() {
        let Position { line, column } = fault.position();
        let columns = text.split('\n').nth(line.wrapping_sub(1)).map(|line| line.chars().count() + 1);
        assert!(columns.is_some_and(|columns| (1..=columns).contains(&column)), "{fault} in {text:?}");
        assert!(!fault.message().is_empty() && !fault.message().contains(char::is_control), "{fault}");
    }
    assert!(error.faults().is_sorted_by_key(ParseFault::position));
}

/// Returns the message of an error that has exactly one fault.
#[cfg(any(feature = "json", feature = "xml"))]
fn only_message(error: &ParseError) -> String {
    assert_eq!(error.faults().len(), 1, "{error}");
    error.faults()[0].message()
}

#[test]
fn truncated_document_is_refused() {
    for format in FORMATS {
        let document = format.valid.as_bytes();
        assert_eq!(
            read(format, document).expect("valid").rules[0].id.as_deref().map(|id| &id[..5]),
            Some("café")
        );
        for end in 0..document.len() {
            read(format, &document[..end]).expect_err("truncated");
        }
    }
}

proptest! {
    #![proptest_config(test_support::random(3000))]

    #[test]
    fn random_bytes_give_an_error_or_rules(document in prop::collection::vec(any::<u8>(), 0..200)) {
        for format in FORMATS {
            let _ = read(format, &document);
        }
    }

    #[test]
    fn mutations_of_valid_documents_give_an_error_or_rules(edits in prop::collection::vec(edit(), 1..5)) {
        for format in FORMATS {
            let mut document = format.valid.as_bytes().to_vec();
            for (position, removed, inserted) in &edits {
                let start = position.index(document.len() + 1);
                let end = document.len().min(start + removed);
                document.splice(start..end, inserted.iter().copied());
            }
            // A configuration that parses can be written, and compiling it never panics.
            if let Ok(configuration) = read(format, &document) {
                let _ = configuration.to_xml();
                let _ = CorsPolicy::builder().credentials(true).build(&configuration).map_err(|e| e.to_string());
            }
        }
    }
}

/// A position, the number of bytes to remove there, and the bytes to insert.
fn edit() -> impl Strategy<Value = (Index, usize, Vec<u8>)> {
    const PIECES: &str = "\" \\ \\u \\ud800 { } [ ] , : null - 1e999 9999999999 < > </ /> & &# &#x110000; ; \
                          <![CDATA[ ]]> <!-- --> <? <!DOCTYPE \n \0 \u{feff} é";
    let inserted = prop_oneof![
        select(PIECES.split(' ').collect::<Vec<_>>()).prop_map(|piece| piece.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..4),
    ];
    (any::<Index>(), 0..12usize, inserted)
}

#[test]
fn byte_order_marks_are_skipped() {
    for format in FORMATS {
        for marks in ["\u{feff}", "\u{feff}\u{feff}"] {
            let marked = format!("{marks}{}", format.valid);
            let valid = read(format, format.valid.as_bytes());
            assert_eq!(read(format, marked.as_bytes()), valid);
            assert_eq!(marked.parse(), valid);
            let document = CorsDocument::from_bytes(&marked);
            assert_eq!(document.map(|document| document.configuration().clone()), valid);
        }
    }
}

#[test]
fn byte_that_is_not_utf_8_is_located() {
    for format in FORMATS {
        for broken in [b"\xff".as_slice(), b"\xc3\x28", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\x80"] {
            let document = format.valid.replace('☕', "@");
            let (before, after) = document.split_once('@').expect("the place");
            let error = read(format, &[before.as_bytes(), broken, after.as_bytes()].concat()).unwrap_err();
            let line = before.rsplit('\n').next().unwrap_or(before);
            let position = error.faults()[0].position();
            assert_eq!(
                (position.line, position.column),
                (before.matches('\n').count() + 1, line.chars().count() + 1)
            );
        }
    }
}

#[cfg(feature = "json")]
#[test]
fn ambiguous_json_is_refused() {
    for rule in [
        r#""AllowedOrigins": ["https://example.com"], "AllowedOrigins": ["*"]"#,
        r#""AllowedOrigins": ["https://example.com"], "allowed_origins": ["*"]"#,
        r#""AllowedOrigins": ["*"], "AllowedMethods": ["GET"], "ID": "a", "ID": "a""#,
        r#""AllowedOrigins": "*""#,
        r#""AllowedOrigins": null"#,
        r#""AllowedOrigins": [null]"#,
        r#""MaxAgeSeconds": "3000""#,
        r#""MaxAgeSeconds": 3000.0"#,
        r#""MaxAgeSeconds": 2147483648"#,
        r#""MaxAgeSeconds": -2147483649"#,
        r#""MaxAgeSeconds": 18446744073709551616"#,
        r#""MaxAgeSeconds": 340282366920938463463374607431768211456"#,
    ] {
        read(&FORMATS[0], format!("[{{{rule}}}]").as_bytes()).expect_err(rule);
    }
    for rule in [r#""MaxAgeSeconds": 2147483647"#, r#""MaxAgeSeconds": -2147483648"#, r#""MaxAgeSeconds": 0"#]
    {
        read(&FORMATS[0], format!("[{{{rule}}}]").as_bytes()).expect(rule);
    }
}

#[cfg(feature = "xml")]
mod xml {
    use super::*;

    fn rule(content: &str) -> Result<CorsConfiguration, ParseError> {
        let document = format!("<CORSConfiguration><CORSRule>{content}</CORSRule></CORSConfiguration>");
        read(FORMATS.last().expect("XML"), document.as_bytes())
    }

    #[test]
    fn ambiguous_xml_is_refused() {
        for content in [
            "<ID>a</ID><ID>a</ID>",
            "<MaxAgeSeconds>1</MaxAgeSeconds><MaxAgeSeconds>2</MaxAgeSeconds>",
            "<MaxAgeSeconds>2147483648</MaxAgeSeconds>",
            "<MaxAgeSeconds>-2147483649</MaxAgeSeconds>",
            "<MaxAgeSeconds>3000.0</MaxAgeSeconds>",
            "<AllowedOrigin>https://example.com<b>*</b></AllowedOrigin>",
            "<AllowedOrigin value=\"*\"/>",
        ] {
            rule(content).expect_err(content);
        }
        for content in
            ["<MaxAgeSeconds>2147483647</MaxAgeSeconds>", "<MaxAgeSeconds>-2147483648</MaxAgeSeconds>"]
        {
            rule(content).expect(content);
        }
    }

    #[test]
    fn entities_of_a_document_type_are_refused() {
        let mut laughs = String::from("<!ENTITY lol0 \"lol\">");
        for level in 1..10 {
            let below = format!("&lol{};", level - 1).repeat(10);
            laughs.push_str(&format!("<!ENTITY lol{level} \"{below}\">"));
        }
        for (entities, used) in [
            (laughs.as_str(), "&lol9;"),
            ("<!ENTITY file SYSTEM \"file:///etc/hostname\">", "&file;"),
            ("<!ENTITY % remote SYSTEM \"http://127.0.0.1/evil.dtd\"> %remote;", ""),
        ] {
            let document = format!(
                "<!DOCTYPE CORSConfiguration [{entities}]><CORSConfiguration><CORSRule>\
                 <AllowedOrigin>{used}</AllowedOrigin></CORSRule></CORSConfiguration>"
            );
            let error = read(FORMATS.last().expect("XML"), document.as_bytes()).unwrap_err();
            assert_eq!(only_message(&error), "a document type declaration is not allowed; remove it");
        }
    }

    /// Each element declares a prefix and inherits those of its ancestors.
    #[test]
    fn more_than_32_nested_prefixes_are_refused() {
        let open: String = (0..DEPTH).map(|number| format!("<a xmlns:p{number}=\"u\">")).collect();
        let error = on_a_small_stack(move || CorsConfiguration::from_xml(open)).unwrap_err();
        assert_eq!(only_message(&error), "more than 32 namespace prefixes are declared");
    }

    /// A `>` in an attribute value does not end the tag, and text that looks like a declaration is not one.
    #[test]
    fn prefixes_in_values_are_not_counted() {
        let each = |write: fn(usize) -> String| (0..40).map(write).collect::<String>();
        let hidden = each(|number| format!(" a{number}=\">\" xmlns:p{number}='u'"));
        let error = CorsConfiguration::from_xml(format!("<CORSConfiguration{hidden}/>")).unwrap_err();
        assert_eq!(only_message(&error), "more than 32 namespace prefixes are declared");
        let text = each(|number| format!(" 'xmlns:p{number}=\"u\""));
        let configuration = rule(&format!("<ID>{text}</ID><!-- <a {text}> -->")).expect("text");
        assert_eq!(configuration.rules[0].id.as_deref(), Some(&*text));
    }

    /// Some tools declare the prefix again on every element.
    #[test]
    fn prefix_on_every_element_is_read() {
        let element = |name: &str, text: &str| format!("<s3:{name} xmlns:s3=\"urn:s3\">{text}</s3:{name}>");
        let rule = element("AllowedOrigin", "*").repeat(100) + &element("AllowedMethod", "GET");
        let document = element("CORSConfiguration", &element("CORSRule", &rule));
        let configuration = read(FORMATS.last().expect("XML"), document.as_bytes()).expect("valid");
        assert_eq!(configuration.rules[0].allowed_origins.len(), 100);
    }

    #[test]
    fn deep_xml_is_refused() {
        let (open, close) = ("<a>".repeat(DEPTH), "</a>".repeat(DEPTH));
        for (document, message) in [
            (format!("{open}{close}"), "unknown root element \"a\", expected CORSConfiguration"),
            (
                format!("<CORSConfiguration>{open}{close}</CORSConfiguration>"),
                "unknown element \"a\", expected CORSRule",
            ),
            (open, "the document ends too early"),
        ] {
            let error = on_a_small_stack(move || CorsConfiguration::from_xml(document)).unwrap_err();
            assert_eq!(only_message(&error), message);
        }
        let document = format!(
            "<CORSConfiguration><CORSRule><ID>{}{}</ID></CORSRule></CORSConfiguration>",
            "<ID>".repeat(DEPTH),
            "</ID>".repeat(DEPTH)
        );
        let error = on_a_small_stack(move || CorsConfiguration::from_xml(document)).unwrap_err();
        assert_eq!(only_message(&error), "CORSRules[0].ID: unexpected element \"ID\", expected text");
    }
}

#[cfg(feature = "json")]
#[test]
fn deep_json_is_refused() {
    let (open, close) = ("[".repeat(DEPTH), "]".repeat(DEPTH));
    for document in [
        format!("{open}{close}"),
        open.clone(),
        format!("[{{\"AllowedOrigins\": {open}{close}}}]"),
        "{\"CORSConfiguration\":".repeat(DEPTH),
    ] {
        let error = on_a_small_stack(move || CorsConfiguration::from_json(document)).unwrap_err();
        assert_eq!(only_message(&error), "the document is nested too deeply");
    }
}

proptest! {
    #![proptest_config(test_support::random(20_000))]

    /// Whatever `serde_json` refuses is refused, except large numbers; whatever it accepts causes no syntax fault.
    #[cfg(feature = "json")]
    #[test]
    fn json_is_as_strict_as_serde_json(tokens in prop::collection::vec(select(TOKENS), 0..8)) {
        let text = tokens.concat();
        for document in [text.clone(), format!("[{text}]"), format!("\"{text}\"")] {
            let strict = serde_json::from_str::<serde_json::Value>(&document);
            let read = CorsConfiguration::from_json(&document);
            if let Some(error) = strict.as_ref().err().map(ToString::to_string) {
                prop_assert!(read.is_err() || error.contains("number out of range"), "{document:?}: {error}");
            }
            if strict.is_ok() {
                let faults = read.err().map(|error| error.to_string()).unwrap_or_default();
                prop_assert!(!SYNTAX.iter().any(|words| faults.contains(words)), "{document:?}: {faults}");
            }
        }
    }
}

#[cfg(feature = "json")]
const TOKENS: &[&str] = &[
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "\"",
    "\\",
    "\\u",
    "D800",
    "DC00",
    "0",
    "1",
    "-",
    ".",
    "e",
    "+",
    "null",
    "true",
    "a",
    "\t",
    "\n",
    "\u{1}",
    "\u{7f}",
    "\u{a0}",
    "\u{c}",
    "/",
    "*",
    "'",
    "“",
    "\\ud83d\\ude00",
    " ",
    "//",
    "NaN",
];

/// Words of the messages about invalid JSON syntax.
#[cfg(feature = "json")]
const SYNTAX: &[&str] = &[
    "expected a value",
    "expected a key",
    "expected \",\"",
    "expected \":\"",
    "comma",
    "quote",
    "escape",
    "ends too early",
    "comments",
    "white space",
    "number",
    "after the end",
];

#[cfg(any(feature = "json", feature = "xml"))]
const DEPTH: usize = 200_000;

#[cfg(any(feature = "json", feature = "xml"))]
fn on_a_small_stack<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let thread = std::thread::Builder::new().stack_size(2 * 1024 * 1024).spawn(work).expect("a thread");
    thread.join().expect("no panic")
}

#[test]
fn more_than_100_rules_are_refused() {
    for extended in [false, true] {
        let build = |count| CorsPolicy::builder().extended(extended).build(&test_support::rules(count));
        build(100).expect("100 rules");
        let error = build(101).unwrap_err();
        assert_eq!(error.problems().len(), 1);
        assert_eq!(error.problems()[0].kind(), ProblemKind::TooManyRules);
    }
}

#[test]
fn more_than_64_kb_are_refused_unless_extended() {
    let (largest, larger) = (test_support::sized(65_536), test_support::sized(65_537));
    assert_eq!((largest.to_xml().len(), larger.to_xml().len()), (65_536, 65_537));
    CorsPolicy::new(&largest).expect("64 KB");
    let error = CorsPolicy::new(&larger).unwrap_err();
    assert_eq!(error.problems().len(), 1);
    assert_eq!(error.problems()[0].kind(), ProblemKind::DocumentTooLarge);
    CorsPolicy::extended(&larger).expect("any size");
}
