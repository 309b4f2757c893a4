use super::OriginFault::*;
use super::{faults, normalize, OriginFault};

/// A written origin, its faults, and how it would be sent.
type Case = (&'static str, &'static [OriginFault], Option<&'static str>);

const CASES: &[Case] = &[
    ("", &[Empty], None),
    (" \n", &[Empty], None),
    ("https://a.example,https://b.example", &[Several], None),
    ("https://a.example https://b.example", &[Several], None),
    ("\n  https://a.example\n", &[Character], Some("https://a.example")),
    ("https://a b.example", &[Character], None),
    ("https://a\0.example", &[Character], None),
    ("\"https://a.example\"", &[Character], None),
    ("https://.+\\.a.example", &[Character, Host], None),
    ("https://{tenant}.a.example", &[Character], None),
    ("https://[fe80::1%25eth0]", &[Character, Host], None),
    ("file://", &[Opaque], None),
    ("file:///index.html", &[Opaque], None),
    ("data:text/html,a", &[Opaque], None),
    ("a.example", &[NoScheme], Some("https://a.example")),
    ("//a.example", &[NoScheme], Some("https://a.example")),
    ("a.example:8443", &[NoScheme], Some("https://a.example:8443")),
    ("a.example:443", &[NoScheme], Some("https://a.example")),
    ("A.example/", &[NoScheme, UpperCase, TrailingSlash], Some("https://a.example")),
    ("a.example/u?v=http://b.example", &[NoScheme, Path], Some("https://a.example")),
    ("localhost:3000", &[NoScheme], Some("http://localhost:3000")),
    ("app.localhost", &[NoScheme], Some("http://app.localhost")),
    ("127.0.0.1", &[NoScheme], Some("http://127.0.0.1")),
    ("[::1]:80", &[NoScheme], Some("http://[::1]")),
    ("a.example*", &[NoScheme], Some("https://a.example*")),
    ("localhost:*", &[NoScheme], Some("http://localhost:*")),
    ("www", &[NoScheme], None),
    ("all", &[NoScheme], None),
    ("Null", &[NoScheme, UpperCase], None),
    ("HTTPS", &[NoScheme, UpperCase], None),
    ("http", &[NoScheme], None),
    ("https:a.example", &[NoScheme, BadPort], None),
    ("https:/a.example", &[NoScheme, BadPort, Path], None),
    ("/a", &[NoScheme, Path], None),
    ("wss://a.example", &[Scheme], Some("https://a.example")),
    ("WS://a.example:80", &[Scheme, UpperCase], Some("http://a.example")),
    ("ftp://a.example", &[Scheme], None),
    ("https://", &[NoHost], None),
    ("http://:3000", &[NoHost], None),
    ("*://", &[NoHost], None),
    ("https://user:secret@a.example", &[UserInfo], Some("https://a.example")),
    ("https://*@a.example", &[UserInfo], Some("https://a.example")),
    ("https://A.example", &[UpperCase], Some("https://a.example")),
    ("HTTPS://*.A.example", &[UpperCase], Some("https://*.a.example")),
    ("*.A.example", &[UpperCase], Some("*.a.example")),
    ("https://bücher.example", &[NonAscii], None),
    ("https://a.example..", &[Host], None),
    ("https://127.0.0.1.", &[Host], Some("https://127.0.0.1")),
    ("https://.a.example", &[Host], None),
    ("http://127.1", &[Host], None),
    ("http://010.0.0.1", &[Host], None),
    ("http://[0:0::1]:3000", &[Host], Some("http://[::1]:3000")),
    ("http://[2001:DB8::1]", &[UpperCase], Some("http://[2001:db8::1]")),
    ("http://[::ffff:1.2.3.4]", &[Host], Some("http://[::ffff:102:304]")),
    ("http://::1", &[Host], Some("http://[::1]")),
    ("http://::1:3000:4000:z", &[Host], None),
    ("https://a.example:", &[BadPort], Some("https://a.example")),
    ("https://a.example:0", &[BadPort], None),
    ("https://a.example:65536", &[BadPort], None),
    ("https://a.example:+80", &[BadPort], None),
    ("https://a.example:08443", &[BadPort], Some("https://a.example:8443")),
    ("https://a.example:0443", &[BadPort], Some("https://a.example")),
    ("https://a.example:7000*0", &[BadPort], None),
    ("https://a.example:port", &[BadPort], None),
    ("*:", &[BadPort], Some("*")),
    ("https://a.example:443", &[DefaultPort], Some("https://a.example")),
    ("http://a.example:80", &[DefaultPort], Some("http://a.example")),
    ("https://*.a.example:443", &[DefaultPort], Some("https://*.a.example")),
    ("Https://A.example:443/", &[UpperCase, DefaultPort, TrailingSlash], Some("https://a.example")),
    ("https://a.example/", &[TrailingSlash], Some("https://a.example")),
    ("https://*.a.example/", &[TrailingSlash], Some("https://*.a.example")),
    ("*/", &[TrailingSlash], Some("*")),
    ("https://a.example/*", &[Path], Some("https://a.example")),
    ("https://a.example/a", &[Path], Some("https://a.example")),
    ("https://a.example?a", &[Path], Some("https://a.example")),
    ("https://a.example#", &[Path], Some("https://a.example")),
    ("https://a.example//", &[Path], Some("https://a.example")),
];

#[test]
fn each_fault_and_its_repair() {
    for (written, expected, sent) in CASES {
        assert_eq!(faults(written), *expected, "{written:?}");
        assert_eq!(normalize(written).as_deref(), *sent, "{written:?}");
    }
}

#[test]
fn every_fault_has_a_case_alone() {
    let last = Path as usize;
    let alone =
        |number: usize| CASES.iter().any(|(_, faults, _)| matches!(faults, [one] if *one as usize == number));
    assert_eq!((0..=last).filter(|number| !alone(*number)).count(), 0);
}

/// What browsers send, and patterns that match some of it.
const SENT: &[&str] = &[
    "*",
    "null",
    "https",
    "n*",
    "https://a.example",
    "http://a.example:443",
    "https://a.example:80",
    "https://a.example:8443",
    "https://a-b_c.example",
    "http://localhost",
    "http://localhost:*",
    "http://localhost:3*",
    "https://a.example:44*",
    "http://127.0.0.1:3000",
    "http://[::1]:3000",
    "http://[::1]:*",
    "http://[::*]",
    "https://xn--bcher-kva.example",
    "http*",
    "h*",
    "https:*",
    "https:/*",
    "https://*",
    "*://a.example",
    "http*://a.example",
    "*//a.example",
    "*/a.example",
    "*.a.example",
    "*a.example:443",
    "*:443",
    "https://a*",
    "https://a.*",
    "chrome-extension://abcdef",
    "chrome-ext*",
    "capacitor://localhost",
    "https://a.example.",
    "app://a",
];

#[test]
fn no_fault() {
    for origin in SENT {
        assert_eq!(faults(origin), [], "{origin:?}");
        assert_eq!(normalize(origin).as_deref(), Some(*origin));
    }
}

#[test]
fn no_pattern() {
    for origin in ["https://*.*.a.example/", "**"] {
        assert_eq!(faults(origin), [], "{origin:?}");
        assert_eq!(normalize(origin), None, "{origin:?}");
    }
}
