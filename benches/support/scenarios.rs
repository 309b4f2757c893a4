//! What is asked: one table of scenarios, the same for times, instructions and allocations.

use http::header::{ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN};
use http::{HeaderName, HeaderValue, Method, Request};
use tower_s3_cors::{CorsConfiguration, CorsPolicy, CorsRule};

pub const METHODS: [&str; 2] = ["GET", "PUT"];
pub const HEADERS: [&str; 2] = ["content-type", "x-trace"];
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

/// Which origins the rules list; the one that grants is the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origins {
    Exact(usize),
    Patterns(usize),
}

#[derive(Clone, Debug)]
pub struct Scenario {
    pub name: String,
    pub kind: Kind,
    pub origins: Origins,
    pub rules: usize,
}

/// Every scenario, from the common case to the hundred thousandth origin.
pub fn all() -> Vec<Scenario> {
    use Kind::*;
    let one = Origins::Exact(1);
    let mut all = vec![
        Scenario::new("no Origin", NoOrigin, one, 1),
        Scenario::new("granted", Granted, one, 1),
        Scenario::new("refused", Refused, one, 1),
        Scenario::new("preflight granted", PreflightGranted, one, 1),
        Scenario::new("preflight refused", PreflightRefused, one, 1),
    ];
    for count in [10, 100, 1_000, 10_000, 100_000] {
        all.push(Scenario::new(
            &format!("granted, the last of {count} origins"),
            Granted,
            Origins::Exact(count),
            1,
        ));
    }
    for count in [1, 10, 100, 1_000, 10_000] {
        all.push(Scenario::new(
            &format!("granted, the last of {count} patterns"),
            Granted,
            Origins::Patterns(count),
            1,
        ));
    }
    all.push(Scenario::new("refused by 100000 origins", Refused, Origins::Exact(100_000), 1));
    all.push(Scenario::new("refused by 10000 patterns", Refused, Origins::Patterns(10_000), 1));
    all.push(Scenario::new("granted, the last of 100 rules", Granted, one, 100));
    all.push(Scenario::new("preflight granted, the last of 100 rules", PreflightGranted, one, 100));
    all
}

impl Scenario {
    fn new(name: &str, kind: Kind, origins: Origins, rules: usize) -> Self {
        Scenario { name: name.to_owned(), kind, origins, rules }
    }

    /// The origins of the rule that grants.
    pub fn origins(&self) -> Vec<String> {
        match self.origins {
            Origins::Exact(count) => {
                (0..count).rev().map(|n| format!("https://app.tenant-{n}.example.com")).collect()
            }
            Origins::Patterns(count) => {
                (0..count).rev().map(|n| format!("https://*.tenant-{n}.example.com")).collect()
            }
        }
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
            allowed_headers: HEADERS.map(str::to_owned).to_vec(),
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
        CorsPolicy::builder().extended(true).credentials(true).build(configuration).expect("lawful")
    }

    pub fn is_preflight(&self) -> bool {
        matches!(self.kind, Kind::PreflightGranted | Kind::PreflightRefused)
    }

    /// A request with nine headers, or as many as it has without those that the kind leaves out.
    pub fn request(&self) -> Request<()> {
        let mut request = Request::new(());
        let headers = request.headers_mut();
        for (name, value) in [
            ("host", "assets.example.com"),
            ("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0"),
            ("accept", "*/*"),
            ("accept-language", "en-US,en;q=0.5"),
            ("accept-encoding", "gzip, deflate, br"),
            ("referer", "https://app.tenant-0.example.com/"),
        ] {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        match self.kind {
            Kind::NoOrigin => {}
            Kind::Granted | Kind::PreflightGranted => {
                headers.insert(ORIGIN, HeaderValue::from_static(GRANTED));
            }
            Kind::Refused | Kind::PreflightRefused => {
                headers.insert(ORIGIN, HeaderValue::from_static(REFUSED));
            }
        }
        if self.is_preflight() {
            headers.insert(ACCESS_CONTROL_REQUEST_METHOD, HeaderValue::from_static("PUT"));
            headers.insert(ACCESS_CONTROL_REQUEST_HEADERS, HeaderValue::from_static("content-type,x-trace"));
            *request.method_mut() = Method::OPTIONS;
        } else {
            request.headers_mut().insert("cookie", HeaderValue::from_static("session=0123456789abcdef"));
            request.headers_mut().insert("dnt", HeaderValue::from_static("1"));
        }
        request
    }
}
