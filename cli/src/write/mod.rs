//! Writes rules in every format that `convert` knows.

mod hcl;
mod json;
mod targets;
mod xml;
mod yaml;

use clap::ValueEnum;

use crate::read::Rules;

pub(crate) use json::string as json_string;
pub(crate) use yaml::scalar as yaml_scalar;

/// The format to write
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub(crate) enum To {
    /// `{"CORSRules": [...]}`, as the AWS command line and the SDKs take it
    Json,
    /// S3's REST document
    Xml,
    /// The array of rules alone, as the S3 console takes it
    ConsoleJson,
    /// S3's names in YAML
    Yaml,
    /// A template with a bucket
    Cloudformation,
    /// A resource `aws_s3_bucket_cors_configuration`
    Terraform,
    /// Cloudflare R2, as its dashboard and wrangler take it
    R2,
    /// Google Cloud Storage, as gcloud takes it
    Gcs,
}

/// A value of a document, before it has a syntax.
#[derive(Clone, Debug)]
enum Part {
    Text(String),
    Number(i32),
    List(Vec<Part>),
    Map(Vec<(String, Part)>),
}

impl To {
    /// Whether a document of the format can have the rules of several buckets.
    pub(crate) fn has_buckets(self) -> bool {
        matches!(self, To::Cloudformation | To::Terraform)
    }

    /// The extension of a file of the format, by which it is read.
    pub(crate) fn extension(self) -> &'static str {
        match self {
            To::Xml => "xml",
            To::Yaml | To::Cloudformation => "yaml",
            To::Terraform => "tf",
            To::Json | To::ConsoleJson | To::R2 | To::Gcs => "json",
        }
    }

    /// The document, with a line feed at its end.
    pub(crate) fn write(self, buckets: &[&Rules]) -> String {
        let rules = || buckets.iter().flat_map(|bucket| &bucket.configuration.rules);
        let list = |rule: targets::RuleWriter| Part::List(rules().map(rule).collect());
        let under = |key: &str, list: Part| Part::Map(vec![(key.into(), list)]);
        match self {
            To::Json => json::write(&under("CORSRules", list(targets::s3))),
            To::ConsoleJson => json::write(&list(targets::s3)),
            To::Yaml => yaml::write(&under("CORSRules", list(targets::s3))),
            To::R2 => json::write(&under("rules", list(targets::r2))),
            To::Gcs => json::write(&list(targets::gcs)),
            To::Cloudformation => yaml::write(&targets::template(buckets)),
            To::Terraform => hcl::write(buckets),
            To::Xml => buckets.iter().map(|bucket| xml::write(&bucket.configuration)).collect(),
        }
    }

    /// What the format cannot say of the rules.
    pub(crate) fn losses(self, buckets: &[&Rules]) -> Vec<targets::Loss> {
        match self {
            To::Gcs => buckets.iter().flat_map(|bucket| targets::gcs_losses(&bucket.configuration)).collect(),
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests;
