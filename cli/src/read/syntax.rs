//! The syntaxes of documents, told apart by the file's name and its first line.

use super::From;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Syntax {
    Xml,
    #[default]
    Json,
    Yaml,
    Hcl,
}

impl Syntax {
    pub(super) fn of(text: &str, extension: &str, from: Option<From>) -> Self {
        let is_yaml = ["yaml", "yml"].contains(&extension);
        match text.trim_start().chars().next() {
            Some('<') => Syntax::Xml,
            // Jinja begins a statement with `{%` and Helm one with `{{-`.
            Some('{' | '[') if !is_yaml && !is_template(text) => Syntax::Json,
            // YAML is more than its own tools take: with a comment, say.
            _ if extension == "json" => Syntax::Json,
            _ if is_yaml => Syntax::Yaml,
            _ if ["tf", "tofu", "tfvars", "hcl"].contains(&extension) || from == Some(From::Terraform) => {
                Syntax::Hcl
            }
            _ if significant_line(text).is_some_and(is_hcl) => Syntax::Hcl,
            _ => Syntax::Yaml,
        }
    }

    /// Whether the text is in one of the syntaxes that the library reads.
    pub(super) fn is_s3s(text: &str) -> bool {
        text.trim_start().starts_with(['<', '{', '[']) && !is_template(text)
    }
}

fn is_template(text: &str) -> bool {
    ["{%", "{{", "{#"].iter().any(|start| text.trim_start().starts_with(start))
}

/// The first line that is no comment.
fn significant_line(text: &str) -> Option<&str> {
    let mut in_comment = false;
    text.lines().map(str::trim).find(|line| {
        in_comment |= line.starts_with("/*");
        let is_comment = in_comment || line.is_empty() || line.starts_with('#') || line.starts_with("//");
        in_comment &= !line.contains("*/");
        !is_comment
    })
}

/// Whether the line begins a block, `resource "a" "b" {`, or sets an attribute, `cors_rule = [`.
fn is_hcl(line: &str) -> bool {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let rest = line.trim_start_matches(is_name);
    let after = rest.trim_start();
    rest.len() < line.len()
        && (after.starts_with(['=', '{']) || after.starts_with('"') && line.ends_with('{'))
}
