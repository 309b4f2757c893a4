//! Terraform: a resource for each bucket.

use super::targets::{fields, names};
use super::{json, Part};
use crate::read::Rules;

pub(super) fn write(buckets: &[&Rules]) -> String {
    let names = names(buckets, "cors", |c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    let resources: Vec<String> =
        names.iter().zip(buckets).map(|(name, bucket)| resource(name, bucket)).collect();
    resources.join("\n")
}

fn resource(name: &str, bucket: &Rules) -> String {
    let mut text = format!("resource \"aws_s3_bucket_cors_configuration\" \"{name}\" {{\n");
    text += &format!("  bucket = aws_s3_bucket.{name}.id\n");
    for rule in &bucket.configuration.rules {
        let names = [
            "id",
            "allowed_origins",
            "allowed_methods",
            "allowed_headers",
            "expose_headers",
            "max_age_seconds",
        ];
        let entries = fields(rule, names);
        // terraform fmt aligns the values.
        let width = entries.iter().map(|(key, _)| key.len()).max().unwrap_or_default();
        text += "\n  cors_rule {\n";
        for (key, part) in &entries {
            text += &format!("    {key:width$} = {}\n", value(part));
        }
        text += "  }\n";
    }
    text + "}\n"
}

fn value(part: &Part) -> String {
    match part {
        // A template's signs are doubled to be text.
        Part::Text(text) => json::string(text).replace("${", "$${").replace("%{", "%%{"),
        Part::Number(number) => number.to_string(),
        Part::List(items) => format!("[{}]", items.iter().map(value).collect::<Vec<_>>().join(", ")),
        Part::Map(_) => String::new(),
    }
}
