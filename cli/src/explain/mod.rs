//! `s3-cors explain`: why a request is granted or refused, and what is answered.

mod exchange;
mod section;

use std::io;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use http::Request;
use serde_json::{json, Value};
use tower_s3_cors::explain::Explanation;
use tower_s3_cors::{CorsPolicy, CorsRequest, Fetch, S3};

use exchange::{Exchange, Step};
use section::{heading, Explained, Section};

use crate::answer::Answer;
use crate::clients;
use crate::diagnostic::{Diagnostic, Level};
use crate::escape::escaped_json;
use crate::input::Source;
use crate::paint::Paint;
use crate::render::Color;
use crate::{given, input, Choice, Failure, Outcome, Settings};

/// Explain why a request is granted or refused, and show the headers of the answer
#[derive(Args)]
#[command(after_help = "\
Of several files, or a template with several buckets, the rules of each are explained.
Exit status: 0 granted by all, 1 refused by any, 2 an error in any

Examples:
  s3-cors explain cors.json --origin https://app.example.com --method PUT --header content-type
  s3-cors explain cors.xml --origin https://app.example.com --method GET --actual
  s3-cors explain cors.xml --origin https://app.example.com --method GET --dialect s3
  s3-cors explain cors.json --origin https://app.example.com --client uppy
  s3-cors explain cors.xml cors.json --origin https://app.example.com --method PUT
  s3-cors explain cors.json --curl \"curl https://assets.example.com/a -X PUT -H 'Origin: https://app.example.com'\"")]
pub(crate) struct Explain {
    /// Rules in any format that S3, its tools and other clouds have, folders of such files, or patterns such as
    /// 'infra/**/*.tf'; `-` is the standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    choice: Choice,
    /// The page's origin, as a browser sends it: `https://app.example.com`
    #[arg(long, required_unless_present = "curl", default_value = "", hide_default_value = true)]
    origin: String,
    /// The method that the page wants to use
    #[arg(long, required_unless_present_any = ["curl", "client"], default_value = "", hide_default_value = true)]
    method: String,
    /// Names of headers that the page wants to send: `x-a`, `x-a,x-b` or `x-a: value`; may be given several times.
    /// With `--actual` only in the dialect `s3`
    #[arg(long = "header", value_name = "NAMES")]
    headers: Vec<String>,
    /// Evaluate the actual request alone, without its preflight
    #[arg(long)]
    actual: bool,
    /// A command of curl with an Origin, such as "Copy as cURL" of a browser's developer tools: its preflight, if it has
    /// one, and the request
    #[arg(long, value_name = "COMMAND", conflicts_with_all = ["origin", "method", "headers", "actual"])]
    curl: Option<String>,
    /// What that client sends: aws-sdk-js-v3, aws-sdk-js-v2, uppy, sentry or opentelemetry; `--method` chooses one of its
    /// requests, `--header` adds names
    #[arg(long, value_name = "NAME", conflicts_with_all = ["curl", "actual"], value_parser = clients::name)]
    client: Option<&'static str>,
    /// How to report
    #[arg(long, default_value = "human")]
    format: Format,
    /// Answer as browsers need it, or as Amazon S3 answers
    #[arg(long, default_value = "fetch")]
    dialect: Wire,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Clone, Copy, ValueEnum)]
enum Wire {
    Fetch,
    S3,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Format {
    Human,
    /// A document for programs
    Json,
}

impl Explain {
    pub(crate) fn run(&self, color: Color) -> Result<Outcome, Failure> {
        input::check_standard(&self.files)?;
        let exchanges = self.exchanges()?;
        exchanges
            .iter()
            .flat_map(|exchange| &exchange.steps)
            .try_for_each(|step| step.request().map(drop))?;
        let (mut sections, mut diagnostics) = (Vec::new(), Vec::new());
        let sources = given::files(&self.files, false);
        for source in sources.iter().filter_map(|given| given.read(self.choice.from)) {
            match source {
                Ok(source) => self.explain_all(&source, &exchanges, &mut sections, &mut diagnostics),
                Err(Failure(failed)) => diagnostics.extend(failed),
            }
        }
        if sections.is_empty() && diagnostics.is_empty() {
            return Err("no file has CORS rules".into());
        }
        let has_failed = diagnostics.iter().any(|diagnostic| diagnostic.level == Level::Error);
        if sections.is_empty() {
            return Err(Failure(diagnostics));
        }
        let is_granted = !has_failed && sections.iter().all(|section| section.is_granted);
        let text = match self.format {
            Format::Human => {
                let has_title = sources.len() > 1 || sections.len() > 1 || has_failed;
                let texts: Vec<String> = sections.iter().map(|section| section.text(has_title)).collect();
                Paint(color.is_on(&io::stdout())).explanation(&texts.join("\n"))
            }
            Format::Json => {
                let rules: Vec<Value> = sections.iter().map(Section::document).collect();
                let document = json!({ "version": 1, "granted": is_granted, "rules": rules });
                escaped_json(&format!("{document:#}\n"))
            }
        };
        let status = if has_failed { 2 } else { u8::from(!is_granted) };
        Ok(Outcome { text, diagnostics, status })
    }

    /// Explains the rules of the chosen bucket, or of each.
    fn explain_all(
        &self,
        source: &Source,
        exchanges: &[Exchange],
        sections: &mut Vec<Section>,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let mut buckets: Vec<Option<&str>> = vec![self.choice.bucket.as_deref()];
        if self.choice.bucket.is_none() && !source.reading.rules.is_empty() {
            buckets = source.reading.rules.iter().map(|rules| Some(rules.bucket.as_str())).collect();
        }
        for bucket in buckets {
            match self.section(source, bucket, exchanges) {
                Ok((section, notes)) => {
                    sections.push(section);
                    diagnostics.extend(notes);
                }
                Err(Failure(failed)) => diagnostics.extend(failed),
            }
        }
    }

    fn section(
        &self,
        source: &Source,
        bucket: Option<&str>,
        exchanges: &[Exchange],
    ) -> Result<(Section, Vec<Diagnostic>), Failure> {
        let (chosen, notes) = source.select(bucket)?;
        let rules = chosen.first().ok_or("no bucket has rules")?;
        let policy = self.settings.builder().build(&rules.configuration);
        let policy = policy.map_err(|error| Failure(source.problems(rules, &error)))?;
        let (file, bucket) = (source.name.clone(), rules.name().map(str::to_owned));
        let mut section = Section { file, bucket, texts: Vec::new(), requests: Vec::new(), is_granted: true };
        for exchange in exchanges {
            section.texts.extend(exchange.client.map(|client| heading(&client)));
            for step in &exchange.steps {
                let explained = self.explain(&policy, step)?;
                section.texts.push(explained.answer.text(&explained.explanation));
                section.requests.push(explained.document(step, exchange.client));
                // Browsers send no request whose preflight was refused.
                if !explained.answer.is_granted() {
                    section.is_granted = false;
                    break;
                }
            }
        }
        Ok((section, notes))
    }

    /// The explanation of a request with its answer.
    fn explain(&self, policy: &CorsPolicy, step: &Step) -> Result<Explained, Failure> {
        let request = step.request()?;
        let explanation = self.explanation(policy, &request).ok_or("the request has no Origin")?;
        let answer = match self.dialect {
            Wire::Fetch => Answer::new(&Fetch, policy, request),
            Wire::S3 => Answer::new(&S3::default(), policy, request),
        };
        Ok(Explained { explanation, answer })
    }

    fn explanation(&self, policy: &CorsPolicy, request: &Request<()>) -> Option<Explanation> {
        let asked = match self.dialect {
            Wire::Fetch => CorsRequest::classify(request),
            Wire::S3 => CorsRequest::classify_s3(request),
        };
        asked.map(|asked| policy.explain(&asked))
    }
}
