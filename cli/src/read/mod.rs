//! Reads rules in every format that people have: S3's own by the library, all others here, with the places of the file.

mod backblaze;
mod cloudformation;
mod deployed;
mod embedded;
mod find;
mod finding;
mod format;
mod google;
mod hcl;
mod json;
mod other;
mod rules;
mod serverless;
mod spans;
mod syntax;
mod terraform;
mod translate;
mod tree;
mod values;
mod xml;
mod yaml;

use std::collections::HashSet;

use clap::ValueEnum;
use tower_s3_cors::document::{CorsDocument, LineIndex, Location};
use tower_s3_cors::{CorsConfiguration, CorsRule, ParseError};

use find::Found;
use format::Format;
use tree::{Node, SyntaxError};

pub(crate) use finding::{Finding, Kind};
pub(crate) use spans::Spans;
pub(crate) use syntax::Syntax;
pub(crate) use tree::quoted;

/// The format to read, whatever the document looks like
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub(crate) enum From {
    S3,
    Cloudformation,
    Terraform,
    Cdk,
    Pulumi,
    R2,
    Gcs,
    B2,
    Oss,
    Cos,
    Bos,
    Stacktape,
}

/// The rules of one bucket.
#[derive(Debug)]
pub(crate) struct Rules {
    /// Its name in the document, empty if there is one bucket only.
    pub(crate) bucket: String,
    /// Its name in a template, even if there is one bucket only.
    pub(crate) resource: Option<String>,
    pub(crate) configuration: CorsConfiguration,
    pub(crate) spans: Spans,
    /// The locations whose values only the cloud knows: what stands there is made up.
    pub(crate) unknown: HashSet<Location>,
    /// Nothing but rules looks so: they are complete, and under a key or names of their own.
    pub(crate) is_typical: bool,
}

impl Rules {
    /// The name of the bucket, if the document has one.
    pub(crate) fn name(&self) -> Option<&str> {
        Some(self.bucket.as_str()).filter(|name| !name.is_empty()).or(self.resource.as_deref())
    }
}

/// What a document says.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    pub(crate) rules: Vec<Rules>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) syntax: Syntax,
    /// It says what exists or is planned, such as a state of Terraform: to change it changes nothing.
    pub(crate) is_record: bool,
}

/// Reads a text, without its byte order mark. `extension` is that of the file's name.
pub(crate) fn read(text: &str, extension: &str, from: Option<From>) -> Reading {
    let syntax = Syntax::of(text, extension, from);
    let reading = read_as(syntax, text, from);
    if !reading.rules.is_empty() {
        return Reading { syntax, ..reading };
    }
    let read_part = |(syntax, text): (Syntax, String)| Reading { syntax, ..read_as(syntax, &text, from) };
    if let Some((start, message)) = other::known_text(text) {
        return Reading { findings: vec![fault(start, message.into())], syntax, ..Reading::default() };
    }
    if let Some(xml) = embedded::xml(text) {
        let inner = read_part((Syntax::Xml, xml));
        // In strings of JSON it has escapes, which XML has not.
        if !inner.rules.is_empty() || syntax != Syntax::Json {
            return inner;
        }
    }
    let mut parts = embedded::parts(text, extension).map(read_part).filter(|inner| !inner.rules.is_empty());
    match (parts.next(), parts.next()) {
        (Some(only), None) => only,
        (Some(_), Some(second)) => {
            let start = second.rules.first().map_or(0, |rules| rules.spans.of(Location::default()).start);
            let message = "this is the second part that has rules; write each into a file of its own";
            Reading { findings: vec![fault(start, message.into())], ..Reading::default() }
        }
        _ if embedded::is_no_document(extension) => {
            let message = format!("no part of this .{extension} file is a document with rules; write them into a file of their own");
            Reading { findings: vec![fault(0, message)], ..Reading::default() }
        }
        _ => Reading { syntax, ..reading },
    }
}

fn read_as(syntax: Syntax, text: &str, from: Option<From>) -> Reading {
    let own = match CorsDocument::from_bytes(text) {
        Ok(document) if from.is_none_or(|from| from == From::S3) => return of_library(&document),
        Ok(_) => None,
        Err(error) => Some(error),
    };
    let faults = |fault: Finding| match &own {
        // What is neither XML nor JSON is no business of the library; but it knows TOML by its looks.
        Some(error) if Syntax::is_s3s(text) || error.to_string().contains("looks like TOML") => {
            of_error(text, error)
        }
        Some(error) if text.trim().is_empty() => of_error(text, error),
        _ => Reading { findings: vec![fault], ..Reading::default() },
    };
    let (trees, is_record) = match parse(text, syntax) {
        Ok(parsed) => parsed,
        Err(SyntaxError { offset, message }) => return faults(fault(offset, message)),
    };
    let found = find::buckets(trees.iter().flat_map(find::find).collect());
    let nothing = || fault(0, other::nothing(text).into());
    // Variables and arguments of Terraform say so that a bucket has no rules.
    let is_without_rules = syntax == Syntax::Hcl && found.iter().all(Found::is_empty)
        || found.is_empty() && other::is_about_others(&trees, syntax);
    if is_without_rules && !text.trim().is_empty() {
        let nothing = Finding { kind: Kind::Doubt, ..nothing() };
        return Reading { findings: vec![nothing], ..Reading::default() };
    }
    if found.is_empty() || (from.is_none() && trees.iter().any(|tree| is_own(tree, &found, syntax))) {
        return faults(nothing());
    }
    Reading { is_record, ..read_all(&found, syntax, from) }
}

fn fault(offset: usize, message: String) -> Finding {
    Finding { kind: Kind::Fault, span: offset..offset, bucket: String::new(), location: None, message }
}

fn of_library(document: &CorsDocument) -> Reading {
    let rules = Rules {
        bucket: String::new(),
        resource: None,
        configuration: document.configuration().clone(),
        spans: Spans::of_document(document),
        unknown: HashSet::new(),
        is_typical: true,
    };
    Reading { rules: vec![rules], ..Reading::default() }
}

/// The library's faults.
fn of_error(text: &str, error: &ParseError) -> Reading {
    let lines = LineIndex::new(text);
    let findings =
        error.faults().iter().map(|found| fault(lines.offset(text, found.position()), found.message()));
    Reading { findings: findings.collect(), ..Reading::default() }
}

/// The trees of the text, and whether it is a record of what exists or is planned.
fn parse(text: &str, syntax: Syntax) -> Result<(Vec<Node>, bool), SyntaxError> {
    let mut trees = match syntax {
        Syntax::Xml => {
            let tree = xml::parse(text)?;
            vec![google::from_xml(&tree).unwrap_or(tree)]
        }
        Syntax::Json => vec![json::parse(text)?],
        Syntax::Yaml => yaml::parse(text)?,
        Syntax::Hcl => vec![hcl::parse(text)?],
    };
    let mut is_record = false;
    if syntax == Syntax::Json || syntax == Syntax::Yaml {
        for tree in &mut trees {
            is_record |= deployed::resolve(tree);
            serverless::resolve(tree);
            terraform::resolve(tree);
            cloudformation::resolve(tree, text);
        }
    }
    Ok((trees, is_record))
}

/// Keys of the AWS command line and the SDKs around S3's own JSON.
const AROUND: [&str; 7] = [
    "CORSRules",
    "CORSConfiguration",
    "ResponseMetadata",
    "Bucket",
    "ChecksumAlgorithm",
    "ContentMD5",
    "ExpectedBucketOwner",
];

/// Whether the document is S3's own XML or JSON with nothing but S3's names, so that the library's faults are the
/// whole truth about it.
fn is_own(tree: &Node, found: &[Found<'_>], syntax: Syntax) -> bool {
    let keys = || tree.entries().iter().map(|entry| entry.key.as_str());
    match syntax {
        Syntax::Xml => {
            let root = tree.get("CORSConfiguration");
            root.is_some_and(|root| root.get("ResponseVary").is_none())
        }
        Syntax::Json => {
            let is_bare = keys().all(|key| key == "CORSRules" || key == "CORSConfiguration");
            let is_around = !is_bare && keys().all(|key| AROUND.contains(&key));
            !is_around && found.iter().all(has_own_names)
        }
        _ => false,
    }
}

fn has_own_names(found: &Found<'_>) -> bool {
    let own = Format::all().find(|format| format.is_s3());
    let is_foreign =
        |name: &String| format::field(name).is_some() && own.is_some_and(|own| own.field(name).is_none());
    let is_container = found.container().is_none_or(|key| key == "CORSRules") && found.path.len() < 3;
    is_container && !found.rules().iter().any(|rule| format::names(rule).iter().any(is_foreign))
}

fn read_all(found: &[Found<'_>], syntax: Syntax, from: Option<From>) -> Reading {
    let mut reading = Reading::default();
    let option = from.and_then(|from| from.to_possible_value());
    for found_rules in found {
        let option = option.as_ref().map(|option| option.get_name());
        let Some(format) = format::guess(found_rules, option) else {
            continue;
        };
        let first = reading.findings.len();
        let mut rules = rules::read(found_rules, format, syntax, &mut reading.findings);
        let is_readable = reading.findings.iter().skip(first).all(|finding| finding.kind != Kind::Fault);
        rules.is_typical = is_readable && is_typical(found_rules, format, &rules.configuration);
        rules.resource = found_rules.resource();
        if found.len() > 1 {
            rules.bucket = unused_name(found_rules.name(), &reading.rules);
        }
        for finding in reading.findings.iter_mut().skip(first) {
            finding.bucket.clone_from(&rules.bucket);
        }
        reading.rules.push(rules);
    }
    reading
}

/// Google's names, such as `origin`, may be of anything unless its key is around them, and one mapping the settings of a
/// program.
fn is_typical(found: &Found<'_>, format: &Format, configuration: &CorsConfiguration) -> bool {
    let has_key = || found.container().is_some_and(|key| format.has_container(key));
    let is_complete = |rule: &CorsRule| !rule.allowed_origins.is_empty() && !rule.allowed_methods.is_empty();
    let is_list = matches!(found.node.value, tree::Value::List(_));
    (has_key() || is_list && !format.has_option("gcs")) && configuration.rules.iter().all(is_complete)
}

/// The name, or, if another bucket has it, that with a number.
fn unused_name(name: String, others: &[Rules]) -> String {
    let name = if name.is_empty() { "document".into() } else { name };
    let same = others.iter().filter(|other| other.bucket.split('#').next() == Some(&name)).count();
    if same == 0 {
        name
    } else {
        format!("{name}#{}", same + 1)
    }
}

#[cfg(test)]
pub(crate) mod tests;
