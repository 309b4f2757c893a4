//! `decide` against a loop over the written rules, on the whole corpus and on random input.

mod common;
#[path = "common/generators.rs"]
mod generators;
#[path = "common/reference.rs"]
mod reference;

use bytes::Bytes;
use http::{HeaderValue, Request};
use proptest::collection::vec;
use proptest::test_runner::TestRunner;
use tower_s3_cors::{CorsConfiguration, CorsPolicy, CorsRequest, CorsRule};

use generators::{request, rule};
use reference::{naive, names};

/// Both readings of one request, each against the reference.
fn agree(policy: &CorsPolicy, request: &Request<Bytes>) {
    let headers = request.headers();
    let rules = &policy.configuration().rules;
    let mut origins = headers.get_all("origin").iter();
    let origin = origins.next().filter(|_| origins.next().is_none());
    let requested = headers.get("access-control-request-method").map(HeaderValue::as_bytes);
    let own = request.method().as_str().as_bytes();
    let preflight = own == b"OPTIONS" && requested.is_some();
    let wanted = |method: &[u8], names: &[Vec<u8>]| naive(rules, origin?.as_bytes(), method, names);

    let fetch = CorsRequest::classify(request).and_then(|asked| policy.decide(&asked).rule());
    match preflight {
        true => assert_eq!(fetch, wanted(requested.unwrap_or(own), &names(headers)), "{request:?}"),
        false => assert_eq!(fetch, wanted(own, &[]), "{request:?}"),
    }
    let s3 = CorsRequest::classify_s3(request).and_then(|asked| policy.decide(&asked).rule());
    assert_eq!(s3, wanted(requested.unwrap_or(own), &names(headers)), "{request:?}");
}

#[test]
fn on_the_corpus() {
    let cases = common::cases("responses.json");
    let configurations: Vec<_> = cases.iter().filter(|case| !case["config"].is_null()).collect();
    for case in &configurations {
        let policy = CorsPolicy::new(&common::configuration(&case["config"])).expect("a lawful case");
        let method = case["request"]["method"].as_str().expect("a method");
        agree(&policy, &common::request(method, "/", common::headers(&case["request"]["headers"])));
    }
    assert!(configurations.len() > 200);
}

#[test]
fn on_random_input() {
    let cases = (vec(rule(), 1..12), vec(request(), 30));
    TestRunner::new(common::random(400))
        .run(&cases, |(rules, requests)| {
            let policy = CorsPolicy::extended(&CorsConfiguration { rules }).expect("lawful");
            requests.iter().for_each(|request| agree(&policy, request));
            Ok(())
        })
        .unwrap();
}

/// A hundred rules: the highest bits of the set.
#[test]
fn on_a_hundred_rules() {
    let rules = (0..100).map(|n| CorsRule {
        allowed_origins: vec![format!("https://{n}.example"), format!("https://*.{}.example", n % 7)],
        allowed_methods: vec!["GET".into()],
        ..CorsRule::default()
    });
    let policy = CorsPolicy::new(&CorsConfiguration { rules: rules.collect() }).expect("lawful");
    for n in 0..101 {
        for origin in [format!("https://{n}.example"), format!("https://a.{n}.example")] {
            let request =
                common::request("GET", "/", common::headers(&serde_json::json!([["origin", origin]])));
            agree(&policy, &request);
        }
    }
}

/// Every word of two letters, up to that many of them: the empty one first, and each within longer ones.
fn words(letters: [&str; 2], most: u32) -> Vec<String> {
    let spell = |length: u32, number: usize| -> String {
        (0..length).map(|place| letters[number >> place & 1]).collect()
    };
    (0..=most).flat_map(|length| (0..1 << length).map(move |number| spell(length, number))).collect()
}

/// Two thousand patterns of all prefixes with all suffixes and hundreds of literals, each in two of forty rules.
fn crowded(letters: [&str; 2], field: fn(&mut CorsRule) -> &mut Vec<String>) -> Vec<CorsRule> {
    let parts = words(letters, 4);
    let affixes =
        parts.iter().flat_map(|prefix| parts.iter().map(move |suffix| format!("{prefix}*{suffix}")));
    let mut rules: Vec<CorsRule> = (0..40)
        .map(|rule| CorsRule { allowed_methods: vec![format!("M{rule}")], ..CorsRule::default() })
        .collect();
    // `*` would hide what the others match.
    for (number, text) in affixes.chain(words(letters, 7)).filter(|text| text != "*").enumerate() {
        for rule in [number % 40, number * 7 % 39] {
            field(&mut rules[rule]).push(text.clone());
        }
    }
    rules
}

/// Asks about every word, of each rule by its own method, so that it is seen of all whether they match.
fn agree_on_words(letters: [&str; 2], rules: Vec<CorsRule>, ask: impl Fn(&str, &str) -> Request<Bytes>) {
    let policy = CorsPolicy::extended(&CorsConfiguration { rules }).expect("lawful");
    for word in words(letters, 8) {
        for rule in 0..40 {
            agree(&policy, &ask(&word, &format!("M{rule}")));
        }
    }
}

/// Words shorter than the eight bytes that a hash takes at once, and words across them.
const LENGTHS: [[&str; 2]; 2] = [["a", "b"], ["alpha-", "b."]];

#[test]
fn on_crowded_origins() {
    for letters in LENGTHS {
        let rules = crowded(letters, |rule| &mut rule.allowed_origins);
        agree_on_words(letters, rules, |word, method| {
            common::request(method, "/", common::headers(&serde_json::json!([["origin", word]])))
        });
    }
}

/// Signs that differ in the one bit that tells a small letter from a capital are different names.
#[test]
fn on_names_with_signs() {
    let names: Vec<String> = "^~`@_-|09aAzZ".chars().map(|sign| format!("x-name-{sign}")).collect();
    let lawful = |name: &&String| !name.contains('@');
    let rules: Vec<CorsRule> = names
        .iter()
        .filter(lawful)
        .map(|name| CorsRule {
            allowed_origins: vec!["*".into()],
            allowed_methods: vec!["PUT".into()],
            allowed_headers: vec![name.clone(), format!("{name}*")],
            ..CorsRule::default()
        })
        .collect();
    let policy = CorsPolicy::new(&CorsConfiguration { rules }).expect("lawful");
    for name in names.iter().map(String::to_owned).chain(names.iter().map(|name| format!("{name}-more"))) {
        let headers = serde_json::json!([
            ["origin", "https://example.com"],
            ["access-control-request-method", "PUT"],
            ["access-control-request-headers", name],
        ]);
        agree(&policy, &common::request("OPTIONS", "/", common::headers(&headers)));
    }
}

#[test]
fn on_crowded_names() {
    for [a, b] in LENGTHS {
        // Written in capitals where the request has none.
        let mut rules = crowded([a, &b.to_uppercase()], |rule| &mut rule.allowed_headers);
        rules.iter_mut().for_each(|rule| rule.allowed_origins = vec!["*".into()]);
        agree_on_words([&a.to_uppercase(), b], rules, |word, method| {
            let headers = serde_json::json!([
                ["origin", "https://example.com"],
                ["access-control-request-method", method],
                ["access-control-request-headers", word],
            ]);
            common::request("OPTIONS", "/", common::headers(&headers))
        });
    }
}
