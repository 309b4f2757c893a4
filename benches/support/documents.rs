//! Documents and configurations made to cost as much as they can: reading, linting and explaining must be linear.

use std::hint::black_box;

use http::Request;
use tower_s3_cors::{CorsConfiguration, CorsPolicy, CorsRequest, CorsRule};

pub struct Document {
    pub name: &'static str,
    /// How many parts it has at the size that is measured; twice as many are measured too.
    pub size: usize,
    /// Prepares the document and returns the work on it.
    pub work: fn(usize) -> Box<dyn FnOnce()>,
}

pub const ALL: [Document; 8] = [
    Document { name: "reading JSON of 4000 unknown keys", size: 2000, work: unknown_keys },
    Document { name: "reading JSON of 20000 origins", size: 10_000, work: json_origins },
    Document { name: "reading XML of 20000 origins", size: 10_000, work: xml_origins },
    Document { name: "reading XML of 4000 stray texts", size: 2000, work: stray_texts },
    Document { name: "linting 4000 origins and 4000 methods", size: 2000, work: linted_methods },
    Document { name: "linting 4000 nested patterns", size: 2000, work: linted_patterns },
    Document { name: "explaining a request to 40000 origins", size: 20_000, work: explained },
    Document { name: "compiling 20000 patterns", size: 10_000, work: compiled },
];

fn texts(count: usize, text: impl Fn(usize) -> String) -> Vec<String> {
    (0..count).map(text).collect()
}

fn unknown_keys(count: usize) -> Box<dyn FnOnce()> {
    let keys = texts(count, |number| format!("\"AllowedOrigin{number}\": []")).join(",");
    let text = format!("[{{{keys}}}]");
    Box::new(move || drop(black_box(CorsConfiguration::from_json(&text))))
}

fn origins(count: usize) -> CorsConfiguration {
    let rule = CorsRule {
        allowed_origins: texts(count, |number| format!("https://app-{number}.example.com")),
        allowed_methods: vec!["GET".into()],
        ..CorsRule::default()
    };
    CorsConfiguration { rules: vec![rule] }
}

fn json_origins(count: usize) -> Box<dyn FnOnce()> {
    let text = origins(count).to_json();
    Box::new(move || drop(black_box(CorsConfiguration::from_json(&text))))
}

fn xml_origins(count: usize) -> Box<dyn FnOnce()> {
    let text = origins(count).to_xml();
    Box::new(move || drop(black_box(CorsConfiguration::from_xml(&text))))
}

fn stray_texts(count: usize) -> Box<dyn FnOnce()> {
    let text = format!("<CORSConfiguration>{}</CORSConfiguration>", "x<CORSRule/>".repeat(count));
    Box::new(move || drop(black_box(CorsConfiguration::from_xml(&text))))
}

fn linted_methods(count: usize) -> Box<dyn FnOnce()> {
    let mut configuration = origins(count);
    configuration.rules[0].allowed_methods = texts(count, |number| format!("M{number}"));
    configuration.rules.push(configuration.rules[0].clone());
    Box::new(move || drop(black_box(configuration.lint())))
}

fn linted_patterns(count: usize) -> Box<dyn FnOnce()> {
    let mut configuration = origins(0);
    configuration.rules[0].allowed_origins =
        texts(count, |number| format!("https://*.{}example.com", "a.".repeat(number % 100)));
    Box::new(move || drop(black_box(configuration.lint())))
}

fn explained(count: usize) -> Box<dyn FnOnce()> {
    let policy = CorsPolicy::extended(&origins(count)).expect("valid");
    let request = Request::get("/").header("origin", "http://app.example.com").body(()).expect("a request");
    Box::new(move || {
        let request = CorsRequest::classify(&request).expect("an Origin");
        drop(black_box(policy.explain(&request)));
    })
}

fn compiled(count: usize) -> Box<dyn FnOnce()> {
    let mut configuration = origins(0);
    configuration.rules[0].allowed_origins =
        texts(count, |number| format!("https://*.tenant-{number}.example.com"));
    Box::new(move || drop(black_box(CorsPolicy::extended(&configuration))))
}
