//! Patterns against the naive reference: lines of patterns, an empty line, and lines of values.

use http::{HeaderValue, Method, Request};
use test_support::reference::{matches_name, matches_origin};
use tower_s3_cors::{CorsConfiguration, CorsPolicy, CorsRequest, CorsRule};

const MAX_PATTERNS: usize = 100;
const MAX_VALUES: usize = 50;

pub fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (patterns, values) = text.split_once("\n\n").unwrap_or((&text, ""));
    let patterns: Vec<&str> = patterns.split('\n').take(MAX_PATTERNS).collect();
    let values: Vec<&str> = values.split('\n').chain(patterns.iter().copied()).take(MAX_VALUES).collect();
    check_origins(&patterns, &values);
    check_names(&patterns, &values);
}

/// A rule for each pattern that is valid on its own, and each with a method of its own: every pattern is seen.
fn policy(rules: impl Iterator<Item = CorsRule>) -> Option<CorsPolicy> {
    let is_valid = |rule: &CorsRule| CorsPolicy::extended(&rule.clone().into()).is_ok();
    let mut rules: Vec<CorsRule> = rules.filter(is_valid).collect();
    for (number, rule) in rules.iter_mut().enumerate() {
        rule.allowed_methods = vec![format!("M{number}")];
    }
    (!rules.is_empty()).then(|| CorsPolicy::extended(&CorsConfiguration { rules }).expect("valid rules"))
}

fn check_origins(patterns: &[&str], values: &[&str]) {
    let Some(policy) = policy(patterns.iter().map(|pattern| CorsRule::new([*pattern], ["GET"]))) else {
        return;
    };
    for value in values {
        let Ok(origin) = HeaderValue::from_bytes(value.as_bytes()) else { continue };
        let is_sent = !origin.is_empty();
        for (number, rule) in policy.configuration().rules.iter().enumerate() {
            let mut request = Request::new(());
            *request.method_mut() = Method::from_bytes(rule.allowed_methods[0].as_bytes()).expect("a method");
            request.headers_mut().insert("origin", origin.clone());
            let decided = CorsRequest::classify(&request).and_then(|asked| policy.decide(&asked).rule());
            let pattern = &rule.allowed_origins[0];
            let is_match = is_sent && matches_origin(pattern, Some(origin.as_bytes()));
            assert_eq!(decided, is_match.then_some(number), "{pattern:?} {value:?}");
        }
    }
}

fn check_names(patterns: &[&str], values: &[&str]) {
    let rule = |pattern: &&str| CorsRule::new(["*"], ["GET"]).allow_headers([*pattern]);
    let Some(policy) = policy(patterns.iter().map(rule)) else { return };
    for value in values {
        let name = value.trim_matches([' ', '\t']);
        let Ok(sent) = HeaderValue::from_bytes(value.as_bytes()) else { continue };
        if name.contains(',') {
            continue;
        }
        for (number, rule) in policy.configuration().rules.iter().enumerate() {
            let sent = sent.to_str().map_or(name, |text| text);
            let request = CorsRequest::preflight("https://a.example", &rule.allowed_methods[0], sent);
            let pattern = &rule.allowed_headers[0];
            let is_match = name.is_empty() || matches_name(pattern, name.as_bytes());
            assert_eq!(policy.decide(&request).rule(), is_match.then_some(number), "{pattern:?} {value:?}");
        }
    }
}
