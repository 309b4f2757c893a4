//! What is asked, and what it may cost: one table of scenarios for times, instructions and allocations.

use bytes::Bytes;
use http::header::{ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN};
use http::{HeaderName, HeaderValue, Method, Request};
use http_body_util::Full;
use tower_s3_cors::{CorsConfiguration, CorsPolicy, CorsRule};

pub type Body = Full<Bytes>;

pub const METHODS: [&str; 2] = ["GET", "PUT"];
/// As browsers send them: lower case, a comma without a blank.
pub const NAMES: &str = "content-type,x-trace";
pub const EXPOSED: &str = "etag";
pub const MAX_AGE: i32 = 600;

/// The granted origin of every scenario.
pub const GRANTED: &str = "https://app.tenant-0.example.com";
const REFUSED: &str = "https://app.tenant-0.example.net";

/// What the answer is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    NoOrigin,
    Granted,
    Refused,
    PreflightGranted,
    PreflightRefused,
}

impl Kind {
    pub fn is_preflight(self) -> bool {
        matches!(self, Kind::PreflightGranted | Kind::PreflightRefused)
    }

    pub fn is_granted(self) -> bool {
        matches!(self, Kind::Granted | Kind::PreflightGranted)
    }
}

/// Which origins the rule that grants lists; the granted one is the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origins {
    Exact(usize),
    Patterns(usize),
}

/// What an answer may cost at most.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Goal {
    None,
    /// That many times the blind layer, or in the S3 dialect the service that writes the headers by hand.
    Limit(f64),
    /// That many times the same kind of request under a rule of one exact origin.
    OneOrigin(f64),
    Instructions(f64),
}

#[derive(Clone, Debug)]
pub struct Scenario {
    pub name: String,
    pub kind: Kind,
    pub origins: Origins,
    pub rules: usize,
    pub fetch: Goal,
    pub s3: Goal,
}

/// Every scenario, from the common case to the hundred thousandth origin.
pub fn all() -> Vec<Scenario> {
    use Goal::{Instructions, Limit, None, OneOrigin};
    use Kind::*;
    use Origins::{Exact, Patterns};
    let scenario = |name: &str, kind, origins, rules, fetch, s3| Scenario {
        name: name.to_owned(),
        kind,
        origins,
        rules,
        fetch,
        s3,
    };
    let mut all = vec![
        scenario("no Origin", NoOrigin, Exact(1), 1, Limit(1.15), None),
        scenario("granted", Granted, Exact(1), 1, Limit(1.15), Limit(1.25)),
        scenario("refused", Refused, Exact(1), 1, Limit(1.25), None),
        scenario("preflight granted", PreflightGranted, Exact(1), 1, Limit(1.0), Limit(1.5)),
        scenario("preflight refused", PreflightRefused, Exact(1), 1, Limit(1.0), Instructions(4_000.0)),
    ];
    for count in [10, 100, 1_000, 10_000, 100_000] {
        let name = format!("granted, the last of {count} origins");
        all.push(scenario(&name, Granted, Exact(count), 1, OneOrigin(1.1), OneOrigin(1.1)));
    }
    for count in [1, 10, 100, 1_000, 10_000] {
        let name = format!("granted, the last of {count} patterns");
        all.push(scenario(&name, Granted, Patterns(count), 1, OneOrigin(1.35), OneOrigin(1.35)));
    }
    let preflight = "preflight granted, the last of 100 rules";
    all.extend([
        scenario("refused by 100000 origins", Refused, Exact(100_000), 1, None, None),
        scenario("refused by 10000 patterns", Refused, Patterns(10_000), 1, None, None),
        scenario("granted, the last of 100 rules", Granted, Exact(1), 100, OneOrigin(1.1), OneOrigin(1.1)),
        scenario(preflight, PreflightGranted, Exact(1), 100, OneOrigin(1.1), OneOrigin(1.1)),
    ]);
    all
}

impl Scenario {
    /// The origins of the rule that grants.
    pub fn origins(&self) -> Vec<String> {
        let (count, host) = match self.origins {
            Origins::Exact(count) => (count, "app"),
            Origins::Patterns(count) => (count, "*"),
        };
        (0..count).rev().map(|n| format!("https://{host}.tenant-{n}.example.com")).collect()
    }

    pub fn configuration(&self) -> CorsConfiguration {
        let other = |n: usize| CorsRule {
            allowed_origins: vec![format!("https://other-{n}.example.com")],
            allowed_methods: vec!["DELETE".into()],
            ..CorsRule::default()
        };
        let grants = CorsRule {
            allowed_origins: self.origins(),
            allowed_methods: METHODS.map(str::to_owned).to_vec(),
            allowed_headers: vec!["*".into()],
            expose_headers: vec![EXPOSED.into()],
            max_age_seconds: Some(MAX_AGE),
            ..CorsRule::default()
        };
        CorsConfiguration { rules: (1..self.rules).map(other).chain([grants]).collect() }
    }

    pub fn policy(&self) -> CorsPolicy {
        self.build(&self.configuration())
    }

    pub fn build(&self, configuration: &CorsConfiguration) -> CorsPolicy {
        CorsPolicy::builder().extended(true).credentials(true).build(configuration).expect("valid")
    }

    /// A request with nine headers, or as many as it has without those that the kind leaves out.
    pub fn request(&self) -> Request<Body> {
        let mut request = Request::new(Body::default());
        let headers = request.headers_mut();
        for (name, value) in [
            ("host", "assets.example.com"),
            ("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0"),
            ("accept", "*/*"),
            ("accept-language", "en-US,en;q=0.5"),
            ("accept-encoding", "gzip, deflate, br"),
            ("referer", "https://app.tenant-0.example.com/"),
            ("sec-fetch-mode", "cors"),
        ] {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        if self.kind != Kind::NoOrigin {
            headers.insert(ORIGIN, as_read(if self.kind.is_granted() { GRANTED } else { REFUSED }));
        }
        if self.kind.is_preflight() {
            headers.insert(ACCESS_CONTROL_REQUEST_METHOD, HeaderValue::from_static("PUT"));
            headers.insert(ACCESS_CONTROL_REQUEST_HEADERS, as_read(NAMES));
            *request.method_mut() = Method::OPTIONS;
        }
        request
    }
}

/// A value as a server reads it: a slice of a shared buffer, of which each clone is a reference count.
pub fn as_read(text: &str) -> HeaderValue {
    let value = HeaderValue::from_str(text).expect("printable");
    value.clone()
}
