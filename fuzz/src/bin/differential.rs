//! Compares policies with a naive reading of their rules, by the million:
//!
//! `cargo run --profile fast --manifest-path fuzz/Cargo.toml --bin differential -- [CASES] [SEED]`
//!
//! A round draws rules over a small alphabet, where prefixes, suffixes and overlaps collide all the time, and asks from
//! each of many origins, with each of some methods and lists of names. A few requests of each round go through both
//! dialects, and their whole answers are compared. It stops at the first difference.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request};
use test_support::expected::{self, Settings};
use test_support::reference::{filled, naive};
use tower_s3_cors::{CorsPolicy, CorsRequest, CorsRule};

const PROGRESS: Duration = Duration::from_secs(60);
const EXCHANGES: usize = 40;

fn main() {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse::<u64>().expect("a number"));
    let cases = arguments.next().unwrap_or(10_000_000);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_nanos() as u64);
    let seed = arguments.next().unwrap_or(now);
    println!("seed {seed}");
    let (start, mut next) = (Instant::now(), PROGRESS);
    let (mut random, mut counts) = (Random(seed), Counts::default());
    while counts.decisions + counts.exchanges < cases {
        round(&mut random, &mut counts);
        if start.elapsed() > next {
            counts.print(start);
            next += PROGRESS;
        }
    }
    counts.print(start);
    println!("no difference");
}

#[derive(Default)]
struct Counts {
    policies: u64,
    granted: u64,
    decisions: u64,
    exchanges: u64,
}

impl Counts {
    fn print(&self, start: Instant) {
        let Counts { policies, granted, decisions, exchanges } = self;
        let seconds = start.elapsed().as_secs();
        println!("{policies} policies, {decisions} decisions ({granted} granted), {exchanges} whole exchanges, {seconds} s");
    }
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    fn one_of<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    fn word(&mut self, letters: &[&str], most: usize) -> String {
        (0..self.below(most + 1)).map(|_| self.one_of(letters)).collect()
    }

    fn several<T>(&mut self, least: usize, most: usize, mut make: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let count = least + self.below(most - least + 1);
        (0..count).map(|_| make(self)).collect()
    }
}

/// Short ones, and such as are longer than the sixteen bytes that a hash takes at once.
const ORIGIN_LETTERS: [&[&str]; 2] = [&["a", "b", ".", ":"], &["alpha-beta", "b.", "://", "é"]];
const NAME_LETTERS: [&[&str]; 2] = [&["a", "B", "-"], &["x-Amz-Meta", "-", "_", "~"]];
const METHODS: [&str; 5] = ["GET", "PUT", "get", "OPTIONS", "X-LONG-METHOD-NAME"];

struct Alphabet {
    origins: &'static [&'static str],
    names: &'static [&'static str],
}

impl Alphabet {
    fn origin_pattern(&self, random: &mut Random) -> String {
        let scheme = random.one_of(&["", "", "https://", "http"]);
        let (prefix, suffix) = (random.word(self.origins, 3), random.word(self.origins, 3));
        match random.below(12) {
            0 => "*".into(),
            1 => "https".into(),
            2..=5 => format!("{scheme}{prefix}{suffix}"),
            _ => format!("{scheme}{prefix}*{suffix}"),
        }
    }

    fn name_pattern(&self, random: &mut Random) -> String {
        let (prefix, suffix) = (random.word(self.names, 2), random.word(self.names, 2));
        let star = random.one_of(&["", "*"]);
        format!("{prefix}{star}{suffix}")
    }

    fn rule(&self, random: &mut Random, most: usize) -> CorsRule {
        CorsRule {
            allowed_origins: random.several(1, most, |random| self.origin_pattern(random)),
            allowed_methods: random.several(1, 3, |random| random.one_of(&METHODS).to_owned()),
            allowed_headers: random.several(0, most, |random| self.name_pattern(random)),
            expose_headers: random.several(0, 2, |random| random.word(&["e", "E"], 2)),
            max_age_seconds: random.one_of(&[None, Some(0), Some(-1), Some(600)]),
            ..CorsRule::default()
        }
    }

    /// What the patterns match, with something more or less, and what they may not.
    fn origins_of(&self, random: &mut Random, rules: &[CorsRule]) -> Vec<String> {
        let mut origins = random.several(8, 24, |random| random.word(self.origins, 6));
        for _ in 0..40 {
            let rule = &rules[random.below(rules.len())];
            let pattern = &rule.allowed_origins[random.below(rule.allowed_origins.len())];
            let mut origin = filled(pattern, &random.word(self.origins, 3));
            if random.below(4) == 0 {
                origin.pop();
            }
            origins.push(origin);
        }
        origins.retain(|origin| !origin.is_empty());
        origins
    }

    fn names_of(&self, random: &mut Random, rules: &[CorsRule]) -> Vec<String> {
        random.several(0, 3, |random| {
            let rule = &rules[random.below(rules.len())];
            let name = match rule.allowed_headers.len() {
                count if count > 0 && random.below(4) > 0 => {
                    filled(&rule.allowed_headers[random.below(count)], &random.word(self.names, 2))
                }
                _ => random.word(self.names, 4),
            };
            if random.below(2) == 0 {
                name.to_ascii_lowercase()
            } else {
                name
            }
        })
    }
}

/// A list of names, and the line that says it.
struct Asked {
    names: Vec<Vec<u8>>,
    line: String,
}

impl Asked {
    fn new(random: &mut Random, names: Vec<String>) -> Self {
        let line = names.join(random.one_of(&[",", ", ", " ,,\t"]));
        let names = names.into_iter().filter(|name| !name.is_empty()).map(String::into_bytes).collect();
        Asked { names, line }
    }
}

fn round(random: &mut Random, counts: &mut Counts) {
    let alphabet = Alphabet { origins: random.one_of(&ORIGIN_LETTERS), names: random.one_of(&NAME_LETTERS) };
    // Most policies are small; a few have tables.
    let (most_rules, most_entries) =
        random.one_of(&[(1, 2), (2, 2), (4, 3), (4, 3), (6, 4), (3, 40), (100, 2)]);
    let rules = random.several(1, most_rules, |random| alphabet.rule(random, most_entries));
    let settings = Settings {
        extended: true,
        credentials: random.below(4) == 0,
        timing: random.below(4) == 0,
        always_vary: random.below(2) == 0,
        uniform_refusals: random.below(2) == 0,
    };
    // Credentials forbid some patterns.
    let Ok(policy) = settings.build(&rules) else { return };
    counts.policies += 1;
    let origins = alphabet.origins_of(random, &rules);
    let asked = random.several(2, 6, |random| {
        let names = alphabet.names_of(random, &rules);
        Asked::new(random, names)
    });
    let methods: Vec<&str> = [random.one_of(&METHODS), random.one_of(&METHODS), "GET"].to_vec();
    for origin in &origins {
        for method in &methods {
            counts.granted += decisions(&policy, &rules, origin, method, &asked);
            counts.decisions += 1 + asked.len() as u64;
        }
    }
    for _ in 0..EXCHANGES {
        let origin = &origins[random.below(origins.len())];
        let (request, inner) = exchange(random, origin, &asked);
        expected::check(&policy, settings, &request, &inner);
        counts.exchanges += 2;
    }
}

/// Returns how many of them are granted.
fn decisions(policy: &CorsPolicy, rules: &[CorsRule], origin: &str, method: &str, asked: &[Asked]) -> u64 {
    let decided = policy.decide(&CorsRequest::actual(origin, method)).rule();
    assert_eq!(
        decided,
        naive(rules, Some(origin.as_bytes()), method.as_bytes(), &[]),
        "{origin:?} {method:?} {rules:?}"
    );
    let mut granted = u64::from(decided.is_some());
    for Asked { names, line } in asked {
        let decided = policy.decide(&CorsRequest::preflight(origin, method, line)).rule();
        let wanted = naive(rules, Some(origin.as_bytes()), method.as_bytes(), names);
        assert_eq!(decided, wanted, "{origin:?} {method:?} {line:?} {rules:?}");
        granted += u64::from(decided.is_some());
    }
    granted
}

/// A request, and the headers of the inner service.
fn exchange(random: &mut Random, origin: &str, asked: &[Asked]) -> (Request<Bytes>, HeaderMap) {
    let mut request = Request::new(Bytes::new());
    *request.method_mut() = random.one_of(&["OPTIONS", "OPTIONS", "GET", "PUT"]).parse().expect("a method");
    let headers = request.headers_mut();
    let value = |text: &str| HeaderValue::from_bytes(text.as_bytes()).expect("printable");
    for _ in 0..random.one_of(&[0, 1, 1, 1, 1, 1, 2]) {
        headers.append("origin", value(origin));
    }
    for _ in 0..random.one_of(&[0, 1, 1, 1, 2]) {
        let method = random.one_of(&METHODS);
        headers.append("access-control-request-method", value(method));
    }
    for _ in 0..random.one_of(&[0, 1, 1, 2]) {
        headers.append("access-control-request-headers", value(&asked[random.below(asked.len())].line));
    }
    let mut inner = HeaderMap::new();
    for _ in 0..random.below(4) {
        let name = random.one_of(&["vary", "access-control-allow-origin", "timing-allow-origin", "x-a"]);
        inner.append(name, value(random.one_of(&["Origin", "*", "origin, x-a", ", X-A ,,x-b", ""])));
    }
    (request, inner)
}
