//! Random configurations: `lint` says that a rule or an origin never decides, is covered, or is decided before,
//! exactly where a naive reading of the rules says so.

use http::{HeaderMap, HeaderValue};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use tower_s3_cors::lint::Lint;
use tower_s3_cors::{CorsConfiguration, CorsPolicy, CorsRequest, CorsRule};

use test_support::reference::{filled, matches_origin, naive};

/// Few letters, so that prefixes, suffixes and overlaps collide all the time.
const LETTERS: &str = "[ab]{0,3}";

fn pattern() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "https://[ab]{1,3}",
        6 => (LETTERS, LETTERS).prop_map(|(prefix, suffix)| format!("https://{prefix}*{suffix}")),
        2 => prop::sample::select(&["https", "*", "*a", "http*b", "", "https://a/", "https://a/*"][..])
            .prop_map(str::to_owned),
    ]
}

fn header_pattern() -> impl Strategy<Value = String> {
    ("[aAb]{0,2}", prop::bool::ANY, "[aAb]{0,2}")
        .prop_map(|(prefix, star, suffix)| format!("{prefix}{}{suffix}", if star { "*" } else { "" }))
}

pub fn rule() -> impl Strategy<Value = CorsRule> {
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

pub fn run<S: Strategy>(cases: u32, strategy: S, test: impl Fn(S::Value)) {
    TestRunner::new(test_support::random(cases))
        .run(&strategy, |value| {
            test(value);
            Ok(())
        })
        .unwrap();
}

/// Whether a browser sends an origin that matches. Other entries cover nothing.
pub fn is_live(origin: &str) -> bool {
    !origin.is_empty() && !origin.ends_with('/') && !origin.ends_with("/*") || origin == "https://*"
}

#[test]
fn covered_origins_are_covered_and_no_others() {
    run(4000, (pattern(), pattern(), vec("[abz]{0,3}", 10)), |(outer, inner, fills)| {
        // What `*` covers is a lint of its own.
        if [&outer, &inner].iter().any(|pattern| *pattern == "*") {
            return;
        }
        let rule = CorsRule { allowed_origins: vec![outer.clone(), inner.clone()], ..CorsRule::default() };
        let lints = CorsConfiguration { rules: vec![rule] }.lint();
        let said =
            |index| lints.iter().any(|lint| lint.id() == "O20" && lint.location().index == Some(index));
        let covers = |outer: &str, inner: &str| {
            is_live(outer) && is_live(inner) && matches_origin(outer, Some(filled(inner, "z").as_bytes()))
        };
        assert_eq!(said(1), covers(&outer, &inner), "{outer:?} {inner:?}");
        assert_eq!(said(0), covers(&inner, &outer) && !said(1), "{inner:?} {outer:?}");
        for fill in fills.iter().filter(|_| said(1)) {
            assert!(
                matches_origin(&outer, Some(filled(&inner, fill).as_bytes())),
                "{outer:?} {inner:?} {fill:?}"
            );
        }
    });
}

/// A rule of the reference, and what is known of it without any index.
struct Reference<'r> {
    rules: &'r [CorsRule],
    number: usize,
}

impl Reference<'_> {
    fn rule(&self) -> &CorsRule {
        &self.rules[self.number]
    }

    /// The origins that a browser may send, with their index.
    fn live(&self) -> impl Iterator<Item = (usize, &String)> {
        self.rule().allowed_origins.iter().enumerate().filter(|(_, origin)| is_live(origin))
    }

    /// Whether the rule decides about some preflight from the origin that asks for all its headers at once.
    fn decides(&self, pattern: &str, fill: &str) -> bool {
        let names = self.rule().allowed_headers.iter().filter(|name| !name.is_empty());
        let names: Vec<Vec<u8>> = names.map(|name| filled(name, fill).into_bytes()).collect();
        let origin = filled(pattern, fill);
        let by = |method: &String| naive(self.rules, Some(origin.as_bytes()), method.as_bytes(), &names);
        self.rule().allowed_methods.iter().any(|method| by(method) == Some(self.number))
    }

    /// The earlier rule that decides about actual requests.
    fn decided_before(&self, pattern: &str, method: &str) -> Option<usize> {
        let origin = filled(pattern, "z");
        naive(self.rules, Some(origin.as_bytes()), method.as_bytes(), &[]).filter(|rule| *rule < self.number)
    }

    /// With which methods, from the first origin of which there are any, an earlier rule answers `*`.
    fn answered_any(&self) -> Option<Vec<&str>> {
        let lists_any = |rule: usize| self.rules[rule].allowed_origins.iter().any(|origin| origin == "*");
        if lists_any(self.number) {
            return None;
        }
        let mut left = self.live().filter(|(_, origin)| self.decides(origin, "z"));
        left.find_map(|(_, origin)| {
            let is_any = |method: &&String| self.decided_before(origin, method).is_some_and(lists_any);
            let mut methods: Vec<&str> =
                self.rule().allowed_methods.iter().filter(is_any).map(String::as_str).collect();
            methods.dedup();
            (!methods.is_empty()).then_some(methods)
        })
    }

    /// Whether an earlier rule decides about actual requests and exposes less.
    fn exposes_in_vain(&self) -> bool {
        let names = |rule: &CorsRule| -> Vec<String> {
            rule.expose_headers.iter().map(|name| name.to_ascii_lowercase()).collect()
        };
        let lists_any = |rule: usize| self.rules[rule].allowed_origins.iter().any(|origin| origin == "*");
        let left: Vec<&String> =
            self.live().map(|(_, origin)| origin).filter(|origin| self.decides(origin, "z")).collect();
        left.iter().any(|origin| {
            let before =
                self.rule().allowed_methods.iter().filter_map(|method| self.decided_before(origin, method));
            before.filter(|before| lists_any(self.number) || !lists_any(*before)).any(|before| {
                let exposed = names(&self.rules[before]);
                names(self.rule()).iter().any(|name| !exposed.contains(name))
            })
        })
    }
}

fn is_said_of(lints: &[Lint], rule: usize, index: usize) -> bool {
    let mut useless = lints.iter().filter(|lint| lint.id() == "R01" && lint.location().rule == Some(rule));
    useless.any(|lint| lint.location().field.is_none() || lint.location().index == Some(index))
}

fn joined(methods: &[&str]) -> String {
    match methods {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

/// R01, R02 and R04 say what the reference says, no more and no less.
#[test]
fn shadowed_rules_are_those_of_the_reference() {
    let exposing = (rule(), vec("[aAb]{1,2}", 0..3))
        .prop_map(|(rule, expose_headers)| CorsRule { expose_headers, ..rule });
    run(4000, (vec(exposing, 2..6), vec("[abz]{0,3}", 5)), |(rules, fills)| {
        let configuration = CorsConfiguration { rules };
        let lints = configuration.lint();
        for number in 0..configuration.rules.len() {
            let reference = Reference { rules: &configuration.rules, number };
            for (index, pattern) in reference.live() {
                let said = is_said_of(&lints, number, index);
                let decided = fills.iter().any(|fill| reference.decides(pattern, fill));
                assert_eq!(said, !reference.decides(pattern, "z"), "{number} {index} {configuration:?}");
                assert!(!said || !decided, "{number} {index} {configuration:?}");
            }
            let of_kind =
                |id| lints.iter().find(|lint| lint.id() == id && lint.location().rule == Some(number));
            let said = of_kind("R02")
                .map(|lint| lint.reason().split(" requests from").next().expect("a text").to_owned());
            let expected = reference
                .answered_any()
                .map(|methods| format!("does not decide about actual {}", joined(&methods)));
            assert_eq!(said, expected, "{number} {configuration:?}");
            assert_eq!(of_kind("R04").is_some(), reference.exposes_in_vain(), "{number} {configuration:?}");
        }
    });
}

/// The reference reads the rules; the policy reads its tables.
#[test]
fn reference_and_policy_agree_on_rules_that_never_decide() {
    run(500, vec(rule(), 2..6), |rules| {
        let configuration = CorsConfiguration { rules };
        let policy = CorsPolicy::extended(&configuration).expect("valid");
        for number in 0..configuration.rules.len() {
            let reference = Reference { rules: &configuration.rules, number };
            for (_, pattern) in reference.live() {
                for method in &reference.rule().allowed_methods {
                    let mut headers = HeaderMap::new();
                    headers.insert("origin", HeaderValue::from_str(&filled(pattern, "z")).expect("a value"));
                    let request = test_support::request(method, "/", headers);
                    let request = CorsRequest::classify(&request).expect("CORS");
                    let before = policy.decide(&request).rule().filter(|rule| *rule < number);
                    assert_eq!(before, reference.decided_before(pattern, method), "{configuration:?}");
                }
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
fn any_configuration_is_linted_in_order_with_good_fixes() {
    run(3000, vec(anything(), 0..4), |rules| {
        let configuration = CorsConfiguration { rules };
        test_support::fixes::good_lints(&configuration);
    });
}
