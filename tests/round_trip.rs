//! A configuration that is written and parsed again is the same, in both formats.

#![cfg(all(feature = "json", feature = "xml"))]

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use tower_s3_cors::{CorsConfiguration, CorsPolicy, CorsRule};

/// Text with characters that need care: markup, quotes, line ends, blanks at both ends, all Unicode planes.
fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[ -~]{0,12}", "[\t\n\r <>&'\"\\]/é漢😀\u{7f}\u{85}\u{202e}\u{2028}\u{fffd}]{0,8}"]
}

fn origin() -> impl Strategy<Value = String> {
    let without_star = || text().prop_map(|text| text.replace('*', ""));
    prop_oneof![
        without_star(),
        (without_star(), without_star()).prop_map(|(prefix, suffix)| format!("{prefix}*{suffix}"))
    ]
}

fn rule() -> impl Strategy<Value = CorsRule> {
    let token = || "[a-zA-Z0-9!#$%&'+.^_`|~-]{0,8}";
    let method = prop::sample::select(&["GET", "PUT", "POST", "DELETE", "HEAD"][..]).prop_map(str::to_owned);
    let header =
        (token(), "\\*?", token()).prop_map(|(prefix, star, suffix)| format!("{prefix}{star}{suffix}"));
    (
        option::of(text().prop_filter("an empty ID is parsed as no ID", |id| !id.is_empty())),
        vec(origin(), 1..4),
        vec(method, 1..4),
        vec(header, 0..4),
        vec(token(), 0..4),
        option::of(any::<i32>()),
    )
        .prop_map(
            |(id, allowed_origins, allowed_methods, allowed_headers, expose_headers, max_age_seconds)| {
                CorsRule {
                    id,
                    allowed_origins,
                    allowed_methods,
                    allowed_headers,
                    expose_headers,
                    max_age_seconds,
                }
            },
        )
}

#[test]
fn every_valid_configuration_survives_a_round_trip() {
    TestRunner::new(test_support::random(2000))
        .run(&vec(rule(), 1..5), |rules| {
            let configuration = CorsConfiguration { rules };
            CorsPolicy::new(&configuration).expect("a valid configuration");
            let (xml, json) = (configuration.to_xml(), configuration.to_json());
            prop_assert_eq!(&CorsConfiguration::from_xml(&xml).unwrap(), &configuration, "{}", xml);
            prop_assert_eq!(&CorsConfiguration::from_json(&json).unwrap(), &configuration, "{}", json);
            prop_assert_eq!(&xml.parse::<CorsConfiguration>().unwrap(), &configuration);
            prop_assert_eq!(&json.parse::<CorsConfiguration>().unwrap(), &configuration);
            Ok(())
        })
        .unwrap();
}

#[test]
fn configurations_of_s3_clients_survive_a_round_trip() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/clients");
    let mut documents = 0;
    for entry in std::fs::read_dir(folder).expect("the corpus is part of the repository") {
        let configuration =
            CorsConfiguration::from_path(entry.expect("an entry").path()).expect("a valid document");
        assert_eq!(CorsConfiguration::from_xml(configuration.to_xml()), Ok(configuration.clone()));
        assert_eq!(CorsConfiguration::from_json(configuration.to_json()), Ok(configuration));
        documents += 1;
    }
    assert_eq!(documents, 4);
}

#[test]
fn documents_are_written_in_a_fixed_format() {
    let rule = CorsRule {
        id: Some("a & b".into()),
        allowed_origins: vec!["https://*.example.com".into(), "\r".into()],
        allowed_methods: vec!["GET".into()],
        allowed_headers: vec!["*".into()],
        expose_headers: vec!["ETag".into()],
        max_age_seconds: Some(0),
    };
    let configuration = CorsConfiguration { rules: vec![rule] };
    assert_eq!(
        configuration.to_xml(),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <CORSConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><CORSRule>\
         <ID>a &amp; b</ID>\
         <AllowedOrigin>https://*.example.com</AllowedOrigin><AllowedOrigin>&#13;</AllowedOrigin>\
         <AllowedMethod>GET</AllowedMethod><AllowedHeader>*</AllowedHeader><ExposeHeader>ETag</ExposeHeader>\
         <MaxAgeSeconds>0</MaxAgeSeconds></CORSRule></CORSConfiguration>"
    );
    assert_eq!(
        configuration.to_json(),
        r#"{
  "CORSRules": [
    {
      "ID": "a & b",
      "AllowedOrigins": [
        "https://*.example.com",
        "\r"
      ],
      "AllowedMethods": [
        "GET"
      ],
      "AllowedHeaders": [
        "*"
      ],
      "ExposeHeaders": [
        "ETag"
      ],
      "MaxAgeSeconds": 0
    }
  ]
}"#
    );
}

/// All other characters, of any script, are written unchanged.
#[test]
fn control_and_invisible_characters_are_escaped() {
    let write_id = |id: &str| {
        let rule = CorsRule { id: Some(id.into()), ..CorsRule::default() };
        let configuration = CorsConfiguration { rules: vec![rule] };
        let (xml, json) = (configuration.to_xml(), configuration.to_json());
        assert_eq!(CorsConfiguration::from_xml(&xml).as_ref(), Ok(&configuration));
        assert_eq!(CorsConfiguration::from_json(&json).as_ref(), Ok(&configuration));
        let between = |text: &str, (before, after): (&str, &str)| {
            let start = text.find(before).expect("an ID") + before.len();
            text[start..].split(after).next().expect("its end").to_owned()
        };
        (between(&xml, ("<ID>", "</ID>")), between(&json, ("\"ID\": \"", "\"\n")))
    };
    for (first, last) in [
        ('\u{7f}', '\u{9f}'),
        ('\u{61c}', '\u{61c}'),
        ('\u{200e}', '\u{200f}'),
        ('\u{2028}', '\u{202e}'),
        ('\u{2066}', '\u{2069}'),
    ] {
        for c in first..=last {
            let code = u32::from(c);
            assert_eq!(write_id(&format!("a{c}b")), (format!("a&#{code};b"), format!("a\\u{code:04x}b")));
        }
        for ordinary in [u32::from(first) - 1, u32::from(last) + 1].map(|code| char::from_u32(code).unwrap())
        {
            let text = format!("a{ordinary}b");
            assert_eq!(write_id(&text), (text.clone(), text));
        }
    }
    let ordinary = "é漢😀 نام\u{200c}ها 👩\u{200d}💻\u{a0}\u{feff}";
    assert_eq!(write_id(ordinary), (ordinary.into(), ordinary.into()));
}
