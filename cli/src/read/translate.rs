//! Values that other clouds write in other ways than S3: B2's operations, Google's `*` and its one list of headers.

use tower_s3_cors::document::{Field, Location};
use tower_s3_cors::CorsRule;

use super::finding::Kind;
use super::rules::Reader;
use super::tree::{quoted, Node};
use super::{backblaze, google};

impl Reader<'_> {
    /// The methods, which some formats write in other ways.
    pub(super) fn methods(&mut self, node: &Node, location: Location) -> Vec<String> {
        let written = self.list(node, location);
        let mut methods: Vec<String> = Vec::new();
        for (index, value) in written.into_iter().enumerate() {
            let at = location.with_index(index);
            let meant: Vec<String> = match self.method(&value, at) {
                _ if self.unknown.contains(&at) || self.unknown.contains(&location) => vec!["GET".into()],
                Some(meant) => meant,
                None => vec![value],
            };
            for method in meant {
                if !self.is_translated() || !methods.contains(&method) {
                    self.spans.again(location.with_index(methods.len()), at);
                    methods.push(method);
                }
            }
        }
        methods
    }

    fn is_translated(&self) -> bool {
        self.format.has_option("b2") || self.format.has_option("gcs")
    }

    fn method(&mut self, value: &str, location: Location) -> Option<Vec<String>> {
        let span = self.spans.of(location);
        if self.format.has_option("gcs") && value == "*" {
            let message =
                format!("S3 has no \"*\" for methods; it is read as {}", google::METHODS.join(", "));
            self.find(Kind::Note, &span, Some(location), message);
            return Some(google::METHODS.map(String::from).to_vec());
        }
        if self.format.has_option("gcs") && value == "OPTIONS" {
            let message = "S3 has no \"OPTIONS\" for methods, and preflights need no rule; it is left out";
            self.find(Kind::Note, &span, Some(location), message.into());
            return Some(Vec::new());
        }
        if !self.format.has_option("b2") {
            return None;
        }
        let Some((method, is_native)) = backblaze::method(value) else {
            let message = format!("{} is not an operation of Backblaze B2", quoted(value));
            self.find(Kind::Fault, &span, Some(location), message);
            return None;
        };
        if is_native {
            let message = format!("{value:?} is an operation of B2's own API; it is read as {method}");
            self.find(Kind::Note, &span, Some(location), message);
        }
        Some(vec![method.into()])
    }

    /// Google's one list of headers is for preflights and for scripts that read the response.
    pub(super) fn response_headers(&mut self, node: &Node, location: Location, rule: &mut CorsRule) {
        let at = location.with_field(Field::ExposeHeaders);
        let allowed = location.with_field(Field::AllowedHeaders);
        let mut patterns = Vec::new();
        rule.allowed_headers = self.list(node, at);
        self.spans.again(allowed, at);
        for index in 0..rule.allowed_headers.len() {
            self.spans.again(allowed.with_index(index), at.with_index(index));
        }
        for (index, name) in rule.allowed_headers.iter().enumerate() {
            if name.contains('*') {
                let message = format!("S3 exposes no {}; it is read as an allowed header only", quoted(name));
                patterns.push((self.spans.of(at.with_index(index)), message));
            } else {
                self.spans.again(at.with_index(rule.expose_headers.len()), at.with_index(index));
                rule.expose_headers.push(name.clone());
            }
        }
        for (span, message) in patterns {
            self.find(Kind::Note, &span, Some(at), message);
        }
    }
}
