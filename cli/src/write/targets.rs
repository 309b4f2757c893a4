//! The rules under the names of each format.

use tower_s3_cors::document::{Field, Location};
use tower_s3_cors::{CorsConfiguration, CorsRule};

use super::Part;
use crate::read::Rules;

pub(super) type RuleWriter = fn(&CorsRule) -> Part;

/// What a format cannot say, and where it is.
pub(crate) type Loss = (Location, String);

fn text(text: impl Into<String>) -> Part {
    Part::Text(text.into())
}

fn list(values: &[String]) -> Part {
    Part::List(values.iter().map(text).collect())
}

/// The entries that have a value, under these names: ID, origins, methods, headers, exposed headers, seconds.
pub(super) fn fields(rule: &CorsRule, names: [&str; 6]) -> Vec<(String, Part)> {
    let [id, origins, methods, headers, exposed, age] = names.map(String::from);
    let lists = [
        (origins, &rule.allowed_origins),
        (methods, &rule.allowed_methods),
        (headers, &rule.allowed_headers),
        (exposed, &rule.expose_headers),
    ];
    let lists = lists.into_iter().filter(|(_, values)| !values.is_empty());
    let lists = lists.map(|(name, values)| (name, list(values)));
    let id = rule.id.iter().map(|value| (id.clone(), text(value)));
    let age = rule.max_age_seconds.iter().map(|seconds| (age.clone(), Part::Number(*seconds)));
    id.chain(lists).chain(age).collect()
}

pub(super) fn s3(rule: &CorsRule) -> Part {
    let names =
        ["ID", "AllowedOrigins", "AllowedMethods", "AllowedHeaders", "ExposeHeaders", "MaxAgeSeconds"];
    Part::Map(fields(rule, names))
}

pub(super) fn r2(rule: &CorsRule) -> Part {
    let names = ["id", "origins", "methods", "headers", "exposeHeaders", "maxAgeSeconds"];
    let is_allowed = |(name, _): &(String, Part)| ["origins", "methods", "headers"].contains(&name.as_str());
    let (allowed, mut others): (Vec<_>, Vec<_>) = fields(rule, names).into_iter().partition(is_allowed);
    let after_id = usize::from(rule.id.is_some());
    others.insert(after_id, ("allowed".into(), Part::Map(allowed)));
    Part::Map(others)
}

/// Google has one list for both kinds of headers, and no ID.
pub(super) fn gcs(rule: &CorsRule) -> Part {
    let mut exposed = rule.allowed_headers.clone();
    for name in &rule.expose_headers {
        if !exposed.iter().any(|other| other.eq_ignore_ascii_case(name)) {
            exposed.push(name.clone());
        }
    }
    let rule = CorsRule { id: None, allowed_headers: Vec::new(), expose_headers: exposed, ..rule.clone() };
    Part::Map(fields(&rule, ["", "origin", "method", "", "responseHeader", "maxAgeSeconds"]))
}

pub(crate) fn gcs_losses(configuration: &CorsConfiguration) -> Vec<Loss> {
    let mut losses = Vec::new();
    for (number, rule) in configuration.rules.iter().enumerate() {
        let location = Location::rule(number);
        if rule.id.is_some() {
            losses.push((location.with_field(Field::Id), "Google's rules have no ID; it is left out".into()));
        }
        for (index, origin) in rule.allowed_origins.iter().enumerate() {
            if origin.len() > 1 && origin.contains('*') || origin == "https" {
                let at = location.with_field(Field::AllowedOrigins).with_index(index);
                losses.push((at, "Google matches whole origins only; write each origin".into()));
            }
        }
        let folded =
            |names: &[String]| names.iter().map(|name| name.to_ascii_lowercase()).collect::<Vec<_>>();
        if folded(&rule.allowed_headers) != folded(&rule.expose_headers) {
            let message = "Google has one list of headers; each name is both allowed and exposed";
            losses.push((location, message.into()));
        }
    }
    losses
}

/// A template of CloudFormation with the buckets.
pub(super) fn template(buckets: &[&Rules]) -> Part {
    let names = names(buckets, "Bucket", |c| c.is_ascii_alphanumeric());
    let resources = names.into_iter().zip(buckets.iter().map(|bucket| resource(bucket))).collect();
    map([("Resources", Part::Map(resources))])
}

fn resource(bucket: &Rules) -> Part {
    let names = ["Id", "AllowedOrigins", "AllowedMethods", "AllowedHeaders", "ExposedHeaders", "MaxAge"];
    let rules = bucket.configuration.rules.iter().map(|rule| Part::Map(fields(rule, names))).collect();
    let configuration = map([("CorsRules", Part::List(rules))]);
    map([("Type", text("AWS::S3::Bucket")), ("Properties", map([("CorsConfiguration", configuration)]))])
}

fn map<const N: usize>(entries: [(&str, Part); N]) -> Part {
    Part::Map(entries.into_iter().map(|(key, part)| (key.to_owned(), part)).collect())
}

/// A name for each bucket: the last part of its own, without what the format does not allow in a name.
pub(super) fn names(buckets: &[&Rules], default: &str, is_allowed: fn(char) -> bool) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for bucket in buckets {
        let last = bucket.bucket.rsplit('.').next().unwrap_or_default();
        let mut name: String = last.chars().filter(|c| is_allowed(*c)).collect();
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            name = default.into();
        }
        if names.contains(&name) {
            name += &(names.len() + 1).to_string();
        }
        names.push(name);
    }
    names
}
