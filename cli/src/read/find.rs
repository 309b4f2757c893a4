//! Finds the lists of rules in a tree: in a template they are deep inside, one for each bucket.

use std::collections::HashSet;
use std::ops::Range;

use super::format::{is_of_azure, is_rule, Format};
use super::tree::{Entry, Node, Value};

/// A list of rules, or a single rule, or what only the cloud knows.
#[derive(Debug)]
pub(crate) struct Found<'n> {
    /// The keys that lead to it.
    pub(crate) path: Vec<&'n str>,
    pub(crate) node: &'n Node,
    /// The entries beside it.
    pub(crate) siblings: &'n [Entry],
}

impl Found<'_> {
    /// The key of the list; none if the document is the list.
    pub(crate) fn container(&self) -> Option<&str> {
        self.path.last().copied()
    }

    pub(crate) fn rules(&self) -> Vec<&Node> {
        match &self.node.value {
            Value::List(items) => items.iter().collect(),
            Value::Map(entries) if !is_rule(self.node) => entries.iter().map(|entry| &entry.value).collect(),
            Value::Map(_) => vec![self.node],
            _ => Vec::new(),
        }
    }

    /// The bucket in its template: the logical name, or the address of the resource or the module. None in other documents.
    pub(crate) fn resource(&self) -> Option<String> {
        let after = |key: &str| self.path.iter().position(|own| *own == key).map(|at| at + 1);
        if let Some(at) = after("Resources").or_else(|| after("resources")) {
            return self.path.get(at).map(|name| (*name).into());
        }
        let parts = match (after("resource"), after("module")) {
            (Some(at), _) => self.path.get(at..at + 2),
            (None, Some(at)) => self.path.get(at - 1..=at),
            _ => None,
        };
        parts.map(|parts| parts.join("."))
    }

    /// The name of the bucket: that in its template, the one beside its rules, or else the path.
    pub(crate) fn name(&self) -> String {
        const NAMES: [&str; 5] = ["bucketName", "bucket_name", "Bucket", "bucket", "name"];
        let beside = self.siblings.iter().find_map(|entry| match &entry.value.value {
            Value::Text(name) if NAMES.contains(&entry.key.as_str()) => Some(name.clone()),
            _ => None,
        });
        let is_wrapper = |key: &&str| WRAPPERS.iter().any(|wrapper| wrapper.eq_ignore_ascii_case(key));
        let parents = || {
            let (_, parents) = self.path.split_last()?;
            let parents: Vec<&str> = parents.iter().copied().filter(|key| !is_wrapper(key)).collect();
            Some(parents.join("."))
        };
        self.resource().or(beside).or_else(parents).unwrap_or_default()
    }

    pub(crate) fn is_empty(&self) -> bool {
        matches!(&self.node.value, Value::List(items) if items.is_empty())
    }
}

/// The lists that are those of buckets: not what other parts of the document refer to, and of a listing of all buckets those
/// that have rules.
pub(crate) fn buckets(found: Vec<Found<'_>>) -> Vec<Found<'_>> {
    let is_template = found.iter().any(|one| one.resource().is_some());
    let has_rules = found.iter().any(|one| !one.is_empty());
    let of_resources: HashSet<Range<usize>> =
        found.iter().filter(|one| one.resource().is_some()).map(|one| one.node.span.clone()).collect();
    let is_bucket = |one: &Found<'_>| {
        // Serverless has its variables there, YAML the definition of an anchor anywhere.
        let is_definition =
            is_template && one.path.first() == Some(&"custom") || of_resources.contains(&one.node.span);
        one.resource().is_some() || !(is_definition || has_rules && one.is_empty())
    };
    found.into_iter().filter(is_bucket).collect()
}

/// The lists of rules, in the order of the document.
pub(crate) fn find(root: &Node) -> Vec<Found<'_>> {
    let mut found = Vec::new();
    if is_rule(root) {
        found.push(Found { path: Vec::new(), node: root, siblings: &[] });
    } else {
        walk(root, &mut Vec::new(), &mut found);
    }
    found
}

/// The parsers bound the nesting, so this is.
fn walk<'n>(node: &'n Node, path: &mut Vec<&'n str>, found: &mut Vec<Found<'n>>) {
    match &node.value {
        Value::List(items) if path.is_empty() && items.iter().any(is_rule) => {
            found.push(Found { path: Vec::new(), node, siblings: &[] });
        }
        Value::List(items) => items.iter().for_each(|item| walk(item, path, found)),
        Value::Map(entries) => {
            if is_other_resource(node) {
                return;
            }
            for entry in entries {
                if OTHERS.iter().any(|other| entry.key.starts_with(other)) {
                    continue;
                }
                path.push(&entry.key);
                if holds_rules(entry, path) {
                    found.push(Found { path: path.clone(), node: &entry.value, siblings: entries });
                } else {
                    walk(&entry.value, path, found);
                }
                path.pop();
            }
        }
        _ => {}
    }
}

fn is_other_resource(node: &Node) -> bool {
    let is_other = |kind: &str| OTHER_TYPES.iter().any(|other| kind.starts_with(other));
    node.get("Type").and_then(Node::text).is_some_and(is_other)
}

/// Keys that other things have too: they hold rules only if what they hold looks like some.
const COMMON: [&str; 6] = ["cors", "Cors", "cors_config", "cors_configuration", "rules", "corsConfiguration"];
/// The resources of a cloud whose rules have the same names and are not S3's.
const OTHERS: [&str; 3] = ["azurerm_", "azapi_", "HttpApi"];
/// The types of CloudFormation whose CorsConfiguration is not that of a bucket.
const OTHER_TYPES: [&str; 3] = ["AWS::ApiGateway", "AWS::Lambda", "AWS::Serverless"];
/// What is around a list of rules.
const WRAPPERS: [&str; 2] = ["CORSConfiguration", "CorsConfiguration"];

fn is_list_of_rules(node: &Node) -> bool {
    !node.items().is_empty() && node.items().iter().all(is_rule)
}

pub(crate) fn is_common(key: &str) -> bool {
    COMMON.contains(&key)
}

fn holds_rules(entry: &Entry, path: &[&str]) -> bool {
    let key = entry.key.as_str();
    let is_unknown = matches!(entry.value.value, Value::Unknown(_));
    if WRAPPERS.contains(&key) {
        return is_unknown;
    }
    if let ["variable", name, "default"] = path {
        return name.contains("cors") && is_list_of_rules(&entry.value);
    }
    if !Format::all().any(|format| format.has_container(key)) {
        return false;
    }
    match &entry.value.value {
        Value::List(items) if COMMON.contains(&key) => {
            let is_bucket = || path.contains(&"google_storage_bucket");
            let may_be_rule =
                |item: &Node| is_rule(item) || matches!(item.value, Value::Unknown(_)) && is_bucket();
            items.iter().any(may_be_rule) || (items.is_empty() && path.len() == 1)
        }
        _ if COMMON.contains(&key) => false,
        Value::List(items) if items.iter().any(is_of_azure) => false,
        // A document in the document.
        Value::Text(text) if text.trim_start().starts_with('<') => false,
        // A single rule, or in Terraform one under each name. Any other mapping, such as a variable of that name, may hold a
        // list further down.
        Value::Map(rules) => {
            let is_named = || !rules.is_empty() && rules.iter().all(|rule| is_rule(&rule.value));
            is_rule(&entry.value) || key.starts_with("cors_rule") && is_named()
        }
        _ => true,
    }
}
