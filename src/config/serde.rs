//! Rules inside an app's own settings: `Serialize` and `Deserialize` under S3's JSON names.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};

use super::location::Field;
use super::read::RULES;
use super::{spelling, CorsConfiguration, CorsRule};

/// S3's name of a field, and the same in snake case, which environment variables and TOML files have.
const NAMES: [(Field, &str); 6] = [
    (Field::Id, "id"),
    (Field::AllowedOrigins, "allowed_origins"),
    (Field::AllowedMethods, "allowed_methods"),
    (Field::AllowedHeaders, "allowed_headers"),
    (Field::ExposeHeaders, "expose_headers"),
    (Field::MaxAgeSeconds, "max_age_seconds"),
];

const RULES_IN_SNAKE_CASE: &str = "cors_rules";

/// Writes `{"CORSRules": [...]}`.
impl Serialize for CorsConfiguration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(RULES, &self.rules)?;
        map.end()
    }
}

/// Writes the fields that are set.
impl Serialize for CorsRule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let Some(id) = &self.id {
            map.serialize_entry(Field::Id.as_str(), id)?;
        }
        for (field, values) in self.lists().into_iter().filter(|(_, values)| !values.is_empty()) {
            map.serialize_entry(field.as_str(), values)?;
        }
        if let Some(seconds) = self.max_age_seconds {
            map.serialize_entry(Field::MaxAgeSeconds.as_str(), &seconds)?;
        }
        map.end()
    }
}

/// Reads a list of rules, bare or under `CORSRules` (`cors_rules`), in a format that describes itself.
impl<'de> Deserialize<'de> for CorsConfiguration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ConfigurationVisitor)
    }
}

struct ConfigurationVisitor;

impl<'de> Visitor<'de> for ConfigurationVisitor {
    type Value = CorsConfiguration;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of rules or an object with the key \"CORSRules\"")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rules: A) -> Result<CorsConfiguration, A::Error> {
        let mut configuration = CorsConfiguration::default();
        while let Some(rule) = rules.next_element()? {
            configuration.rules.push(rule);
        }
        Ok(configuration)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<CorsConfiguration, A::Error> {
        let mut rules = None;
        while let Some(key) = map.next_key::<String>()? {
            if ![RULES, RULES_IN_SNAKE_CASE].contains(&key.as_str()) {
                return Err(A::Error::custom(spelling::unknown("key", &key, &[RULES])));
            }
            if rules.replace(map.next_value()?).is_some() {
                return Err(A::Error::custom("rules are given twice; merge them into one list"));
            }
        }
        let rules = rules.ok_or_else(|| A::Error::custom(format!("the key {RULES:?} is missing")))?;
        Ok(CorsConfiguration { rules })
    }
}

/// Reads S3's names or those in snake case.
impl<'de> Deserialize<'de> for CorsRule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(RuleVisitor)
    }
}

struct RuleVisitor;

impl<'de> Visitor<'de> for RuleVisitor {
    type Value = CorsRule;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a rule, which is an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<CorsRule, A::Error> {
        let mut rule = CorsRule::default();
        let mut seen = Vec::new();
        while let Some(field) = map.next_key_seed(FieldSeed)? {
            if seen.contains(&field) {
                return Err(A::Error::custom(format!("duplicate key {:?}", field.as_str())));
            }
            seen.push(field);
            match (field, rule.list_mut(field)) {
                (_, Some(list)) => *list = map.next_value()?,
                (Field::MaxAgeSeconds, _) => rule.max_age_seconds = map.next_value()?,
                _ => rule.id = map.next_value::<Option<String>>()?.filter(|id| !id.is_empty()),
            }
        }
        Ok(rule)
    }
}

struct FieldSeed;

impl<'de> DeserializeSeed<'de> for FieldSeed {
    type Value = Field;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Field, D::Error> {
        let key = String::deserialize(deserializer)?;
        let named = NAMES.iter().find(|(field, snake)| [field.as_str(), snake].contains(&key.as_str()));
        let unknown =
            || D::Error::custom(spelling::unknown("key", &key, &NAMES.map(|(field, _)| field.as_str())));
        named.map(|(field, _)| *field).ok_or_else(unknown)
    }
}
