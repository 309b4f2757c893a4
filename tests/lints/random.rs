//! Random configurations: `lint` says that a rule or an origin never decides, or is covered, exactly where the
//! policy and the loop of ten lines agree.

use http::{HeaderMap, HeaderValue};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use tower_s3_cors::{CorsConfiguration, CorsPolicy, CorsRequest, CorsRule, Field, Lint};

use crate::common;

/// Few letters, so that prefixes, suffixes and overlaps collide all the time.
const LETTERS: &str = "[ab]{0,3}";

fn pattern() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => LETTERS,
        6 => (LETTERS, LETTERS).prop_map(|(prefix, suffix)| format!("{prefix}*{suffix}")),
        1 => prop::sample::select(&["https", "https://*", "https://a", "https://*b"][..]).prop_map(str::to_owned),
    ]
}

fn header_pattern() -> impl Strategy<Value = String> {
    ("[aAb]{0,2}", prop::bool::ANY, "[aAb]{0,2}")
        .prop_map(|(prefix, star, suffix)| format!("{prefix}{}{suffix}", if star { "*" } else { "" }))
}

fn rule() -> impl Strategy<Value = CorsRule> {
    let methods = vec(prop::sample::select(&["GET", "PUT", "PATCH"][..]).prop_map(str::to_owned), 1..3);
    (vec(pattern(), 1..4), methods, vec(header_pattern(), 0..3)).prop_map(
        |(allowed_origins, allowed_methods, allowed_headers)| CorsRule {
            allowed_origins,
            allowed_methods,
            allowed_headers,
            ..CorsRule::default()
        },
    )
}

/// One text that the pattern matches. If the fill is a letter that no pattern has, another pattern matches this
/// text only if it matches all of them.
fn filled(pattern: &str, fill: &str) -> String {
    match pattern {
        "https" => format!("https://{fill}"),
        pattern => pattern.replacen('*', fill, 1),
    }
}

fn matches(pattern: &str, text: &str) -> bool {
    let pattern = if pattern == "https" { "https://*" } else { pattern };
    match pattern.split_once('*') {
        None => pattern == text,
        Some((prefix, suffix)) => text.strip_prefix(prefix).is_some_and(|left| left.ends_with(suffix)),
    }
}

fn run<S: Strategy>(cases: u32, strategy: S, test: impl Fn(S::Value)) {
    TestRunner::new(common::random(cases))
        .run(&strategy, |value| {
            test(value);
            Ok(())
        })
        .unwrap();
}

#[test]
fn covered_is_covered_and_nothing_else() {
    run(4000, (pattern(), pattern(), vec("[abz]{0,3}", 10)), |(outer, inner, fills)| {
        // What `*` covers, and the empty origin, are lints of their own.
        if [&outer, &inner].iter().any(|pattern| matches!(pattern.as_str(), "*" | "")) {
            return;
        }
        let rule = CorsRule { allowed_origins: vec![outer.clone(), inner.clone()], ..CorsRule::default() };
        let lints = CorsConfiguration { rules: vec![rule] }.lint();
        let said =
            |index| lints.iter().any(|lint| lint.id() == "O20" && lint.location().index == Some(index));
        let covers = |outer: &str, inner: &str| matches(outer, &filled(inner, "z"));
        assert_eq!(said(1), covers(&outer, &inner), "{outer:?} {inner:?}");
        assert_eq!(said(0), covers(&inner, &outer) && !said(1), "{inner:?} {outer:?}");
        for fill in fills.iter().filter(|_| said(1)) {
            assert!(matches(&outer, &filled(&inner, fill)), "{outer:?} {inner:?} {fill:?}");
        }
    });
}

/// The rule that decides about a preflight from the origin for all that the rule could be asked for at once.
fn decides(policy: &CorsPolicy, origin: &str, method: &str, headers: &[String], fill: &str) -> Option<usize> {
    let mut request = HeaderMap::new();
    let names: Vec<String> = headers.iter().map(|pattern| filled(pattern, fill)).collect();
    for (name, value) in [
        ("origin", origin),
        ("access-control-request-method", method),
        ("access-control-request-headers", &names.join(",")),
    ] {
        request.insert(name, HeaderValue::from_str(value).expect("a header value"));
    }
    let request = common::request("OPTIONS", "/", request);
    policy.decide(&CorsRequest::classify(&request)?).rule()
}

fn said_of(lints: &[Lint], rule: usize, index: usize) -> bool {
    let mut useless = lints.iter().filter(|lint| lint.id() == "R01" && lint.location().rule == Some(rule));
    useless.any(|lint| lint.location().field.is_none() || lint.location().index == Some(index))
}

#[test]
fn what_never_decides() {
    run(1500, (vec(rule(), 2..6), vec("[abz]{0,3}", 5)), |(rules, fills)| {
        let configuration = CorsConfiguration { rules };
        let lints = configuration.lint();
        let policy = CorsPolicy::extended(&configuration).expect("lawful");
        for (number, rule) in configuration.rules.iter().enumerate() {
            for (index, pattern) in
                rule.allowed_origins.iter().enumerate().filter(|(_, origin)| !origin.is_empty())
            {
                let decided = |fill: &str| {
                    let by = |method: &String| {
                        decides(&policy, &filled(pattern, fill), method, &rule.allowed_headers, fill)
                    };
                    rule.allowed_methods.iter().any(|method| by(method) == Some(number))
                };
                let said = said_of(&lints, number, index);
                assert_eq!(said, !decided("z"), "{number} {index} {configuration:?}");
                assert!(
                    !said || !fills.iter().any(|fill| decided(fill)),
                    "{number} {index} {configuration:?}"
                );
            }
        }
    });
}

/// R02 and R04 name a rule that decides about an actual request in place of the later one.
#[test]
fn who_decides_about_actual_requests() {
    let exposing = (rule(), vec("[aAb]{1,2}", 0..3))
        .prop_map(|(rule, expose_headers)| CorsRule { expose_headers, ..rule });
    run(1500, vec(exposing, 2..6), |rules| {
        let configuration = CorsConfiguration { rules };
        let policy = CorsPolicy::extended(&configuration).expect("lawful");
        for lint in configuration.lint().iter().filter(|lint| ["R02", "R04"].contains(&lint.id())) {
            let later = lint.location().rule.expect("a rule");
            let (_, before) = lint.reason().rsplit_once("CORSRules[").expect("the other rule");
            let before: usize = before.split(']').next().and_then(|n| n.parse().ok()).expect("a number");
            let rule = &configuration.rules[later];
            let asked = |origin: &str, method: &str| {
                let mut headers = HeaderMap::new();
                headers.insert("origin", HeaderValue::from_str(origin).expect("a value"));
                policy
                    .decide(&CorsRequest::classify(&common::request(method, "/", headers)).expect("CORS"))
                    .rule()
            };
            let pairs = rule.allowed_origins.iter().filter(|origin| !origin.is_empty());
            let mut pairs =
                pairs.flat_map(|origin| rule.allowed_methods.iter().map(move |method| (origin, method)));
            assert!(
                pairs.any(|(origin, method)| asked(&filled(origin, "z"), method) == Some(before)),
                "{lint} {configuration:?}"
            );
            let earlier = &configuration.rules[before];
            match lint.location().field {
                Some(Field::ExposeHeaders) => {
                    let name = lint.value().expect("a name");
                    assert!(!earlier.expose_headers.iter().any(|exposed| exposed.eq_ignore_ascii_case(name)));
                }
                _ => assert!(earlier.allowed_origins.iter().any(|origin| origin == "*")),
            }
        }
    });
}

fn anything() -> impl Strategy<Value = CorsRule> {
    let value = || {
        prop_oneof![
            2 => "(https?://|[a-z]{0,3}:?/{0,2})?[@*.\\[\\]:/?#aA0é \n-]{0,8}",
            1 => ".{0,6}",
            1 => "[\\x00-\\x7f]{0,6}",
        ]
    };
    let list = || vec(value(), 0..4);
    (prop::option::of(value()), list(), list(), list(), list(), any::<Option<i32>>()).prop_map(
        |(id, allowed_origins, allowed_methods, allowed_headers, expose_headers, max_age_seconds)| CorsRule {
            id,
            allowed_origins,
            allowed_methods,
            allowed_headers,
            expose_headers,
            max_age_seconds,
        },
    )
}

#[test]
fn any_configuration() {
    run(3000, vec(anything(), 0..4), |rules| {
        let configuration = CorsConfiguration { rules };
        let lints = configuration.lint();
        for lint in &lints {
            crate::vanishes(&configuration, lint);
            let message = lint.to_string();
            assert!(!message.chars().any(char::is_control), "{message:?}");
            assert!(!message.ends_with('.') || message.ends_with("..."), "{message}");
        }
        let places: Vec<_> = lints
            .iter()
            .map(|lint| (lint.location().rule, lint.location().field, lint.location().index))
            .collect();
        assert!(places.windows(2).all(|two| two[0] <= two[1]), "{lints:?}");
    });
}
