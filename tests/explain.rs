//! `explain`: word for word in `explain.json`, and in agreement with `decide` and the reference on all else.

mod common;
#[path = "common/generators.rs"]
mod generators;
#[path = "common/reference.rs"]
mod reference;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::Value;
use tower_s3_cors::{
    CorsConfiguration, CorsPolicy, CorsRequest, CorsRule, Explanation, Field, HintKind, RuleExplanation,
};

fn set(case: &Value, knob: &str) -> bool {
    case.get(knob).and_then(Value::as_bool).unwrap_or(false)
}

fn policy(case: &Value, rules: &Value) -> CorsPolicy {
    let builder = CorsPolicy::builder().credentials(set(case, "credentials")).extended(set(case, "extended"));
    builder.build(&common::configuration(rules)).expect("a lawful case")
}

fn request(case: &Value) -> Request<Bytes> {
    let asked = &case["request"];
    common::request(asked["method"].as_str().expect("a method"), "/", common::headers(&asked["headers"]))
}

fn explanation(case: &Value) -> Explanation {
    let request = request(case);
    let asked = match case.get("dialect").and_then(Value::as_str) {
        Some("s3") => CorsRequest::classify_s3(&request),
        _ => CorsRequest::classify(&request),
    };
    policy(case, &case["rules"]).explain(&asked.expect("an Origin"))
}

fn lines(list: &Value) -> String {
    let lines = list.as_array().expect("a list of lines").iter().map(|line| line.as_str().expect("a line"));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn word_for_word() {
    let cases = common::cases("explain.json");
    for case in &cases {
        let got = explanation(case).to_string();
        assert_eq!(got, lines(&case["expect"]), "{}:\n{got}\n", case["id"]);
    }
    let ids: std::collections::HashSet<_> = cases.iter().map(|case| case["id"].as_str()).collect();
    assert_eq!(ids.len(), cases.len());
}

/// Every kind of hint has a case, and the place in it is that of its sentence.
#[test]
fn hints_are_typed() {
    let mut kinds = Vec::new();
    for case in &common::cases("explain.json") {
        for hint in explanation(case).hints() {
            kinds.push(hint.kind());
            if let (Some(rule), Some(field), Some(index)) = (hint.rule(), hint.field(), hint.index()) {
                let value = &case["rules"][rule][field.as_str()][index];
                let place = format!("CORSRules[{rule}].{field}[{index}] {value} ");
                assert!(hint.to_string().starts_with(&place), "{hint}");
            }
        }
    }
    for kind in [
        HintKind::SeveralOrigins,
        HintKind::NullOrigin,
        HintKind::SentOrigin,
        HintKind::NoRequestedMethod,
        HintKind::WrittenOrigin,
        HintKind::Scheme,
        HintKind::Port,
        HintKind::BareDomain,
        HintKind::Www,
        HintKind::MethodCase,
        HintKind::ExtendedMethod,
        HintKind::AnyOrigin,
    ] {
        assert!(kinds.contains(&kind), "{kind:?}");
    }
}

/// A hint about a written origin tells the truth: written as it says, the origin matches.
#[test]
fn what_a_hint_says_to_write_is_granted() {
    let mut changed = 0;
    for case in &common::cases("explain.json") {
        let explanation = explanation(case);
        let hints = explanation.hints().iter().filter(|hint| hint.kind() == HintKind::WrittenOrigin);
        for hint in hints {
            let (rule, index) = (hint.rule().expect("a rule"), hint.index().expect("an index"));
            let sentence = hint.to_string();
            let (_, value) = sentence.rsplit_once("; write ").expect("a value");
            let mut case = case.clone();
            case["rules"][rule]["AllowedOrigins"][index] = value.trim_matches('"').into();
            let request = request(&case);
            let asked = CorsRequest::classify(&request).expect("an Origin");
            let explanation = policy(&case, &case["rules"]).explain(&asked);
            assert!(explanation.rules().nth(rule).is_some_and(|rule| rule.origin()), "{}", case["id"]);
            changed += 1;
        }
    }
    assert!(changed >= 8);
}

/// An explanation against `decide` and against the rules read off one by one; both readings of a request.
fn agree(policy: &CorsPolicy, request: &Request<Bytes>) {
    for asked in [CorsRequest::classify(request), CorsRequest::classify_s3(request)].into_iter().flatten() {
        let explanation = policy.explain(&asked);
        let decision = policy.decide(&asked);
        assert_eq!(explanation.rule(), decision.rule(), "{request:?}");
        let names: Vec<_> = asked.requested_headers().map(<[u8]>::to_vec).collect();
        let first = |origin: &HeaderValue| {
            reference::naive(&policy.configuration().rules, origin.as_bytes(), asked.method(), &names)
        };
        assert_eq!(explanation.rule(), asked.origin().and_then(first), "{request:?}");
        assert_eq!(explanation.is_granted(), decision.is_granted());
        assert_eq!(explanation.nearest().is_none(), decision.is_granted());
        let rules = &policy.configuration().rules;
        assert_eq!(explanation.rules().len(), rules.len());
        for (said, written) in explanation.rules().zip(rules) {
            agree_on(&said, written, &asked);
        }
        let least = explanation.rules().min_by_key(failing).map(|rule| rule.rule());
        let nearest = explanation.nearest().map(|nearest| nearest.rule());
        assert_eq!(nearest, least.filter(|_| !decision.is_granted()), "{explanation}");
        agree_on_additions(policy, &explanation, request, &asked);
    }
}

fn failing(rule: &RuleExplanation<'_>) -> usize {
    let names = rule.headers().filter(|(_, allowed)| !allowed).count();
    usize::from(!rule.origin()) + usize::from(!rule.method()) + names
}

fn agree_on(said: &RuleExplanation<'_>, written: &CorsRule, asked: &CorsRequest<'_>) {
    let origin = asked.origin().is_some_and(|origin| {
        written.allowed_origins.iter().any(|pattern| reference::matches_origin(pattern, origin.as_bytes()))
    });
    assert_eq!(said.origin(), origin, "{said:?} {written:?} {asked:?}");
    let method = written.allowed_methods.iter().any(|allowed| allowed.as_bytes() == asked.method());
    assert_eq!(said.method(), method, "{said:?} {written:?} {asked:?}");
    let allows =
        |name: &[u8]| written.allowed_headers.iter().any(|pattern| reference::matches_name(pattern, name));
    let said_of = |name: &[u8]| {
        let mut same = said.headers().filter(|(said, _)| said.as_bytes().eq_ignore_ascii_case(name));
        let found = same.next().map(|(_, allowed)| allowed);
        assert_eq!(same.next(), None, "once each");
        found
    };
    for name in asked.requested_headers() {
        assert_eq!(said_of(name), Some(allows(name)), "{said:?} {written:?} {asked:?}");
    }
    let names = asked.requested_headers().all(allows);
    assert_eq!(said.is_match(), origin && method && names);
    assert_eq!(said.id(), written.id.as_deref().filter(|id| !id.is_empty()));
}

/// What would have to be added makes the request granted, by the rule that it is added to.
fn agree_on_additions(
    policy: &CorsPolicy,
    explanation: &Explanation,
    request: &Request<Bytes>,
    asked: &CorsRequest<'_>,
) {
    let Some((nearest, additions)) = explanation.nearest().and_then(|n| Some((n, n.additions()?))) else {
        return;
    };
    let mut configuration = policy.configuration().clone();
    let rule = &mut configuration.rules[nearest.rule()];
    for addition in additions {
        assert!(nearest.fields().contains(&addition.field()));
        let list = match addition.field() {
            Field::AllowedOrigins => &mut rule.allowed_origins,
            Field::AllowedMethods => &mut rule.allowed_methods,
            _ => &mut rule.allowed_headers,
        };
        list.push(addition.value().to_owned());
    }
    let changed = CorsPolicy::extended(&configuration).expect("lawful");
    assert_eq!(changed.decide(asked).rule(), Some(nearest.rule()), "{nearest} {request:?}");
}

#[test]
fn on_the_corpus() {
    let mut ran = 0;
    for (file, rules) in [("responses.json", "config"), ("fetch.json", "rules"), ("explain.json", "rules")] {
        for case in common::cases(file).iter().filter(|case| !case[rules].is_null()) {
            agree(&policy(case, &case[rules]), &request(case));
            ran += 1;
        }
    }
    assert!(ran > 300, "{ran}");
}

/// Rules and requests of few letters, or of names that browsers send, to which something can be added.
fn sent() -> impl Strategy<Value = Request<Bytes>> {
    let origin = "https?://(www\\.)?[ab]{1,2}\\.example(:8080)?/?|HTTPS://a\\.example|null";
    let names = vec("[ab]{1,2}|x-[ab]|A", 0..5);
    (origin, prop::sample::select(&["GET", "PUT", "patch", "PATCH", "TRACE"][..]), names).prop_map(
        |(origin, method, names)| {
            let mut headers = HeaderMap::new();
            let names = names.join(", ");
            for (name, value) in [
                ("origin", &*origin),
                ("access-control-request-method", method),
                ("access-control-request-headers", &names),
            ] {
                headers.insert(name, HeaderValue::from_str(value).expect("printable"));
            }
            common::request("OPTIONS", "/", headers)
        },
    )
}

#[test]
fn on_random_input() {
    let cases = (vec(generators::rule(), 1..12), vec(generators::request(), 10), vec(sent(), 20));
    TestRunner::new(common::random(300))
        .run(&cases, |(rules, requests, sent)| {
            let policy = CorsPolicy::extended(&CorsConfiguration { rules }).expect("lawful");
            requests.iter().chain(&sent).for_each(|request| agree(&policy, request));
            Ok(())
        })
        .unwrap();
}

fn preflight(origin: &[u8], method: &[u8], names: &[u8]) -> Request<Bytes> {
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("origin", origin),
        ("access-control-request-method", method),
        ("access-control-request-headers", names),
    ] {
        headers.insert(name, HeaderValue::from_bytes(value).expect("a legal value"));
    }
    common::request("OPTIONS", "/", headers)
}

fn explained(policy: &CorsPolicy, request: &Request<Bytes>) -> Explanation {
    policy.explain(&CorsRequest::classify(request).expect("an Origin"))
}

/// No control character, no escape, and no line that is not ours, whatever bytes a request and an ID have.
#[test]
fn nothing_hostile_is_printed() {
    let bytes = || vec(prop_oneof![0x20..=0x7eu8, 0x80..=0xffu8, Just(b'\t')], 0..40);
    let text = "\\PC{0,10}|[\u{0}-\u{1f}\u{7f}-\u{9f}\u{200b}-\u{202e}\u{2066}-\u{2069}]{0,6}";
    TestRunner::new(common::random(2000))
        .run(&(bytes(), bytes(), bytes(), text), |(origin, method, names, id)| {
            let mut configuration = common::rules(3);
            configuration.rules[0].id = Some(id);
            // A control character is no lawful part of an ID, but an unprintable one is.
            if CorsPolicy::new(&configuration).is_err() {
                configuration.rules[0].id = Some("\u{202e}\u{85}\n\t".into());
            }
            let policy = CorsPolicy::new(&configuration).expect("lawful");
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
    let policy = policy.expect("lawful");
    for names in [(0..10_000).map(|n| format!("x-{n}")).collect::<Vec<_>>().join(","), "é".repeat(32_000)] {
        let request = preflight(b"https://app.example.com", "é".repeat(4_000).as_bytes(), names.as_bytes());
        let explanation = explained(&policy, &request);
        let printed = explanation.to_string();
        assert!(printed.len() < 64 * 1024, "{}", printed.len());
        assert!(printed.lines().count() <= 30, "{}", printed.lines().count());
        assert!(printed.lines().any(|line| line == "  and 80 more"), "{printed}");
        assert!(format!("{:?}", explanation.rules().last()).len() < 1_000);
    }
}

/// The nearest rule has its line, however many rules stand before it.
#[test]
fn the_nearest_rule_is_shown() {
    let mut configuration = common::rules(100);
    configuration.rules[90].allowed_methods.push("PUT".into());
    let policy = CorsPolicy::new(&configuration).expect("lawful");
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

/// A document may be so full that nothing can be added to it.
#[test]
fn what_no_document_can_hold_is_not_to_be_added() {
    let names = (0..10_000).map(|n| format!("x-{n}")).collect::<Vec<_>>().join(",");
    let request = preflight(b"https://example.com", b"GET", names.as_bytes());
    let explained = |policy: Result<CorsPolicy, _>| explained(&policy.expect("lawful"), &request);
    let lawful = explained(CorsPolicy::new(&common::rules(1)));
    assert_eq!(lawful.nearest().map(|nearest| nearest.additions()), Some(None));
    let extended = explained(CorsPolicy::extended(&common::rules(1)));
    let additions = extended.nearest().and_then(|nearest| nearest.additions());
    assert_eq!(additions.map(<[_]>::len), Some(10_000));
}

#[test]
fn credentials_forbid_what_lets_in_strangers() {
    let policy = CorsPolicy::builder().credentials(true).build(&common::rules(1)).expect("lawful");
    let explanation = explained(&policy, &preflight(b"https://app.example", b"GET", b""));
    assert!(explanation.nearest().is_some_and(|nearest| nearest.additions().is_some()));
    let explanation = explained(&policy, &preflight(b"null", b"GET", b""));
    assert!(explanation.nearest().is_some_and(|nearest| nearest.additions().is_none()));
}

#[test]
fn is_owned() {
    fn check<T: Send + Sync + Clone + std::fmt::Debug + 'static>() {}
    check::<Explanation>();
}

/// One look at each origin: a hundred thousand of them, each a near miss.
#[test]
fn a_hundred_thousand_near_misses() {
    let mut configuration = common::rules(1);
    configuration.rules[0].allowed_origins =
        (0..100_000).map(|n| format!("https://Example.com:{n}/")).collect();
    let policy = CorsPolicy::extended(&configuration).expect("lawful");
    let explanation = explained(&policy, &preflight(b"https://example.com:65535", b"GET", b""));
    let hint = explanation.hints().first().map(ToString::to_string).unwrap_or_default();
    assert!(hint.starts_with("CORSRules[0].AllowedOrigins[65535] "), "{hint}");
    assert_eq!(explanation.hints().len(), 1);
    assert!(format!("{explanation:?}").len() < 2_000);
}
