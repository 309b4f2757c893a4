//! The rule that comes nearest to a grant, with what it lacks.

use std::fmt;

use super::Explanation;
use crate::config::{validate, CorsConfiguration, CorsRule, Field, Location, PolicyOptions};
use crate::pattern::Listed;
use crate::pattern::{faults, Pattern};

/// The rule that fails in the fewest parts: see [`Explanation::nearest`].
///
/// Printed, it is one line: `CORSRules[0]: add PUT to AllowedMethods`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearestMiss {
    rule: usize,
    fields: Vec<Field>,
    additions: Option<Vec<Addition>>,
}

/// A value that a rule lacks: see [`NearestMiss::additions`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addition {
    field: Field,
    value: String,
}

impl NearestMiss {
    pub(super) fn of(explanation: &Explanation) -> Option<Self> {
        if explanation.is_granted() {
            return None;
        }
        // `min_by_key` gives the first of several that are least.
        let rule = (0..explanation.written().len()).min_by_key(|rule| explanation.failing(*rule))?;
        let additions = lacking(explanation, rule);
        let mut fields: Vec<Field> = additions.iter().map(Addition::field).collect();
        if explanation.origin.is_none() {
            fields.insert(0, Field::AllowedOrigins);
        }
        fields.dedup();
        let sound = explanation.origin.is_some()
            && additions.iter().all(|addition| is_sound(explanation, addition))
            && is_lawful(explanation, rule, &additions);
        Some(NearestMiss { rule, fields, additions: sound.then_some(additions) })
    }

    /// The rule, counted from 0.
    pub fn rule(&self) -> usize {
        self.rule
    }

    /// The fields of the rule that do not match the request.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// What would have to be added to the rule for the request to be granted.
    ///
    /// `None` if that is no way out: the policy's options forbid it, or it is the request that is at fault, as with an
    /// Origin that no browser sends, with `null`, or with `patch` for PATCH.
    pub fn additions(&self) -> Option<&[Addition]> {
        self.additions.as_deref()
    }
}

impl Addition {
    /// The field that lacks the value.
    pub fn field(&self) -> Field {
        self.field
    }

    /// The value, as the request has it.
    pub fn value(&self) -> &str {
        &self.value
    }
}

/// What the request has and the rule does not.
fn lacking(explanation: &Explanation, rule: usize) -> Vec<Addition> {
    let origin = explanation.origin.iter().map(|origin| (Field::AllowedOrigins, origin, explanation.origins));
    let method = (Field::AllowedMethods, &explanation.method, explanation.methods);
    let names = explanation.names.iter().map(|(name, allowing)| (Field::AllowedHeaders, name, *allowing));
    let parts = origin.chain([method]).chain(names);
    parts
        .filter(|(_, _, allowing)| !allowing.contains(rule))
        .map(|(field, value, _)| Addition { field, value: value.clone() })
        .collect()
}

/// Whether the value is one that a browser would send, and that matches nothing but itself.
fn is_sound(explanation: &Explanation, addition: &Addition) -> bool {
    let value = &*addition.value;
    match addition.field {
        Field::AllowedOrigins => {
            let literal = matches!(Pattern::parse_origin(value), Pattern::Literal(_));
            value != "null" && literal && faults(value).is_empty()
        }
        Field::AllowedMethods => !explanation.lacks_method && !is_usual_in_lower_case(value),
        _ => !value.contains('*'),
    }
}

/// `get` is what a tool sends, and `patch` a script that meant PATCH: browsers put only some into upper case
/// ([normalize](https://fetch.spec.whatwg.org/#concept-method-normalize)).
fn is_usual_in_lower_case(method: &str) -> bool {
    const USUAL: [&str; 7] = ["GET", "PUT", "POST", "DELETE", "HEAD", "PATCH", "OPTIONS"];
    USUAL.iter().any(|usual| usual.eq_ignore_ascii_case(method) && *usual != method)
}

/// Whether the rule may have the values: the configuration with them is still lawful.
fn is_lawful(explanation: &Explanation, rule: usize, additions: &[Addition]) -> bool {
    let options = explanation.policy.options();
    let mut configuration = match options {
        // Nothing depends on the other values where a document may have any size, so they are not copied.
        PolicyOptions { extended: true, .. } => CorsConfiguration { rules: vec![one_rule(); rule + 1] },
        PolicyOptions { extended: false, .. } => explanation.policy.configuration().clone(),
    };
    let Some(changed) = configuration.rules.get_mut(rule) else {
        return false;
    };
    for Addition { field, value } in additions {
        match field {
            Field::AllowedOrigins => changed.allowed_origins.push(value.clone()),
            Field::AllowedMethods => changed.allowed_methods.push(value.clone()),
            _ => changed.allowed_headers.push(value.clone()),
        }
    }
    validate(&configuration, options).is_empty()
}

fn one_rule() -> CorsRule {
    CorsRule {
        allowed_origins: vec![String::new()],
        allowed_methods: vec!["GET".into()],
        ..CorsRule::default()
    }
}

impl fmt::Display for NearestMiss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let location = Location::rule(self.rule);
        let Some(additions) = &self.additions else {
            let fields: Vec<&str> = self.fields.iter().map(|field| field.as_str()).collect();
            return write!(f, "{location}: fails in {}, where nothing should be added", Listed(&fields));
        };
        for (number, field) in self.fields.iter().enumerate() {
            let values = additions.iter().filter(|addition| addition.field == *field);
            let values: Vec<&str> = values.map(Addition::value).collect();
            match number {
                0 => write!(f, "{location}: add {} to {field}", Listed(&values))?,
                _ => write!(f, "; add {} to {field}", Listed(&values))?,
            }
        }
        Ok(())
    }
}
