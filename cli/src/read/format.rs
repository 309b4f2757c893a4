//! The formats that rules are written in, each with its names: a row of `formats.tsv`.

use std::sync::LazyLock;

use tower_s3_cors::document::Field;

use super::find::Found;
use super::tree::{quoted, Entry, Node, Value};

const TABLE: &str = include_str!("formats.tsv");

/// The fields in the order of the table.
pub(crate) const FIELDS: [Field; 6] = [
    Field::Id,
    Field::AllowedOrigins,
    Field::AllowedMethods,
    Field::AllowedHeaders,
    Field::ExposeHeaders,
    Field::MaxAgeSeconds,
];

/// One format's names.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Format {
    /// The options of `--from` that mean it.
    options: &'static str,
    pub(crate) name: &'static str,
    containers: &'static str,
    names: [&'static str; 6],
}

impl Format {
    pub(crate) fn all() -> impl Iterator<Item = &'static Format> {
        static FORMATS: LazyLock<Vec<Format>> =
            LazyLock::new(|| TABLE.lines().filter_map(Format::of_row).collect());
        FORMATS.iter()
    }

    fn of_row(row: &'static str) -> Option<Format> {
        let mut columns = row.split('\t');
        let [options, name, containers] = [columns.next()?, columns.next()?, columns.next()?];
        let names: Vec<_> = columns.collect();
        Some(Format { options, name, containers, names: names.try_into().ok()? })
    }

    pub(crate) fn is_s3(&self) -> bool {
        self.options == "s3"
    }

    pub(crate) fn has_option(&self, option: &str) -> bool {
        self.options.split(' ').any(|own| own == option)
    }

    pub(crate) fn has_container(&self, key: &str) -> bool {
        self.containers.split(' ').any(|container| container == key)
    }

    /// The field that the name means in this format.
    pub(crate) fn field(&self, name: &str) -> Option<Field> {
        let at = self.names.iter().position(|own| *own == name)?;
        FIELDS.get(at).copied()
    }

    pub(crate) fn name_of(&self, field: Field) -> Option<&'static str> {
        let at = FIELDS.iter().position(|own| *own == field)?;
        self.names.get(at).copied().filter(|name| *name != "-")
    }

    /// The message about a name that no format has.
    pub(crate) fn unknown(&self, noun: &str, name: &str) -> String {
        const ALIKE: f64 = 0.8;
        let known = self.names.iter().filter(|name| **name != "-");
        let alike = |own: &&&str| strsim::jaro_winkler(&own.to_lowercase(), &name.to_lowercase());
        let nearest = known.clone().max_by(|a, b| alike(a).total_cmp(&alike(b)));
        match nearest.filter(|nearest| alike(nearest) >= ALIKE) {
            Some(nearest) => format!("unknown {noun} {}, did you mean {nearest:?}?", quoted(name)),
            None => {
                let known: Vec<&str> = known.copied().collect();
                format!("unknown {noun} {}, expected {}", quoted(name), known.join(", "))
            }
        }
    }
}

/// The field that the name means in any format.
pub(crate) fn field(name: &str) -> Option<Field> {
    Format::all().find_map(|format| format.field(name))
}

/// The names of a rule's entries. Those inside of R2's `allowed` are `allowed.origins` and so on.
pub(crate) fn names(rule: &Node) -> Vec<String> {
    let name = |entry: &Entry| match allowed(entry) {
        Some(inner) => inner.iter().map(|inner| format!("allowed.{}", inner.key)).collect(),
        None => vec![entry.key.clone()],
    };
    rule.entries().iter().flat_map(name).collect()
}

/// What is inside of R2's `allowed`, which in HCL may be a block too.
pub(crate) fn allowed(entry: &Entry) -> Option<&[Entry]> {
    let inner = match &entry.value.value {
        Value::List(blocks) if blocks.len() == 1 => blocks.first()?,
        _ => &entry.value,
    };
    Some(inner.entries()).filter(|inner| entry.key == "allowed" && !inner.is_empty())
}

/// Names of Azure's rules, which have the other names of those of libraries for S3, and other meanings.
pub(super) const AZURE: [&str; 3] = ["maxAgeInSeconds", "max_age_in_seconds", "MaxAgeInSeconds"];

/// Whether the value is a mapping with origins or methods under any format's name.
pub(crate) fn is_rule(node: &Node) -> bool {
    let is_strong = |name: &String| {
        matches!(field(name), Some(Field::AllowedOrigins | Field::AllowedMethods | Field::AllowedHeaders))
    };
    names(node).iter().any(is_strong) && !is_of_azure(node)
}

pub(crate) fn is_of_azure(node: &Node) -> bool {
    node.entries().iter().any(|entry| AZURE.contains(&entry.key.as_str()))
}

/// The format whose list has that key and whose names most of the rules' are, among those of `--from`.
pub(crate) fn guess(found: &Found<'_>, option: Option<&str>) -> Option<&'static Format> {
    let (container, rules) = (found.container(), found.rules());
    // Nothing but a bucket's property has that around its list.
    let option = option.or_else(|| found.path.contains(&"CorsConfiguration").then_some("cloudformation"));
    let names: Vec<String> = rules.iter().flat_map(|rule| names(rule)).collect();
    let known = |format: &Format| names.iter().filter(|name| format.field(name).is_some()).count();
    let is_allowed = |format: &Format| option.is_none_or(|option| format.has_option(option));
    let holds = |format: &Format| container.is_some_and(|key| format.has_container(key));
    // A key that many things have says less than the names below it: `rules` of Ansible, `cors` of a chart's values.
    let is_common = container.is_some_and(super::find::is_common);
    let mut best: Option<(bool, bool, usize, &'static Format)> = None;
    for format in Format::all().filter(|format| is_allowed(format)) {
        let (holds, known) = (holds(format), known(format));
        let is_complete = is_common && known == names.len();
        if best
            .as_ref()
            .is_none_or(|(complete, held, most, _)| (is_complete, holds, known) > (*complete, *held, *most))
        {
            best = Some((is_complete, holds, known, format));
        }
    }
    best.map(|(_, _, _, format)| format)
}
