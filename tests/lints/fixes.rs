//! A fix, applied, leaves no error and no warning at its location, and can match what the author meant.

use proptest::collection::vec;
use proptest::prelude::*;
use tower_s3_cors::document::{Field, Location};
use tower_s3_cors::lint::{Lint, Severity};
use tower_s3_cors::{CorsConfiguration, CorsRule};

use crate::random::{filled, run};
use crate::reference;

#[test]
fn fixes_of_all_cases_are_good() {
    let cases = crate::cases();
    let inputs = cases.iter().flat_map(|case| [&case["input"], &case["neighbour"]]);
    let fixes: usize = inputs.map(|input| good_fixes(&test_support::configuration(input))).sum();
    assert!(fixes > 60, "{fixes}");
}

/// Checks every fix of the configuration and counts them.
pub fn good_fixes(configuration: &CorsConfiguration) -> usize {
    let lints = configuration.lint();
    let fixes = lints.iter().filter_map(|lint| Some((lint, lint.fix()?)));
    fixes.map(|(lint, fix)| is_good(configuration, lint, fix)).count()
}

fn is_good(configuration: &CorsConfiguration, lint: &Lint, fix: &str) {
    let mut fixed = configuration.clone();
    apply(&mut fixed, lint, fix);
    let lints = fixed.lint();
    for left in lints.iter().filter(|left| left.location() == lint.location()) {
        assert!(left.severity() == Severity::Info && left.id() != lint.id(), "{lint}\nleaves {left}");
    }
    if lint.location().field == Some(Field::AllowedOrigins) {
        let rule = lint.location().rule.map(Location::rule);
        let useless = lints.iter().find(|left| left.id() == "R01" && Some(left.location()) == rule);
        assert_eq!(useless, None, "{lint}");
        assert!(is_sent(fix), "{lint}");
        is_no_wider(lint, fix);
    }
}

fn apply(configuration: &mut CorsConfiguration, lint: &Lint, fix: &str) {
    let rule = &mut configuration.rules[lint.location().rule.expect("a rule")];
    let field = lint.location().field.expect("a field");
    if field == Field::MaxAgeSeconds {
        rule.max_age_seconds = Some(fix.parse().expect("seconds"));
        return;
    }
    let list = list(rule, field);
    let entry = &mut list[lint.location().index.expect("an entry")];
    assert_eq!(Some(entry.as_str()), lint.value());
    *entry = fix.to_owned();
}

fn list(rule: &mut CorsRule, field: Field) -> &mut Vec<String> {
    match field {
        Field::AllowedOrigins => &mut rule.allowed_origins,
        Field::AllowedMethods => &mut rule.allowed_methods,
        Field::AllowedHeaders => &mut rule.allowed_headers,
        Field::ExposeHeaders => &mut rule.expose_headers,
        field => panic!("{field} is no list"),
    }
}

/// Whether it is `scheme://host` or `scheme://host:port` as browsers write it, with one `*` at most.
fn is_sent(origin: &str) -> bool {
    let Some((scheme, authority)) = origin.split_once("://") else {
        return false;
    };
    let after_address = authority.find(']').map_or(0, |end| end + 1);
    let (host, port) = match authority[after_address..].split_once(':') {
        Some((rest, port)) => (&authority[..after_address + rest.len()], Some(port)),
        None => (authority, None),
    };
    let default = if scheme == "https" { "443" } else { "80" };
    let is_port =
        |port: &str| port == "*" || port.parse::<u16>().is_ok_and(|n| n > 0 && n.to_string() == port);
    let is_host = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-._*:[]".contains(&b);
    // Applications choose the hosts of their own schemes freely.
    let is_label = |label: &str| {
        let has_hyphen = label.starts_with('-') || label.ends_with('-');
        !(label.is_empty() || has_hyphen && scheme.starts_with("http"))
    };
    scheme.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
        && !host.is_empty()
        && host.bytes().all(is_host)
        && host.split('.').all(is_label)
        && port.is_none_or(|port| port != default && (is_port(port) || port.contains('*')))
        && origin.matches('*').count() < 2
}

/// A text without a `*` gets none; a pattern that matches too much is made narrower. The default port and the
/// dot at the end are no part of what was meant.
fn is_no_wider(lint: &Lint, fix: &str) {
    let written = lint.value().expect("an origin");
    assert!(!fix.contains('*') || written.contains('*'), "{lint}");
    let has_omitted_part = written.ends_with(":443") || written.ends_with('.') || written.contains(".:");
    if ["O03", "O04"].contains(&lint.id()) && !has_omitted_part {
        for fill in ["a", "8", "a-b", "a.b"] {
            assert!(reference::matches_origin(written, Some(filled(fix, fill).as_bytes())), "{lint} {fill}");
        }
    }
}

/// Origins with the slips that people make, several at once.
fn slip() -> impl Strategy<Value = String> {
    let part = |parts: &'static str| prop::sample::select(parts.split('~').collect::<Vec<_>>());
    let scheme = "https://~http://~https://~*://~http*://~~//~HTTPS://~wss://~ftp://~https://https://~https:/~*~h*~ https://~'https://~file://";
    let host = "example.com~*.example.com~*example.com~Example.COM~*-x.example.com~-a.example.com~a-.example.com~bücher.example~*.bücher.example\
                ~127.1~0x7f000001~010.1~[::1]~[0:0::1]~[my-host]~localhost~*.localhost~localhost*~example.com*~example.*~example.com.*~www.exam*\
                ~co.uk*~*.co.uk~*co.uk~{x}.example.com~YOUR_DOMAIN~s3.amazonaws.com~*.amazonaws.com~192.168.0.1~192.0.2.*~example.com.~*.example.com.\
                ~a..b~.example.com~app~*~a*.example.com~a.*example.com~*_x.example.com~www.example.com~example.com,example.org~null~3000";
    let port = "~~~:443~:80~:8080~:0~:08443~:*~:~:port~:44*~:*3";
    let rest = "~~~/~/*~/a?b#c~//~*~.~,~\"~ ~\n~.*";
    let user = "~~~~me@~*@";
    (part(scheme), part(user), part(host), part(port), part(rest)).prop_map(|parts| {
        let (scheme, user, host, port, rest) = parts;
        format!("{scheme}{user}{host}{port}{rest}")
    })
}

fn rule() -> impl Strategy<Value = CorsRule> {
    let methods =
        prop::sample::select(&["GET", "get", "HEAD", "PUT", "patch", "options", "GET,PUT", "all"][..]);
    let age = prop::sample::select(&[None, Some(0), Some(-1), Some(600), Some(100_000)][..]);
    (vec(slip(), 1..4), vec(methods.prop_map(str::to_owned), 1..3), age).prop_map(
        |(allowed_origins, allowed_methods, max_age_seconds)| CorsRule {
            allowed_origins,
            allowed_methods,
            max_age_seconds,
            ..CorsRule::default()
        },
    )
}

#[test]
fn fixes_of_random_slips_are_good() {
    let fixes = std::cell::Cell::new(0);
    run(4_000, vec(rule(), 1..4), |rules| {
        fixes.set(fixes.get() + good_fixes(&CorsConfiguration { rules }));
    });
    assert!(fixes.get() > 2_000, "{}", fixes.get());
}
