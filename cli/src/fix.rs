//! Suggestions applied in the text of a file, which changes nowhere else.

use std::collections::BTreeMap;
use std::ops::Range;

use tower_s3_cors::document::{Field, Location};
use tower_s3_cors::lint::{Lint, Severity};
use tower_s3_cors::{CorsConfiguration, CorsRule};

use crate::diagnostic::{Diagnostic, Failure};
use crate::input::Source;
use crate::read::{Rules, Syntax};
use crate::write::{json_string, yaml_scalar};

/// Bytes of the text, the value that they are to have, and how that is written.
pub(crate) struct Edit {
    span: Range<usize>,
    value: String,
    written: String,
}

/// The suggestions for entries that can never do what they were meant for: no page can depend on such an entry.
pub(crate) fn edits(source: &Source, is_wanted: impl Fn(&Rules, &Lint) -> bool) -> Vec<Edit> {
    // By place, as one entry may have several lints with the same suggestion, and an alias several entries.
    let mut edits: BTreeMap<usize, Edit> = BTreeMap::new();
    for rules in &source.reading.rules {
        let lints = rules.configuration.lint().into_iter();
        let is_certain = |lint: &Lint| lint.severity() == Severity::Error && lint.location().index.is_some();
        for lint in lints.filter(|lint| is_certain(lint) && is_wanted(rules, lint)) {
            let span = rules.spans.of(lint.location());
            let now = source.text.get(span.clone()).unwrap_or_default();
            let written = lint.fix().and_then(|fix| Some((fix, written(now, fix, source.reading.syntax)?)));
            if let Some((value, written)) = written {
                edits.entry(span.start).or_insert(Edit { span, value: value.into(), written });
            }
        }
    }
    edits.into_values().collect()
}

/// The value as it is written in place of what is there now; none if that is no plain string.
fn written(now: &str, value: &str, syntax: Syntax) -> Option<String> {
    let is_quoted = |quote: char| now.len() > 1 && now.starts_with(quote) && now.ends_with(quote);
    match syntax {
        // Comments and CDATA are left alone.
        Syntax::Xml if !now.contains('<') => {
            Some(value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"))
        }
        Syntax::Hcl if is_quoted('"') => Some(json_string(value).replace("${", "$${").replace("%{", "%%{")),
        Syntax::Json | Syntax::Yaml if is_quoted('"') => Some(json_string(value)),
        Syntax::Yaml if is_quoted('\'') => Some(format!("'{}'", value.replace('\'', "''"))),
        Syntax::Yaml if !now.contains('\n') && !now.starts_with(['!', '&', '*', '|', '>']) => {
            Some(yaml_scalar(value))
        }
        _ => None,
    }
}

/// The text with the edits; an error if it would not have exactly the rules that the edits are for.
pub(crate) fn apply(source: &Source, edits: &[Edit]) -> Result<String, Failure> {
    let (mut text, mut end) = (String::new(), 0);
    for edit in edits {
        text += source.text.get(end..edit.span.start).unwrap_or_default();
        text += &edit.written;
        end = edit.span.end;
    }
    text += source.text.get(end..).unwrap_or_default();
    let expected: Vec<CorsConfiguration> =
        source.reading.rules.iter().map(|rules| expected(rules, edits)).collect();
    let read = source.read_again(&text).rules;
    let is_same = read.len() == expected.len()
        && read.iter().zip(&expected).all(|(rules, expected)| rules.configuration == *expected);
    if is_same {
        Ok(text)
    } else {
        let message = "the suggestions cannot be applied in its text; write them by hand";
        Err(Diagnostic::error(&source.name, message).into())
    }
}

/// The rules with the new values.
fn expected(rules: &Rules, edits: &[Edit]) -> CorsConfiguration {
    let mut configuration = rules.configuration.clone();
    for edit in edits {
        for location in rules.spans.at(&edit.span) {
            if let Some(entry) = entry(&mut configuration, location) {
                entry.clone_from(&edit.value);
            }
        }
    }
    configuration
}

fn entry(configuration: &mut CorsConfiguration, location: Location) -> Option<&mut String> {
    let rule: &mut CorsRule = configuration.rules.get_mut(location.rule?)?;
    let list = match location.field? {
        Field::AllowedOrigins => &mut rule.allowed_origins,
        Field::AllowedMethods => &mut rule.allowed_methods,
        Field::AllowedHeaders => &mut rule.allowed_headers,
        Field::ExposeHeaders => &mut rule.expose_headers,
        _ => return None,
    };
    list.get_mut(location.index?)
}

/// The changed lines as a patch without context. No edit adds or removes a line.
pub(crate) fn patch(source: &Source, text: &str) -> String {
    let name = &source.name;
    let mut patch = format!("--- {name}\n+++ {name}\n");
    let lines = source.text.split_inclusive('\n').zip(text.split_inclusive('\n'));
    for (number, (before, after)) in lines.enumerate().filter(|(_, (before, after))| before != after) {
        let line = number + 1;
        patch += &format!("@@ -{line} +{line} @@\n{}{}", marked('-', before), marked('+', after));
    }
    patch
}

fn marked(sign: char, line: &str) -> String {
    let end = if line.ends_with('\n') { "" } else { "\n\\ No newline at end of file\n" };
    format!("{sign}{line}{end}")
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;
    use serde_json::Value;

    use super::{apply, edits};
    use crate::input::Source;
    use crate::read::{read, Rules};
    use crate::write::To;

    /// The library's cases of lints, each as S3's JSON.
    fn cases() -> Vec<String> {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/corpus/lints.json");
        let text = std::fs::read_to_string(path).expect("the corpus is part of the repository");
        let cases: Vec<Value> = serde_json::from_str(&text).expect("a list of cases");
        cases.iter().map(|case| case["input"].to_string()).collect()
    }

    fn rules(json: &str) -> Rules {
        read(json, "json", None).rules.remove(0)
    }

    /// Every suggestion of severity error, in every format that is written: nothing else changes.
    #[test]
    fn suggestions_change_their_value_alone_in_every_format() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut count = 0;
        for case in cases() {
            for to in To::value_variants().iter().filter(|to| **to != To::Gcs) {
                let written = to.write(&[&rules(&case)]);
                let path = folder.path().join(format!("cors.{}", to.extension()));
                std::fs::write(&path, &written).expect("writable");
                let source = Source::read(&path, None).unwrap_or_else(|_| panic!("{case} {to:?}"));
                // XML has no way to write some characters, and templates take others for variables.
                if source.reading.rules.is_empty() {
                    continue;
                }
                let edits = edits(&source, |_, _| true);
                let mut expected = written.clone();
                for edit in edits.iter().rev() {
                    let now = written.get(edit.span.clone()).expect("a value");
                    let is_quoted = now.starts_with('"') && *to != To::Xml;
                    let quotes = if is_quoted { "\"" } else { "" };
                    expected.replace_range(edit.span.clone(), &format!("{quotes}{}{quotes}", edit.value));
                }
                let fixed =
                    apply(&source, &edits).unwrap_or_else(|failure| panic!("{}", failure.0[0].message));
                assert_eq!(fixed, expected, "{case} {to:?}");
                count += edits.len();
            }
        }
        assert!(count > 200, "{count}");
    }
}
