//! A request that shows a change, with an origin that a browser sends where there is one.

use super::change::{ChangeKind, Witness};
use super::comparison::{Comparison, Draft};
use super::decisions::Finding;
use super::groups::Group;
use super::HeaderChange;
use crate::config::is_token;
use crate::pattern::{faults, Class};

/// The origins of a change that are tried: most changes have a plain one first.
const MAX_TRIED: usize = 16;

/// What may be in place of a `*`, the plainest first. Whether it is in the class is for the tables to say.
const HOSTS: [&str; 12] = [
    ".example.org",
    "example.com",
    "example.org",
    "example.net",
    "3000",
    "8443",
    "://example.com",
    "https://example.com",
    "https://example.org",
    "https://example.net",
    "https://www.example.edu",
    "null",
];
const LABELS: [&str; 9] = ["x", "www", "app", "s", "", "https", "https://x", "http://x", "https://x."];
const NAMES: [&str; 5] = ["custom", "x-custom", "x-other", "x", "1"];

impl Comparison<'_> {
    /// A request that shows the change, preferably from an origin that these texts name.
    pub(super) fn witness(&self, draft: &Draft, finding: &Finding, named: &[String]) -> Option<Witness> {
        let (origin, names) = self.origin(draft, named)?;
        let method = self.methods.get(*draft.methods.first()?)?.members.first()?.text();
        let names: Vec<String> =
            names.iter().filter_map(|number| self.name(self.names.groups.get(*number)?)).collect();
        let is_preflight = !names.is_empty() || is_preflight(finding, &method);
        Some(Witness::new(origin, method, names, is_preflight))
    }

    /// An origin of one of these texts that browsers send, or else any, with the names that a request from there has to
    /// ask for.
    fn origin<'d>(&self, draft: &'d Draft, named: &[String]) -> Option<(String, &'d [usize])> {
        let named = named.get(..MAX_TRIED).unwrap_or(named);
        let mut any = None;
        for (number, names) in &draft.origins {
            let Some(group) = self.origins.groups.get(*number) else { continue };
            for class in group.members.iter().filter(|class| named.contains(&class.text())) {
                if let Some(origin) = self.real_origin(group, class) {
                    return Some((origin, names));
                }
                any = any.or_else(|| Some((self.origins.member(class), names.as_slice())));
            }
        }
        any
    }

    /// An origin of the class that browsers send.
    fn real_origin(&self, group: &Group<'_>, class: &Class<'_>) -> Option<String> {
        let fillers: [&[&str]; 2] = match class {
            Class::Affix { suffix, .. } if suffix.is_empty() || suffix.starts_with(':') => [&HOSTS, &LABELS],
            _ => [&LABELS, &HOSTS],
        };
        let is_right = |origin: &str| {
            self.policies.matching_origin(origin) == group.rules
                && !origin.is_empty()
                && faults(origin).is_empty()
        };
        filled(class, fillers.concat(), is_right)
    }

    fn name(&self, group: &Group<'_>) -> Option<String> {
        let class = group.members.first()?;
        let is_right = |name: &str| self.policies.matching_header(name) == group.rules && is_token(name);
        // A name of one's own begins with `x-`.
        let is_any = *class == Class::Affix { prefix: "", suffix: "" };
        let fillers = NAMES.iter().copied().skip(usize::from(is_any)).collect();
        let name = filled(class, fillers, |name| !name.is_empty() && is_right(name));
        Some(name.unwrap_or_else(|| self.names.member(class)))
    }
}

/// The first value of the class with one of these in place of the `*` that is right.
fn filled(class: &Class<'_>, fillers: Vec<&str>, is_right: impl Fn(&str) -> bool) -> Option<String> {
    match class {
        Class::Value(text) => Some(text.clone().into_owned()).filter(|text| is_right(text)),
        Class::Affix { prefix, suffix } => {
            let mut values = fillers.into_iter().map(|filler| [prefix, filler, suffix].concat());
            values.find(|value| is_right(value))
        }
    }
}

/// Whether a preflight shows the change, where no headers are requested.
fn is_preflight(finding: &Finding, method: &str) -> bool {
    use http::header::{ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE};
    let is_simple = ["GET", "HEAD", "POST"].contains(&method);
    let has = |name| finding.answer.iter().any(|header| header.name == name);
    if finding.kind != ChangeKind::OtherHeaders {
        return !is_simple;
    }
    let is_of_both = |header: &HeaderChange| {
        ![ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_EXPOSE_HEADERS]
            .contains(&header.name)
    };
    match finding.answer.iter().any(is_of_both) {
        true => !is_simple,
        false => !has(ACCESS_CONTROL_EXPOSE_HEADERS),
    }
}

impl Witness {
    pub(super) fn new(
        origin: String,
        method: String,
        requested_headers: Vec<String>,
        is_preflight: bool,
    ) -> Self {
        let line = requested_headers.join(",");
        Witness { origin, method, requested_headers, line, is_preflight }
    }
}
