//! What a name or a text that S3 does not know was meant to be.

use super::location::Field;
use crate::pattern::Quoted;

/// What XML calls white space (XML 1.0, 2.3): a no-break space is text.
pub(super) const XML_BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];

/// The names that other formats have for the fields of a rule.
const FOREIGN_FIELDS: [(&str, &str, Field); 30] = {
    use Field::*;
    const CLOUDFORMATION: &str = "CloudFormation";
    const TERRAFORM: &str = "Terraform";
    const CAMEL_CASE: &str = "CDK or Pulumi";
    const GOOGLE: &str = "Google Cloud Storage";
    const API_GATEWAY: &str = "API Gateway";
    [
        ("Id", CLOUDFORMATION, Id),
        ("ExposedHeaders", CLOUDFORMATION, ExposeHeaders),
        ("MaxAge", CLOUDFORMATION, MaxAgeSeconds),
        ("id", TERRAFORM, Id),
        ("allowed_origins", TERRAFORM, AllowedOrigins),
        ("allowed_methods", TERRAFORM, AllowedMethods),
        ("allowed_headers", TERRAFORM, AllowedHeaders),
        ("expose_headers", TERRAFORM, ExposeHeaders),
        ("exposed_headers", CAMEL_CASE, ExposeHeaders),
        ("max_age_seconds", TERRAFORM, MaxAgeSeconds),
        ("max_age", CAMEL_CASE, MaxAgeSeconds),
        ("allowedOrigins", CAMEL_CASE, AllowedOrigins),
        ("allowedMethods", CAMEL_CASE, AllowedMethods),
        ("allowedHeaders", CAMEL_CASE, AllowedHeaders),
        ("exposeHeaders", CAMEL_CASE, ExposeHeaders),
        ("exposedHeaders", CAMEL_CASE, ExposeHeaders),
        ("maxAgeSeconds", CAMEL_CASE, MaxAgeSeconds),
        ("maxAge", CAMEL_CASE, MaxAgeSeconds),
        ("origin", GOOGLE, AllowedOrigins),
        ("method", GOOGLE, AllowedMethods),
        ("responseHeader", GOOGLE, ExposeHeaders),
        ("corsRuleName", "Backblaze B2", Id),
        ("allowedOperations", "Backblaze B2", AllowedMethods),
        ("exposedResponseHeaders", "Serverless Framework", ExposeHeaders),
        ("allowedExposeHeaders", "Baidu", ExposeHeaders),
        ("AllowOrigins", API_GATEWAY, AllowedOrigins),
        ("AllowMethods", API_GATEWAY, AllowedMethods),
        ("AllowHeaders", API_GATEWAY, AllowedHeaders),
        ("allowOrigins", API_GATEWAY, AllowedOrigins),
        ("allowMethods", API_GATEWAY, AllowedMethods),
    ]
};

/// The names that other formats have for the list of rules, or for what is around it, and S3's name for that.
const FOREIGN_CONTAINERS: [(&str, &str, &str); 10] = [
    ("CorsConfig", "Google Cloud Storage", "CORSConfiguration"),
    ("CorsConfiguration", "CloudFormation", "CORSConfiguration"),
    ("CorsRules", "CloudFormation", "CORSRules"),
    ("allowed", "Cloudflare R2", "AllowedOrigins"),
    ("cors_rule", "Terraform", "CORSRules"),
    ("cors_rules", "CDK or Pulumi", "CORSRules"),
    ("corsRules", "CDK or Pulumi", "CORSRules"),
    ("rules", "Cloudflare R2", "CORSRules"),
    ("cors", "Google Cloud Storage", "CORSRules"),
    ("CORSRule", "ossutil", "CORSRules"),
];

/// The field that a name of another format means, singular and plural being one.
pub(super) fn field(name: &str) -> Option<Field> {
    let own = |field: &Field| [field.as_str(), field.element()].contains(&name);
    let foreign = || FOREIGN_FIELDS.iter().find(|(foreign, ..)| *foreign == name).map(|(.., field)| *field);
    Field::ALL.into_iter().find(own).or_else(foreign)
}

/// What a name of another format means outside of rules.
pub(super) fn container(name: &str) -> Option<&'static str> {
    FOREIGN_CONTAINERS.iter().find(|(foreign, ..)| *foreign == name).map(|(.., own)| *own)
}

/// Likeness, 0 to 1, from which a suggestion helps more than it misleads: `AllowedOrigns` is above it, `Version` below.
const ALIKE: f64 = 0.8;

/// The message about an unknown name: `unknown key "AllowedOrigin", did you mean "AllowedOrigins"?`
pub(super) fn unknown(noun: &str, name: &str, known: &[&str]) -> String {
    let quoted = Quoted(name);
    if name.to_ascii_lowercase().contains("credential") {
        return format!(
            "unknown {noun} {quoted}: S3 rules have no such {noun}; credentials are switched on in code or with --credentials"
        );
    }
    let fields = FOREIGN_FIELDS.iter().map(|(foreign, format, field)| (*foreign, *format, field.as_str()));
    let mut foreign = fields.chain(FOREIGN_CONTAINERS).filter(|(foreign, ..)| *foreign == name);
    if let Some((_, format, own)) = foreign.find(|(.., own)| known.contains(own)) {
        return format!("unknown {noun} {quoted}, which is {format}'s; S3's is {own:?}");
    }
    let written = plain(name);
    let nearest = known
        .iter()
        .map(|known| (strsim::jaro_winkler(&plain(known), &written), known))
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .filter(|(alike, _)| *alike >= ALIKE);
    match nearest {
        Some((_, known)) => format!("unknown {noun} {quoted}, did you mean {known:?}?"),
        None => format!("unknown {noun} {quoted}, expected {}", known.join(", ")),
    }
}

/// Without case and separators, which differ between formats.
fn plain(name: &str) -> String {
    const LONGEST: usize = 100;
    let letters = name.chars().filter(|c| c.is_alphanumeric()).take(LONGEST);
    letters.flat_map(char::to_lowercase).collect()
}
