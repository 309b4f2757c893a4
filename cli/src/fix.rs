//! Suggestions applied in the text of a file, which changes nowhere else.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use tower_s3_cors::document::{Field, Location};
use tower_s3_cors::lint::Lint;
use tower_s3_cors::CorsConfiguration;

use crate::diagnostic::{Diagnostic, Failure};
use crate::input::Source;
use crate::read::{Rules, Syntax};
use crate::write::{json_string, yaml_scalar};

/// A value that is to be written in place of another.
pub(crate) struct Edit {
    /// The bytes that change, which are in those of the value.
    pub(crate) span: Range<usize>,
    /// What is written there.
    pub(crate) written: String,
    /// The bytes of the value.
    pub(crate) of: Range<usize>,
    value: String,
}

impl Edit {
    /// Whether the finding suggests it. What S3 refuses has its suggestion in the message.
    pub(crate) fn is_suggested_by(&self, finding: &Diagnostic) -> bool {
        let advice = format!("; write {:?}", self.value);
        finding.fix.as_ref() == Some(&self.value)
            || finding.s3.is_some() && finding.message.ends_with(&advice)
    }
}

/// The locations by their bytes.
type Places<'p> = HashMap<&'p Range<usize>, Vec<Location>>;

/// The certain suggestions of the document, in its order.
pub(crate) fn edits(source: &Source, is_wanted: impl Fn(&Rules, &Lint) -> bool) -> Vec<Edit> {
    // By place, as one entry may have several lints with the same suggestion, and an alias several entries.
    let mut edits: BTreeMap<usize, Edit> = BTreeMap::new();
    if source.reading.is_record {
        return Vec::new();
    }
    for rules in &source.reading.rules {
        let places = rules.spans.by_bytes();
        let lints = rules.configuration.lint().into_iter().filter(|lint| is_wanted(rules, lint));
        for edit in lints.filter_map(|lint| edit(source, rules, &places, &lint)) {
            edits.entry(edit.span.start).or_insert(edit);
        }
    }
    edits.into_values().collect()
}

/// How the lint's suggestion is written, if it is certain.
fn edit(source: &Source, rules: &Rules, places: &Places<'_>, lint: &Lint) -> Option<Edit> {
    let (value, fix) = lint.value().zip(lint.fix()).filter(|_| lint.is_fix_certain())?;
    let of = rules.spans.exactly(lint.location())?;
    // One expression may be several values: `split(",", "a,b")`.
    let is_it = |location: &Location| value_at(rules, *location).is_none_or(|other| other == value);
    if !places.get(&of)?.iter().all(is_it) {
        return None;
    }
    let (before, now) = (source.text.get(..of.start)?, source.text.get(of.clone())?);
    let is_bare = source.reading.syntax == Syntax::Yaml && now == value && !is_block(before);
    let (part, written) =
        if is_bare { (0..now.len(), bare(fix)) } else { written(now, value, fix, source.reading.syntax)? };
    let span = of.start + part.start..of.start + part.end;
    Some(Edit { span, written, of, value: fix.into() })
}

/// Whether a block of text begins in YAML, such as `>-`, after which nothing has quotes.
fn is_block(before: &str) -> bool {
    let header = before.trim_end();
    let is_last_line = before.get(header.len()..).is_some_and(|blank| !blank.contains('\n'));
    let is_indicator = |c: char| c.is_ascii_digit() || c == '-' || c == '+';
    !is_last_line && header.trim_end_matches(is_indicator).ends_with(['>', '|'])
}

/// A value of YAML that had no quotes, and has none unless it needs them: brackets, as those of IPv6, end it in a list such
/// as `[a, b]`.
fn bare(fix: &str) -> String {
    if is_safe(fix) && !fix.contains(['[', ']']) {
        fix.into()
    } else {
        yaml_scalar(fix)
    }
}

/// The part of what is there now that changes, and what is written in its place; none if the value is put together from
/// several parts.
fn written(now: &str, value: &str, fix: &str, syntax: Syntax) -> Option<(Range<usize>, String)> {
    let whole = 0..now.len();
    if now.contains("${") || now.contains("%{") {
        return None;
    }
    if let Some(part) = only_part(now, value).filter(|_| is_safe(fix)) {
        return Some((part, fix.into()));
    }
    let is_quoted = |quote: char| now.len() > 1 && now.starts_with(quote) && now.ends_with(quote);
    let written = match syntax {
        Syntax::Xml if !now.contains('<') => {
            fix.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
        }
        Syntax::Hcl if is_quoted('"') => json_string(fix).replace("${", "$${").replace("%{", "%%{"),
        Syntax::Json | Syntax::Yaml if is_quoted('"') => json_string(fix),
        Syntax::Yaml if is_quoted('\'') => format!("'{}'", fix.replace('\'', "''")),
        _ => return None,
    };
    Some((whole, written))
}

/// Where the value is written without escapes: inside of quotes, of CDATA, of a block of text, of a function.
fn only_part(now: &str, value: &str) -> Option<Range<usize>> {
    let mut parts = now.match_indices(value).map(|(start, part)| start..start + part.len());
    parts.next().filter(|part| !part.is_empty() && parts.next().is_none())
}

/// Whether no syntax has an escape for any of the characters, in no kind of quotes.
fn is_safe(fix: &str) -> bool {
    fix.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"*-._:/[]".contains(&byte))
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
    let (mut configuration, places) = (rules.configuration.clone(), rules.spans.by_bytes());
    for edit in edits {
        for location in places.get(&edit.of).into_iter().flatten() {
            set(&mut configuration, *location, &edit.value);
        }
    }
    configuration
}

/// The entry at the location, if it is one of a list.
fn value_at(rules: &Rules, location: Location) -> Option<&str> {
    let rule = rules.configuration.rules.get(location.rule?)?;
    let list = match location.field? {
        Field::AllowedOrigins => &rule.allowed_origins,
        Field::AllowedMethods => &rule.allowed_methods,
        Field::AllowedHeaders => &rule.allowed_headers,
        Field::ExposeHeaders => &rule.expose_headers,
        _ => return None,
    };
    list.get(location.index?).map(String::as_str)
}

/// Sets the value at the location, if there is one.
fn set(configuration: &mut CorsConfiguration, location: Location, value: &str) {
    let Some(rule) = location.rule.and_then(|rule| configuration.rules.get_mut(rule)) else {
        return;
    };
    let list = match location.field {
        Some(Field::AllowedOrigins) => &mut rule.allowed_origins,
        Some(Field::AllowedMethods) => &mut rule.allowed_methods,
        Some(Field::MaxAgeSeconds) => return rule.max_age_seconds = value.parse().ok(),
        // No name of a header has a suggestion.
        _ => return,
    };
    if let Some(entry) = location.index.and_then(|index| list.get_mut(index)) {
        value.clone_into(entry);
    }
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

    /// Every certain suggestion, in every format that is written: nothing else changes.
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
                    expected.replace_range(edit.span.clone(), &edit.written);
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
