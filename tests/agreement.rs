//! `decide` and the answers of both dialects against a naive reading of the rules, on the whole corpus and on random input.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use test_support::expected::{self, Settings};
use test_support::generators::{request, rule};
use tower_s3_cors::{CorsConfiguration, CorsPolicy, CorsRequest, CorsRule};

/// Decisions and whole answers, around services that set some of the headers or none.
#[track_caller]
fn agree(policy: &CorsPolicy, settings: Settings, request: &Request<Bytes>) {
    expected::check(policy, settings, request, &HeaderMap::new());
}

const STRICT: Settings = Settings {
    extended: false,
    credentials: false,
    timing: false,
    always_vary: false,
    uniform_refusals: false,
};
const EXTENDED: Settings = Settings { extended: true, ..STRICT };

/// A request that is made from texts is judged and explained as one that is sent.
#[test]
fn requests_from_texts_are_those_that_are_sent() {
    let rule = CorsRule::new(["https://a.example"], ["PUT"]).allow_headers(["x-a"]);
    let policy = CorsPolicy::try_from(rule).expect("a valid rule");
    for (origin, method, names) in [
        ("https://a.example", "PUT", ""),
        ("https://a.example", "PUT", "x-a"),
        ("https://a.example", "PUT", "x-a,x-b"),
        ("https://a.example", "OPTIONS", ""),
        ("https://b.example", "DELETE", "x-a"),
    ] {
        let actual = Request::builder().method(method).header("origin", origin);
        let preflight =
            Request::options("/").header("origin", origin).header("access-control-request-method", method);
        let preflight = match names {
            "" => preflight,
            names => preflight.header("access-control-request-headers", names),
        };
        let sent = [preflight, actual].map(|request| request.body(()).expect("a request"));
        let read = sent.each_ref().map(|request| CorsRequest::classify(request).expect("an Origin"));
        let made = [CorsRequest::preflight(origin, method, names), CorsRequest::actual(origin, method)];
        assert_eq!(made.each_ref().map(CorsRequest::is_preflight), [true, false]);
        for (made, read) in made.iter().zip(&read) {
            assert_eq!(format!("{made:?}"), format!("{read:?}"));
            assert_eq!(policy.explain(made).to_string(), policy.explain(read).to_string());
        }
    }
}

#[test]
fn decide_agrees_on_the_corpus() {
    let cases = test_support::cases("responses.json");
    let configurations: Vec<_> = cases.iter().filter(|case| !case["config"].is_null()).collect();
    for case in &configurations {
        let policy = CorsPolicy::new(&test_support::configuration(&case["config"])).expect("a valid case");
        let method = case["request"]["method"].as_str().expect("a method");
        let headers = test_support::headers(&case["request"]["headers"]);
        agree(&policy, STRICT, &test_support::request(method, "/", headers));
    }
    assert!(configurations.len() > 200);
}

#[test]
fn decide_agrees_on_random_input() {
    let cases = (settings(), vec(rule(), 1..12), vec((request(), inner()), 30));
    let built = std::cell::Cell::new(0);
    TestRunner::new(test_support::random(500))
        .run(&cases, |(settings, rules, requests)| {
            // Credentials forbid some patterns, and a policy that is not extended some methods.
            let Ok(policy) = settings.build(&rules) else { return Ok(()) };
            built.set(built.get() + 1);
            requests.iter().for_each(|(request, inner)| expected::check(&policy, settings, request, inner));
            Ok(())
        })
        .unwrap();
    assert!(built.get() > 100, "{}", built.get());
}

fn settings() -> impl Strategy<Value = Settings> {
    // With credentials, or without PATCH, most random rules are invalid.
    let rare = || prop::bool::weighted(0.2);
    (rare(), rare(), any::<[bool; 3]>()).prop_map(
        |(strict, credentials, [timing, always_vary, uniform_refusals])| Settings {
            extended: !strict,
            credentials,
            timing,
            always_vary,
            uniform_refusals,
        },
    )
}

/// Headers of the inner service, among them such as the layer sets itself.
fn inner() -> impl Strategy<Value = HeaderMap> {
    const NAMES: [&str; 5] =
        ["vary", "access-control-allow-origin", "access-control-max-age", "timing-allow-origin", "x-a"];
    const VALUES: [&str; 6] =
        ["Origin", "*", "origin, x-a", ", X-A ,,x-b", "", "ACCESS-CONTROL-REQUEST-METHOD"];
    let lines = vec((prop::sample::select(&NAMES[..]), prop::sample::select(&VALUES[..])), 0..4);
    lines.prop_map(|lines| {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(name, HeaderValue::from_static(value));
        }
        headers
    })
}

/// A hundred rules: the highest bits of the set.
#[test]
fn decide_agrees_on_a_hundred_rules() {
    let rules = (0..100).map(|n| CorsRule {
        allowed_origins: vec![format!("https://{n}.example"), format!("https://*.{}.example", n % 7)],
        allowed_methods: vec!["GET".into()],
        ..CorsRule::default()
    });
    let policy = CorsPolicy::new(&CorsConfiguration { rules: rules.collect() }).expect("valid");
    for n in 0..101 {
        for origin in [format!("https://{n}.example"), format!("https://a.{n}.example")] {
            let request = test_support::request(
                "GET",
                "/",
                test_support::headers(&serde_json::json!([["origin", origin]])),
            );
            agree(&policy, STRICT, &request);
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
fn similar(letters: [&str; 2], field: fn(&mut CorsRule) -> &mut Vec<String>) -> Vec<CorsRule> {
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

/// Asks about every word, with the method of each rule, so that the match of each rule is seen.
fn agree_on_words(letters: [&str; 2], rules: Vec<CorsRule>, ask: impl Fn(&str, &str) -> Request<Bytes>) {
    let policy = CorsPolicy::extended(&CorsConfiguration { rules }).expect("valid");
    for word in words(letters, 8) {
        for rule in 0..40 {
            agree(&policy, EXTENDED, &ask(&word, &format!("M{rule}")));
        }
    }
}

/// Words shorter than the sixteen bytes that a hash takes at once, and longer ones.
const LENGTHS: [[&str; 2]; 2] = [["a", "b"], ["alpha-", "b."]];

#[test]
fn decide_agrees_on_many_similar_origins() {
    for letters in LENGTHS {
        let rules = similar(letters, |rule| &mut rule.allowed_origins);
        agree_on_words(letters, rules, |word, method| {
            test_support::request(method, "/", test_support::headers(&serde_json::json!([["origin", word]])))
        });
    }
}

/// Signs that differ in the one bit that tells a small letter from a capital are different names.
#[test]
fn decide_agrees_on_names_with_signs() {
    let names: Vec<String> = "^~`@_-|09aAzZ".chars().map(|sign| format!("x-name-{sign}")).collect();
    let is_valid = |name: &&String| !name.contains('@');
    let rules: Vec<CorsRule> = names
        .iter()
        .filter(is_valid)
        .map(|name| CorsRule {
            allowed_origins: vec!["*".into()],
            allowed_methods: vec!["PUT".into()],
            allowed_headers: vec![name.clone(), format!("{name}*")],
            ..CorsRule::default()
        })
        .collect();
    let policy = CorsPolicy::new(&CorsConfiguration { rules }).expect("valid");
    for name in names.iter().map(String::to_owned).chain(names.iter().map(|name| format!("{name}-more"))) {
        let headers = serde_json::json!([
            ["origin", "https://example.com"],
            ["access-control-request-method", "PUT"],
            ["access-control-request-headers", name],
        ]);
        agree(&policy, STRICT, &test_support::request("OPTIONS", "/", test_support::headers(&headers)));
    }
}

#[test]
fn decide_agrees_on_many_similar_names() {
    for [a, b] in LENGTHS {
        // Written in capitals where the request has none.
        let mut rules = similar([a, &b.to_uppercase()], |rule| &mut rule.allowed_headers);
        rules.iter_mut().for_each(|rule| rule.allowed_origins = vec!["*".into()]);
        agree_on_words([&a.to_uppercase(), b], rules, |word, method| {
            let headers = serde_json::json!([
                ["origin", "https://example.com"],
                ["access-control-request-method", method],
                ["access-control-request-headers", word],
            ]);
            test_support::request("OPTIONS", "/", test_support::headers(&headers))
        });
    }
}

/// Commas between names are looked for eight bytes at a step.
#[test]
fn decide_agrees_on_few_names_of_every_length() {
    // Of one letter, names of several lengths begin and end alike.
    let letters = ["x-Amz-Meta-Object-Id", "xxxxxxxxxxxxxxxxxxxx"];
    let long = |letters: &'static str| (1..=20).map(move |length| letters[..length].to_owned());
    let names: Vec<String> = letters.into_iter().flat_map(long).collect();
    for written in &names {
        let allowed_headers = vec![written.clone(), "other".into()];
        let rule = CorsRule {
            allowed_origins: vec!["*".into()],
            allowed_methods: vec!["PUT".into()],
            allowed_headers,
            ..CorsRule::default()
        };
        let policy = CorsPolicy::new(&CorsConfiguration { rules: vec![rule] }).expect("valid");
        let lower = written.to_lowercase();
        let changed = (0..lower.len()).flat_map(|at| {
            ["_", "\u{7f}", "\u{80}", "\u{20ac}"]
                .map(|byte| format!("{}{byte}{}", &lower[..at], &lower[at + 1..]))
        });
        for name in changed.chain(names.iter().cloned()).chain([lower.clone(), written.to_uppercase()]) {
            for list in
                [name.clone(), format!("{name},other"), format!("other, {name}\t,"), format!("OTHER,,{name}")]
            {
                // No text: a header may have any byte from 0x80.
                let Ok(list) = HeaderValue::from_bytes(list.as_bytes()) else { continue };
                let mut headers = test_support::headers(&serde_json::json!([
                    ["origin", "https://example.com"],
                    ["access-control-request-method", "PUT"],
                ]));
                headers.insert("access-control-request-headers", list);
                agree(&policy, STRICT, &test_support::request("OPTIONS", "/", headers));
            }
        }
    }
}
