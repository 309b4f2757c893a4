//! A fix, applied, leaves no error and no warning at its location, and can match what the author meant.

use proptest::collection::vec;
use proptest::prelude::*;
use test_support::fixes::good_fixes;
use tower_s3_cors::{CorsConfiguration, CorsRule};

use crate::random::run;

#[test]
fn fixes_of_all_cases_are_good() {
    let cases = crate::cases();
    let inputs = cases.iter().flat_map(|case| [&case["input"], &case["neighbour"]]);
    let fixes: usize = inputs.map(|input| good_fixes(&test_support::configuration(input))).sum();
    assert!(fixes > 60, "{fixes}");
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
        let configuration = CorsConfiguration { rules };
        certain_are_said_to_never_match(&configuration);
        fixes.set(fixes.get() + good_fixes(&configuration));
    });
    assert!(fixes.get() > 2_000, "{}", fixes.get());
}

#[test]
fn certain_fixes_of_all_cases() {
    let cases = crate::cases();
    let inputs = cases.iter().map(|case| test_support::configuration(&case["input"]));
    let [certain, others] = inputs
        .map(|input| certain_are_said_to_never_match(&input))
        .fold([0; 2], |a, b| [a[0] + b[0], a[1] + b[1]]);
    assert!(certain > 20 && others > 10, "{certain} {others}");
}

/// The sentence and the flag are of the same facts. Returns how many fixes are certain, and how many are not.
fn certain_are_said_to_never_match(configuration: &CorsConfiguration) -> [usize; 2] {
    let mut count = [0; 2];
    for lint in configuration.lint() {
        let is_useless = lint.reason().starts_with("never matches") || lint.id() == "A01";
        assert_eq!(lint.is_fix_certain(), is_useless && lint.fix().is_some(), "{lint}");
        count[0] += usize::from(lint.is_fix_certain());
        count[1] += usize::from(lint.fix().is_some() && !lint.is_fix_certain());
    }
    count
}
