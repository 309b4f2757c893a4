//! What is written is read back the same, whatever characters the rules have.

use clap::ValueEnum;
use tower_s3_cors::{CorsConfiguration, CorsRule};

use super::To;
use crate::read::{read, tests::documents, Rules};

/// The formats whose rules are S3's.
fn formats() -> impl Iterator<Item = To> {
    To::value_variants().iter().copied().filter(|to| *to != To::Gcs)
}

fn rules_of(text: &str, to: To) -> Vec<CorsConfiguration> {
    read(text, to.extension(), None).rules.into_iter().map(|rules| rules.configuration).collect()
}

#[test]
fn documents_are_written_and_read_back_in_every_format() {
    let mut count = 0;
    for (path, text) in documents() {
        let extension = path.extension().and_then(|extension| extension.to_str()).expect("an extension");
        let reading = read(&text, extension, None);
        let is_known = |rules: &&Rules| rules.unknown.is_empty() && !rules.configuration.rules.is_empty();
        for rules in reading.rules.iter().filter(is_known) {
            for to in formats() {
                let written = to.write(&[rules]);
                assert!(written.ends_with('\n') && !written.ends_with("\n\n"), "{written}");
                assert_eq!(
                    rules_of(&written, to),
                    std::slice::from_ref(&rules.configuration),
                    "{path:?} {to:?} {written}"
                );
                count += 1;
            }
        }
    }
    assert!(count > 300);
}

/// Texts that one of the syntaxes takes for something else.
const TEXTS: [&str; 32] = [
    "",
    " a ",
    "true",
    "No",
    "null",
    "~",
    "123",
    "1e3",
    "0x1f",
    "-",
    "- a",
    "a: b",
    "a:",
    "#",
    "a #b",
    "*",
    "&a",
    "!Ref a",
    "%a",
    "@a",
    "\"",
    "'",
    "\\",
    "\\n",
    "a\nb",
    "\ta\r\n",
    "é界\u{1f600}",
    "\u{85}\u{2028}\u{feff}",
    "<a>&amp;]]>",
    "{a}",
    "%{ if }",
    "<<EOF",
];

fn rule(text: &str) -> CorsRule {
    let id = (!text.is_empty()).then(|| text.to_owned());
    CorsRule {
        id,
        max_age_seconds: Some(-1),
        ..CorsRule::new([text, "b"], [text]).allow_headers([text]).expose_headers([text])
    }
}

fn as_rules(configuration: CorsConfiguration) -> Rules {
    Rules { configuration, ..read("[]", "json", None).rules.remove(0) }
}

#[test]
fn any_text_is_written_and_read_back_in_every_format() {
    for text in TEXTS {
        let rules = as_rules(rule(text).into());
        for to in formats() {
            let written = to.write(&[&rules]);
            assert_eq!(
                rules_of(&written, to),
                std::slice::from_ref(&rules.configuration),
                "{text:?} {to:?} {written}"
            );
        }
    }
}

/// Terraform has a way to write it as text; in other templates the reader cannot know that it is.
#[test]
fn variable_of_a_template_is_text_in_terraform() {
    let rules = as_rules(rule("https://${var.a}%{ if a }").into());
    let written = To::Terraform.write(&[&rules]);
    assert!(written.contains("https://$${var.a}%%{ if a }"), "{written}");
    assert_eq!(rules_of(&written, To::Terraform), [rules.configuration]);
}

#[test]
fn google_rules_are_written_and_read_back_the_same() {
    let rule =
        CorsRule::new(["*"], ["GET"]).allow_headers(["a"]).expose_headers(["A", "b"]).max_age(1).id("x");
    let written = To::Gcs.write(&[&as_rules(rule.into())]);
    let expected =
        CorsRule::new(["*"], ["GET"]).allow_headers(["a", "b"]).expose_headers(["a", "b"]).max_age(1);
    assert_eq!(rules_of(&written, To::Gcs), [expected.into()]);
    let again = read(&written, "json", None).rules.remove(0);
    assert_eq!(To::Gcs.write(&[&again]), written);
}
