//! Configuration to JSON, as the command line and the SDKs read it.

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::RULES;
use crate::config::location::Field;
use crate::config::{CorsConfiguration, CorsRule};

pub(in crate::config) fn write(configuration: &CorsConfiguration) -> String {
    let json = serde_json::to_string_pretty(&WrittenDocument(configuration)).unwrap_or_default();
    crate::pattern::escape_json(&json)
}

struct WrittenDocument<'a>(&'a CorsConfiguration);

impl Serialize for WrittenDocument<'_> {
    fn serialize<S: Serializer>(&self, json: S) -> Result<S::Ok, S::Error> {
        let rules: Vec<_> = self.0.rules.iter().map(WrittenRule).collect();
        json.collect_map([(RULES, rules)])
    }
}

struct WrittenRule<'a>(&'a CorsRule);

impl Serialize for WrittenRule<'_> {
    fn serialize<S: Serializer>(&self, json: S) -> Result<S::Ok, S::Error> {
        let rule = self.0;
        let mut entries = json.serialize_map(None)?;
        if let Some(id) = &rule.id {
            entries.serialize_entry(Field::Id.as_str(), id)?;
        }
        for (field, values) in rule.lists() {
            if !values.is_empty() {
                entries.serialize_entry(field.as_str(), values)?;
            }
        }
        if let Some(seconds) = rule.max_age_seconds {
            entries.serialize_entry(Field::MaxAgeSeconds.as_str(), &seconds)?;
        }
        entries.end()
    }
}
