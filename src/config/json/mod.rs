//! JSON to configuration and back: the console's array, the command line's object, the SDKs' wrapper.

mod fault;
mod write;

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::error::ParseError;
use super::location::{Field, Location};
use super::{suggest, CorsConfiguration, CorsRule};

pub(super) use write::write;

const WRAPPER: &str = "CORSConfiguration";
const RULES: &str = "CORSRules";

pub(super) fn parse(document: &str) -> Result<CorsConfiguration, ParseError> {
    let trace = Trace::default();
    let mut json = serde_json::Deserializer::from_str(document);
    let parsed = Document { trace: &trace, keys: &[RULES, WRAPPER] }
        .deserialize(&mut json)
        .and_then(|rules| json.end().map(|()| rules));
    match parsed {
        Ok(rules) => Ok(CorsConfiguration { rules }),
        Err(error) => Err(fault::of(document, trace.get(), &error)),
    }
}

/// The location being read, left standing where reading stopped.
type Trace = Cell<Option<Location>>;

/// The array of rules, bare or under one of the keys.
struct Document<'t> {
    trace: &'t Trace,
    keys: &'static [&'static str],
}

impl<'de> DeserializeSeed<'de> for Document<'_> {
    type Value = Vec<CorsRule>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Document<'_> {
    type Value = Vec<CorsRule>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an array of rules or an object with the key {RULES:?}")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Self::Value, A::Error> {
        Rules(self.trace).visit_seq(items)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut rules = None;
        while let Some(key) = entries.next_key::<String>()? {
            if !self.keys.contains(&key.as_str()) {
                return Err(A::Error::custom(suggest::unknown("key", &key, self.keys)));
            }
            if rules.is_some() {
                return Err(A::Error::custom(format_args!(
                    "{key:?} stands beside other rules, write one list"
                )));
            }
            rules = Some(if key == WRAPPER {
                entries.next_value_seed(Wrapped(self.trace))?
            } else {
                entries.next_value_seed(Rules(self.trace))?
            });
        }
        rules.ok_or_else(|| A::Error::custom(format_args!("the key {RULES:?} is missing")))
    }
}

/// The object inside `CORSConfiguration`, which holds no second wrapper and is no bare array.
struct Wrapped<'t>(&'t Trace);

impl<'de> DeserializeSeed<'de> for Wrapped<'_> {
    type Value = Vec<CorsRule>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Wrapped<'_> {
    type Value = Vec<CorsRule>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object with the key {RULES:?}")
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Self::Value, A::Error> {
        Document { trace: self.0, keys: &[RULES] }.visit_map(entries)
    }
}

struct Rules<'t>(&'t Trace);

impl<'de> DeserializeSeed<'de> for Rules<'_> {
    type Value = Vec<CorsRule>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        self.0.set(Some(Location::default()));
        json.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Rules<'_> {
    type Value = Vec<CorsRule>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of rules")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut rules = Vec::new();
        loop {
            self.0.set(Some(Location::rule(rules.len())));
            match items.next_element_seed(Rule(self.0))? {
                Some(rule) => rules.push(rule),
                None => break,
            }
        }
        self.0.set(None);
        Ok(rules)
    }
}

struct Rule<'t>(&'t Trace);

impl<'de> DeserializeSeed<'de> for Rule<'_> {
    type Value = CorsRule;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<CorsRule, D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Rule<'_> {
    type Value = CorsRule;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a rule, which is an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<CorsRule, A::Error> {
        let location = self.0.get().unwrap_or_default();
        let mut rule = CorsRule::default();
        let mut seen = Vec::with_capacity(Field::ALL.len());
        while let Some(key) = entries.next_key::<String>()? {
            let Some(field) = Field::ALL.into_iter().find(|field| field.as_str() == key) else {
                return Err(A::Error::custom(suggest::unknown("key", &key, &Field::ALL.map(Field::as_str))));
            };
            if seen.contains(&field) {
                return Err(A::Error::custom(format_args!("the key {key:?} stands twice")));
            }
            seen.push(field);
            self.0.set(Some(location.with_field(field)));
            let strings = Strings(self.0);
            match field {
                Field::Id => rule.id = Some(entries.next_value_seed(Text)?).filter(|id| !id.is_empty()),
                Field::AllowedOrigins => rule.allowed_origins = entries.next_value_seed(strings)?,
                Field::AllowedMethods => rule.allowed_methods = entries.next_value_seed(strings)?,
                Field::AllowedHeaders => rule.allowed_headers = entries.next_value_seed(strings)?,
                Field::ExposeHeaders => rule.expose_headers = entries.next_value_seed(strings)?,
                Field::MaxAgeSeconds => rule.max_age_seconds = Some(entries.next_value_seed(Integer)?),
            }
            self.0.set(Some(location));
        }
        Ok(rule)
    }
}

struct Strings<'t>(&'t Trace);

impl<'de> DeserializeSeed<'de> for Strings<'_> {
    type Value = Vec<String>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Vec<String>, D::Error> {
        json.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Strings<'_> {
    type Value = Vec<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of strings")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<String>, A::Error> {
        let location = self.0.get().unwrap_or_default();
        let mut strings = Vec::new();
        loop {
            self.0.set(Some(location.with_index(strings.len())));
            match items.next_element_seed(Text)? {
                Some(string) => strings.push(string),
                None => return Ok(strings),
            }
        }
    }
}

struct Text;

impl<'de> DeserializeSeed<'de> for Text {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<String, D::Error> {
        json.deserialize_str(self)
    }
}

impl Visitor<'_> for Text {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }
}

struct Integer;

impl Integer {
    fn fit<E: Error>(number: impl TryInto<i32> + fmt::Debug + Copy) -> Result<i32, E> {
        number.try_into().map_err(|_| Self::refuse(number))
    }

    fn refuse<E: Error>(number: impl fmt::Debug) -> E {
        let (least, most) = (i32::MIN, i32::MAX);
        E::custom(format_args!("{number:?} is not an integer from {least} to {most}"))
    }
}

impl<'de> DeserializeSeed<'de> for Integer {
    type Value = i32;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<i32, D::Error> {
        // Not `deserialize_any`: if any crate of the program turns on serde_json's
        // `arbitrary_precision`, that gives a map in location of a number.
        json.deserialize_i64(self)
    }
}

impl Visitor<'_> for Integer {
    type Value = i32;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an integer")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<i32, E> {
        Integer::fit(number)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<i32, E> {
        Integer::fit(number)
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<i32, E> {
        Err(Integer::refuse(number))
    }
}
