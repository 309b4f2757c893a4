//! What is printed about the changes: for people, for programs, and for GitHub.

use serde_json::{json, Value};
use tower_s3_cors::diff::{Change, ChangeKind, Part, PolicyDiff, Witness};
use tower_s3_cors::document::{Field, Location};
use tower_s3_cors::{CorsPolicy, CorsRule};

use crate::diagnostic::{Diagnostic, Level};
use crate::escape::{escaped, escaped_json};
use crate::input::Source;
use crate::read::Rules;
use crate::render;

/// Two files, bucket by bucket.
pub(super) struct Report<'s> {
    pub(super) old: &'s Source,
    pub(super) new: &'s Source,
    pub(super) buckets: Vec<Bucket<'s>>,
}

/// What changes for a bucket.
pub(super) struct Bucket<'s> {
    /// Empty if there is one only.
    pub(super) name: String,
    pub(super) found: Found<'s>,
}

pub(super) enum Found<'s> {
    Compared { diff: PolicyDiff, policy: CorsPolicy, rules: &'s Rules },
    OnlyInOld,
    OnlyInNew,
}

impl Report<'_> {
    pub(super) fn is_same(&self) -> bool {
        self.buckets.iter().all(|bucket| bucket.diff().is_some_and(PolicyDiff::is_same))
    }

    pub(super) fn is_widening(&self) -> bool {
        self.buckets.iter().any(|bucket| match &bucket.found {
            Found::Compared { diff, .. } => diff.is_widening(),
            Found::OnlyInOld => false,
            Found::OnlyInNew => true,
        })
    }

    /// The summary of each bucket, and below it what changes.
    pub(super) fn human(&self) -> String {
        let text = |bucket: &Bucket<'_>| match bucket.diff() {
            Some(diff) if !diff.changes().is_empty() => format!("{}\n\n{diff}\n", self.summary(bucket)),
            _ => self.summary(bucket) + "\n",
        };
        self.buckets.iter().map(text).collect::<Vec<_>>().join("\n")
    }

    fn summary(&self, bucket: &Bucket<'_>) -> String {
        let name =
            if bucket.name.is_empty() { String::new() } else { format!("{}: ", escaped(&bucket.name)) };
        let (old, new) = (&self.old.name, &self.new.name);
        name + &match &bucket.found {
            Found::Compared { diff, .. } => diff.summary(),
            Found::OnlyInOld => format!("only {old} has rules for it, and what they grant is lost"),
            Found::OnlyInNew => format!("only {new} has rules for it, and what they grant is newly granted"),
        }
    }

    /// An annotation for each change, at the entry of the new file that makes it where there is one.
    pub(super) fn github(&self, is_denied: bool) -> String {
        let granted = if is_denied { Level::Error } else { Level::Warning };
        let mut text = String::new();
        for bucket in &self.buckets {
            let of_file =
                |level, message: String| Diagnostic { level, ..Diagnostic::error(&self.new.name, message) };
            let diagnostics: Vec<Diagnostic> = match &bucket.found {
                Found::Compared { diff, policy, rules } => diff
                    .changes()
                    .iter()
                    .map(|change| self.annotation(change, policy, rules, granted))
                    .collect(),
                Found::OnlyInOld => vec![of_file(Level::Info, self.summary(bucket))],
                Found::OnlyInNew => vec![of_file(granted, self.summary(bucket))],
            };
            text += &render::github(&diagnostics);
            if bucket.diff().is_some() {
                text += &format!("{}\n", self.summary(bucket));
            }
        }
        text
    }

    fn annotation(&self, change: &Change, policy: &CorsPolicy, rules: &Rules, granted: Level) -> Diagnostic {
        let (level, heading) = match change.kind() {
            ChangeKind::Granted(_) => (granted, "newly granted: "),
            ChangeKind::Refused(_) => (Level::Info, "no longer granted: "),
            ChangeKind::OtherHeaders => (Level::Info, "granted with other headers: "),
        };
        let article = if change.witness().is_preflight() { "a" } else { "an" };
        let message = format!("{heading}{change}, such as {article} {}", change.witness());
        match location(change, policy) {
            Some(location) => {
                let at = self.new.at(rules, location, message);
                Diagnostic { level, location: None, ..at }
            }
            None => Diagnostic {
                level,
                bucket: rules.bucket.clone(),
                ..Diagnostic::error(&self.new.name, message)
            },
        }
    }

    pub(super) fn json(&self) -> String {
        let document = json!({
            "version": 1,
            "same": self.is_same(),
            "widening": self.is_widening(),
            "buckets": self.buckets.iter().map(Bucket::document).collect::<Vec<_>>(),
        });
        escaped_json(&format!("{document:#}\n"))
    }
}

impl Bucket<'_> {
    fn diff(&self) -> Option<&PolicyDiff> {
        match &self.found {
            Found::Compared { diff, .. } => Some(diff),
            _ => None,
        }
    }

    fn document(&self) -> Value {
        let only_in = match &self.found {
            Found::Compared { .. } => None,
            Found::OnlyInOld => Some("old"),
            Found::OnlyInNew => Some("new"),
        };
        let changes = self.diff().map(|diff| diff.changes().iter().map(change_document).collect::<Vec<_>>());
        json!({
            "bucket": Some(&self.name).filter(|name| !name.is_empty()),
            "only_in": only_in,
            "complete": self.diff().is_none_or(PolicyDiff::is_exhaustive),
            "summary": self.diff().map(PolicyDiff::summary),
            "changes": changes.unwrap_or_default(),
        })
    }
}

fn change_document(change: &Change) -> Value {
    let (kind, part) = match change.kind() {
        ChangeKind::Granted(part) => ("granted", Some(part)),
        ChangeKind::Refused(part) => ("refused", Some(part)),
        ChangeKind::OtherHeaders => ("other-headers", None),
    };
    let dialects = [(change.is_in_fetch(), "fetch"), (change.is_in_s3(), "s3")];
    let dialects = dialects.iter().filter(|(is_in, _)| *is_in).map(|(_, name)| *name);
    let answer = change.answer().iter().map(
        |header| json!({ "name": header.name().as_str(), "old": header.before(), "new": header.after() }),
    );
    json!({
        "kind": kind,
        "part": part.map(|part| part.as_str()),
        "origins": change.origins(),
        "methods": change.methods(),
        "headers": change.requested_headers(),
        "together": change.are_together(),
        "answer": answer.collect::<Vec<_>>(),
        "dialects": dialects.collect::<Vec<_>>(),
        "text": change.to_string(),
        "witness": witness_document(change.witness()),
    })
}

fn witness_document(witness: &Witness) -> Value {
    json!({
        "kind": if witness.is_preflight() { "preflight" } else { "actual" },
        "origin": witness.origin(),
        "method": witness.method(),
        "headers": witness.requested_headers(),
    })
}

/// What makes the change in the rule that grants the witness: an entry of its lists, or the rule. None if the new rules
/// refuse it.
fn location(change: &Change, policy: &CorsPolicy) -> Option<Location> {
    let number = policy.decide(&change.witness().request()).rule()?;
    let rule = policy.configuration().rules.get(number)?;
    let (field, entry) = match change.kind() {
        ChangeKind::Granted(Part::Origin) => {
            (Field::AllowedOrigins, place(rule, |rule| &rule.allowed_origins, change.origins()))
        }
        ChangeKind::Granted(Part::Method) => {
            (Field::AllowedMethods, place(rule, |rule| &rule.allowed_methods, change.methods()))
        }
        ChangeKind::Granted(Part::RequestedHeaders) => {
            (Field::AllowedHeaders, place(rule, |rule| &rule.allowed_headers, change.requested_headers()))
        }
        _ => return Some(Location::rule(number)),
    };
    let list = Location::rule(number).with_field(field);
    Some(entry.map_or(list, |entry| list.with_index(entry)))
}

/// The first entry of the list that is one of the texts.
fn place(rule: &CorsRule, list: fn(&CorsRule) -> &Vec<String>, texts: &[String]) -> Option<usize> {
    list(rule).iter().position(|entry| texts.iter().any(|text| text.eq_ignore_ascii_case(entry)))
}
