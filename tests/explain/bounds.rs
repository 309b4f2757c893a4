//! What a stranger sends neither reaches the terminal as it is nor fills it.

use std::time::{Duration, Instant};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use tower_s3_cors::explain::{Explanation, Remedy};
use tower_s3_cors::{CorsConfiguration, CorsPolicy, CorsRule};

use super::*;

/// No control character, no escape, and no line that is not ours, whatever bytes a request and an ID have.
#[test]
fn nothing_hostile_is_printed() {
    // Not empty: an empty Origin is none.
    let bytes = || vec(prop_oneof![0x20..=0x7eu8, 0x80..=0xffu8, Just(b'\t')], 1..40);
    let text = "\\PC{0,10}|[\u{0}-\u{1f}\u{7f}-\u{9f}\u{200b}-\u{202e}\u{2066}-\u{2069}]{0,6}";
    TestRunner::new(test_support::random(2000))
        .run(&(bytes(), bytes(), bytes(), text), |(origin, method, names, id)| {
            let mut configuration = test_support::rules(3);
            configuration.rules[0].id = Some(id);
            // A control character is not valid in an ID, but an unprintable one is.
            if CorsPolicy::new(&configuration).is_err() {
                configuration.rules[0].id = Some("\u{202e}\u{85}\n\t".into());
            }
            let policy = CorsPolicy::new(&configuration).expect("valid rules");
            let printed = explained(&policy, &preflight(&origin, &method, &names)).to_string();
            let hostile = |c: char| {
                c.is_control() && c != '\n'
                    || ('\u{200b}'..='\u{200f}').contains(&c)
                    || ('\u{202a}'..='\u{202e}').contains(&c)
                    || ('\u{2066}'..='\u{2069}').contains(&c)
            };
            prop_assert!(!printed.contains(hostile), "{printed:?}");
            let led = |line: &str| {
                ["refused: ", "  CORSRules[", "nearest: ", "hint: "].iter().any(|lead| line.starts_with(lead))
            };
            prop_assert!(printed.lines().all(led), "{printed:?}");
            Ok(())
        })
        .unwrap();
}

/// A hundred rules and 64 KB of requested headers, of which each rule allows another part.
#[test]
fn what_is_long_stays_readable() {
    let rule = |number: usize| CorsRule {
        id: Some(format!("{number}-{}", "i".repeat(250))),
        allowed_origins: vec!["https://app.example.com".into()],
        allowed_methods: (0..50).map(|method| format!("M{method}{}", "M".repeat(200))).collect(),
        allowed_headers: vec![format!("x-{number}*")],
        ..CorsRule::default()
    };
    let policy = CorsPolicy::extended(&CorsConfiguration { rules: (0..100).map(rule).collect() });
    let policy = policy.expect("valid rules");
    for names in [(0..10_000).map(|n| format!("x-{n}")).collect::<Vec<_>>().join(","), "é".repeat(32_000)] {
        let request = preflight(b"https://app.example.com", "é".repeat(4_000).as_bytes(), names.as_bytes());
        let explanation = explained(&policy, &request);
        let printed = explanation.to_string();
        assert!(printed.len() < 64 * 1024, "{}", printed.len());
        assert!(printed.lines().count() <= 30, "{}", printed.lines().count());
        assert!(printed.lines().any(|line| line == "  and 80 more"), "{printed}");
        assert!(format!("{:?}", explanation.rules().last()).len() < 2_000);
    }
}

/// The nearest rule has its line, however many rules stand before it.
#[test]
fn the_nearest_rule_is_shown() {
    let mut configuration = test_support::rules(100);
    configuration.rules[90].allowed_methods.push("PUT".into());
    let policy = CorsPolicy::new(&configuration).expect("valid rules");
    let printed = explained(&policy, &preflight(b"https://example.com", b"PUT", b"x-a")).to_string();
    assert!(
        printed.contains("\n  CORSRules[90]  origin yes   method yes        headers no (x-a)\n"),
        "{printed}"
    );
    assert!(
        printed.contains("\n  and 79 more\nnearest: CORSRules[90]: add x-a to AllowedHeaders"),
        "{printed}"
    );
}

fn remedy(explanation: &Explanation) -> &Remedy {
    explanation.nearest().expect("a refusal").remedy()
}

#[test]
fn full_document_gets_no_further_entry() {
    let names = (0..10_000).map(|n| format!("x-{n}")).collect::<Vec<_>>().join(",");
    let request = preflight(b"https://example.com", b"GET", names.as_bytes());
    let strict = explained(&CorsPolicy::new(&test_support::rules(1)).expect("valid rules"), &request);
    let sentence = "shorten the rules first, with this change they would break a limit of S3";
    assert_eq!(remedy(&strict), &Remedy::Instead(sentence.into()));
    let extended = explained(&CorsPolicy::extended(&test_support::rules(1)).expect("valid rules"), &request);
    assert!(matches!(remedy(&extended), Remedy::ChangeRule(changes) if changes.len() == 10_000));
}

#[test]
fn hundred_rules_get_no_further_rule() {
    let policy = CorsPolicy::new(&test_support::rules(100)).expect("valid rules");
    let explanation = explained(&policy, &preflight(b"https://other.example", b"PUT", b""));
    assert!(
        matches!(remedy(&explanation), Remedy::Instead(sentence) if sentence.starts_with("shorten the rules"))
    );
    let policy = CorsPolicy::new(&test_support::rules(99)).expect("valid rules");
    let explanation = explained(&policy, &preflight(b"https://other.example", b"PUT", b""));
    assert!(matches!(remedy(&explanation), Remedy::AddRule(_)));
}

#[test]
fn is_owned() {
    fn check<T: Send + Sync + Clone + std::fmt::Debug + 'static>() {}
    check::<Explanation>();
}

/// One look at each origin: a hundred thousand of them, each a near miss.
#[test]
fn a_hundred_thousand_near_misses() {
    let mut configuration = test_support::rules(1);
    configuration.rules[0].allowed_origins =
        (0..100_000).map(|n| format!("https://Example.com:{n}/")).collect();
    let policy = CorsPolicy::extended(&configuration).expect("valid rules");
    let explanation = explained(&policy, &preflight(b"https://example.com:65535", b"GET", b""));
    let hint = explanation.hints().first().map(ToString::to_string).unwrap_or_default();
    assert!(hint.starts_with("CORSRules[0].AllowedOrigins[65535] "), "{hint}");
    assert_eq!(explanation.hints().len(), 1);
    assert!(format!("{explanation:?}").len() < 2_000);
}

/// 200,000 origins that have the host of the Origin, a fault, or neither: each is read once.
#[test]
fn many_origins_are_explained_in_bounded_time() {
    let kinds: [fn(usize) -> String; 3] = [
        |n| format!("https://a{n}.example.com"),
        |n| format!("HTTPS://other.example.com:{n}/"),
        |n| format!("https://*.a{n}.example.org"),
    ];
    for kind in kinds {
        let mut configuration = test_support::rules(100);
        for (number, rule) in configuration.rules.iter_mut().enumerate() {
            rule.allowed_origins = (0..2_000).map(|n| kind(number * 2_000 + n)).collect();
        }
        let policy = CorsPolicy::extended(&configuration).expect("valid rules");
        let start = Instant::now();
        let explanation = explained(&policy, &preflight(b"https://app.example.com", b"GET", b""));
        // In a debug build it takes about a second.
        assert!(start.elapsed() < Duration::from_secs(20), "{:?} for {}", start.elapsed(), kind(0));
        assert!(matches!(remedy(&explanation), Remedy::ChangeRule(_)));
    }
}
