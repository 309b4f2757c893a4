//! What tools print about resources that exist or are planned: Terraform's plans and states, Pulumi's stacks. Each has its
//! rules several times, once as they are and else as parts of changes; here each bucket is left once, under its address.

use std::collections::HashMap;

use super::tree::{Entry, Node, Value};

/// The keys that Terraform and its providers have for lists of rules.
const LISTS: [&str; 3] = ["cors_rule", "cors_rules", "cors"];

/// Leaves the resources of the document, if it is a plan, a state or a stack, which is returned.
pub(crate) fn resolve(tree: &mut Node) -> bool {
    let found = if tree.get("format_version").is_some() && tree.get("terraform_version").is_some() {
        shown(tree)
    } else if tree.get("terraform_version").is_some() && tree.get("lineage").is_some() {
        state(tree)
    } else {
        stack(tree)
    };
    let is_record = found.is_some();
    if let Some(resources) = found {
        let key_span = tree.span.start..tree.span.start;
        let value = Node::new(tree.span.clone(), Value::Map(resources));
        tree.value = Value::Map(vec![Entry { key: "Resources".into(), key_span, value }]);
    }
    is_record
}

fn text<'n>(node: &'n Node, key: &str) -> Option<&'n str> {
    node.get(key)?.text()
}

/// The resource under its address, without lists that are empty: a provider has them for what is not set.
fn resource(address: String, values: &Node) -> Entry {
    let mut values = values.clone();
    if let Value::Map(entries) = &mut values.value {
        let is_empty =
            |value: &Node| value.is_null() || matches!(&value.value, Value::List(items) if items.is_empty());
        entries.retain(|entry| !(LISTS.contains(&entry.key.as_str()) && is_empty(&entry.value)));
    }
    Entry { key: address, key_span: values.span.clone(), value: values }
}

/// What `terraform show -json` prints of a plan or a state.
fn shown(tree: &Node) -> Option<Vec<Entry>> {
    let plan = tree.get("planned_values");
    let root = plan.or_else(|| tree.get("values"))?.get("root_module")?;
    let changes = tree.get("resource_changes").into_iter().flat_map(Node::items);
    let unknown: HashMap<&str, &Node> = changes
        .filter_map(|change| text(change, "address").zip(change.get("change")?.get("after_unknown")))
        .collect();
    let (mut open, mut found) = (vec![root], Vec::new());
    while let Some(module) = open.pop() {
        open.extend(module.get("child_modules").into_iter().flat_map(Node::items));
        for item in module.get("resources").into_iter().flat_map(Node::items) {
            if let Some((address, values)) = text(item, "address").zip(item.get("values")) {
                // The rules of a bucket that has none of its own may come from elsewhere: they are never known before.
                let is_bucket = text(item, "type") == Some("aws_s3_bucket");
                found.push(planned(resource(address.into(), values), unknown.get(address), is_bucket));
            }
        }
    }
    if plan.is_none() {
        found.iter_mut().for_each(|entry| leave_out_zeros(&mut entry.value));
    }
    found.sort_by_key(|entry| entry.value.span.start);
    Some(found)
}

/// The resource with what the plan says is not known yet of its rules.
fn planned(mut resource: Entry, unknown: Option<&&Node>, is_bucket: bool) -> Entry {
    for list in unknown.into_iter().flat_map(|unknown| unknown.entries()) {
        if LISTS.contains(&list.key.as_str()) && !(is_bucket && is_true(&list.value)) {
            add_unknown(&mut resource.value, list);
        }
    }
    resource
}

/// A plan has no entry for a value that is not known yet, and `true` for it among those.
fn add_unknown(values: &mut Node, unknown: &Entry) {
    let Value::Map(entries) = &mut values.value else {
        return;
    };
    let Entry { key, key_span, value } = unknown;
    let known = entries.iter_mut().find(|entry| entry.key == *key).map(|entry| &mut entry.value.value);
    match (known, &value.value) {
        (Some(Value::List(known)), Value::List(unknown)) => {
            for (known, unknown) in known.iter_mut().zip(unknown) {
                unknown.entries().iter().for_each(|entry| add_unknown(known, entry));
                if is_true(unknown) {
                    *known = not_known(unknown, key);
                }
            }
        }
        (None, _) if is_true(value) => {
            entries.push(Entry {
                key: key.clone(),
                key_span: key_span.clone(),
                value: not_known(value, key),
            });
        }
        _ => {}
    }
}

fn not_known(place: &Node, key: &str) -> Node {
    Node::new(place.span.clone(), Value::Unknown(format!("{key:?}")))
}

fn is_true(node: &Node) -> bool {
    matches!(&node.value, Value::Bare(word) if word == "true")
}

/// A file `terraform.tfstate`.
fn state(tree: &Node) -> Option<Vec<Entry>> {
    let mut found = Vec::new();
    for item in tree.get("resources")?.items() {
        let (Some(kind), Some(name)) = (text(item, "type"), text(item, "name")) else {
            continue;
        };
        let module = text(item, "module").map(|module| format!("{module}.")).unwrap_or_default();
        for instance in item.get("instances").into_iter().flat_map(Node::items) {
            let index = match instance.get("index_key").map(|key| &key.value) {
                Some(Value::Text(key)) => format!("[{key:?}]"),
                Some(Value::Bare(number)) => format!("[{number}]"),
                _ => String::new(),
            };
            if let Some(attributes) = instance.get("attributes") {
                let mut entry = resource(format!("{module}{kind}.{name}{index}"), attributes);
                leave_out_zeros(&mut entry.value);
                found.push(entry);
            }
        }
    }
    Some(found)
}

/// In a state a number of seconds that was never set is 0.
fn leave_out_zeros(values: &mut Node) {
    let Value::Map(entries) = &mut values.value else {
        return;
    };
    let lists = entries.iter_mut().filter(|entry| LISTS.contains(&entry.key.as_str()));
    for list in lists {
        let Value::List(rules) = &mut list.value.value else {
            continue;
        };
        for rule in rules {
            if let Value::Map(fields) = &mut rule.value {
                let is_zero = |entry: &Entry| matches!(&entry.value.value, Value::Bare(zero) if zero == "0");
                fields.retain(|entry| !(entry.key == "max_age_seconds" && is_zero(entry)));
            }
        }
    }
}

/// What `pulumi stack export` prints: what the program said of each resource, not what the cloud made of it.
fn stack(tree: &Node) -> Option<Vec<Entry>> {
    let mut found = Vec::new();
    for item in tree.get("deployment")?.get("resources")?.items() {
        if let Some((urn, inputs)) = text(item, "urn").zip(item.get("inputs")) {
            let mut inputs = inputs.clone();
            leave_out_defaults(&mut inputs);
            let name = urn.rsplit("::").next().unwrap_or(urn);
            found.push(Entry { key: name.into(), key_span: inputs.span.clone(), value: inputs });
        }
    }
    Some(found)
}

fn leave_out_defaults(node: &mut Node) {
    match &mut node.value {
        Value::List(items) => items.iter_mut().for_each(leave_out_defaults),
        Value::Map(entries) => {
            entries.retain(|entry| entry.key != "__defaults");
            entries.iter_mut().for_each(|entry| leave_out_defaults(&mut entry.value));
        }
        _ => {}
    }
}
