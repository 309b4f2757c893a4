//! What a change of rules changes for requests: [`CorsPolicy::diff`].
//!
//! What is compared in the answers to requests with an Origin:
//!
//! - whether it is granted. Refusals are alike, whatever their status and text;
//! - of the answer to a preflight, Allow-Origin (`*` or the origin), Allow-Credentials, Allow-Methods and Max-Age;
//! - of the response to an actual request, Allow-Origin, Allow-Credentials, Expose-Headers, Timing-Allow-Origin and whether it
//!   varies with the Origin;
//! - in the dialect [`S3`](crate::S3), all of these headers for both kinds of request, except Vary, which is constant there,
//!   and Allow-Credentials, which goes with every echoed origin.
//!
//! If only one of the dialects answers differently, the [change](Change) says so. Values are compared byte for byte.
//!
//! Requests with several Origin headers, which only `*` matches, and requests without one are not listed: their answers
//! change only if those of other requests do.

mod answers;
mod change;
mod comparison;
mod decisions;
mod display;
mod groups;
mod witness;

use std::ops::BitAnd;

use http::header::VARY;

pub use change::{Change, ChangeKind, HeaderChange, Part, Witness};

use crate::pattern::RuleSet;
use crate::policy::CorsPolicy;

impl CorsPolicy {
    /// Finds all requests that another policy would answer differently, in groups with an example each.
    ///
    /// The policies are compared by what they decide, not by their texts. The patterns of both divide all origins, and all
    /// names of headers, into finitely many classes, so that "no request is answered differently" is not a guess.
    ///
    /// A request is granted or refused; if it is granted, the headers of the answer are compared, in both dialects: see the
    /// [module](crate::diff). A request that another rule decides, with the same answer, is not answered differently.
    ///
    /// It is for people and their tools, not for each request. A hundred rules and a thousand patterns on each side take
    /// at most a few seconds, usual rules far less than a millisecond. The work is bounded: beyond the limit the
    /// comparison [stops](PolicyDiff::is_exhaustive), and says so.
    ///
    /// ```
    /// use tower_s3_cors::{CorsPolicy, CorsRule};
    ///
    /// let old = CorsPolicy::try_from(CorsRule::new(["https://app.example.com"], ["GET"]))?;
    /// let new = CorsPolicy::try_from(CorsRule::new(["https://*.example.com"], ["GET", "PUT"]))?;
    /// let diff = old.diff(&new);
    /// assert_eq!(diff.summary(), "1 origin and 1 method newly granted, none lost, 1 origin with other headers");
    /// assert_eq!(
    ///     diff.to_string(),
    ///     "newly granted:\n  \
    ///        origin: https://*.example.com for GET, PUT\n    \
    ///          such as an actual request from https://x.example.com for GET\n  \
    ///        method: PUT from https://app.example.com\n    \
    ///          such as a preflight from https://app.example.com for PUT\n\
    ///      granted with other headers:\n  \
    ///        https://app.example.com for GET: access-control-allow-methods: GET -> GET, PUT\n    \
    ///          such as a preflight from https://app.example.com for GET"
    /// );
    /// # Ok::<(), tower_s3_cors::InvalidConfiguration>(())
    /// ```
    #[must_use]
    pub fn diff(&self, new: &CorsPolicy) -> PolicyDiff {
        let (changes, is_exhaustive) = comparison::find(Both { old: self, new });
        let mut by_kind: [Vec<Change>; 7] = Default::default();
        for change in changes.into_iter().chain(vary(self, new)) {
            if let Some(of_kind) = by_kind.get_mut(change.kind.number()) {
                of_kind.push(change);
            }
        }
        PolicyDiff { changes: by_kind.into_iter().flatten().collect(), is_exhaustive }
    }
}

/// The requests that two policies answer differently: see [`CorsPolicy::diff`].
///
/// Printed, it is several lines for people.
#[derive(Clone, Debug)]
pub struct PolicyDiff {
    changes: Vec<Change>,
    is_exhaustive: bool,
}

impl PolicyDiff {
    /// Whether it is certain that no request is answered differently.
    pub fn is_same(&self) -> bool {
        self.changes.is_empty() && self.is_exhaustive
    }

    /// Whether all requests were compared. If not, there may be changes that are not listed.
    pub fn is_exhaustive(&self) -> bool {
        self.is_exhaustive
    }

    /// Whether an origin, a method, a requested header or credentials are newly granted. Also `true` if the comparison
    /// stopped, since then that is not known.
    ///
    /// The dialect [`S3`](crate::S3) sends credentials with every origin that is given back. So it is widening too if `*`
    /// becomes a pattern that matches origins of strangers, such as `http*`, and not if it becomes named origins.
    pub fn is_widening(&self) -> bool {
        let is_wider = |change: &Change| match change.kind {
            ChangeKind::Granted(_) => true,
            ChangeKind::Refused(_) => false,
            ChangeKind::OtherHeaders => change.allows_credentials(),
        };
        !self.is_exhaustive || self.changes.iter().any(is_wider)
    }

    /// What changes: first what is newly granted, then what is lost, then what is granted with other headers; within each,
    /// first origins, then methods, then requested headers.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// One line for a log: `2 origins newly granted, none lost`.
    pub fn summary(&self) -> String {
        display::summary(self)
    }
}

/// Responses to actual requests vary with the Origin, unless every rule of the policy lists `*`.
fn vary(old: &CorsPolicy, new: &CorsPolicy) -> Option<Change> {
    let value = |policy: &CorsPolicy| (!policy.ignores_origin()).then(|| "Origin".to_owned());
    let vary = HeaderChange { name: VARY, old: value(old), new: value(new) };
    (vary.old != vary.new).then(|| Change {
        kind: ChangeKind::OtherHeaders,
        origins: vec!["*".into()],
        are_all_origins: true,
        methods: Vec::new(),
        requested_headers: Vec::new(),
        are_together: false,
        answer: vec![vary],
        in_fetch: true,
        in_s3: false,
        witness: Witness::new("https://example.com".into(), "GET".into(), Vec::new(), false),
    })
}

/// The same of the old policy and of the new one.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Both<T> {
    old: T,
    new: T,
}

impl<T> Both<T> {
    fn turned_if(self, is_turned: bool) -> Self {
        if is_turned {
            Both { old: self.new, new: self.old }
        } else {
            self
        }
    }
}

impl Both<&CorsPolicy> {
    fn matching_origin(self, origin: &str) -> Both<RuleSet> {
        let matching = |policy: &CorsPolicy| policy.matching_origin(Some(origin.as_bytes()));
        Both { old: matching(self.old), new: matching(self.new) }
    }

    fn matching_method(self, method: &str) -> Both<RuleSet> {
        let matching = |policy: &CorsPolicy| policy.matching_method(method.as_bytes());
        Both { old: matching(self.old), new: matching(self.new) }
    }

    fn matching_header(self, name: &str) -> Both<RuleSet> {
        let matching = |policy: &CorsPolicy| policy.matching_header(name.as_bytes());
        Both { old: matching(self.old), new: matching(self.new) }
    }
}

impl Both<RuleSet> {
    const ALL: Self = Both { old: RuleSet::ALL, new: RuleSet::ALL };
    const NONE: Self = Both { old: RuleSet::EMPTY, new: RuleSet::EMPTY };

    fn first(self) -> Both<Option<u8>> {
        Both { old: self.old.first(), new: self.new.first() }
    }

    /// Whether they have the rules, as far as there are rules.
    fn contain(self, rules: Both<Option<u8>>) -> bool {
        let has = |set: RuleSet, rule: Option<u8>| rule.is_none_or(|rule| set.contains(rule.into()));
        has(self.old, rules.old) && has(self.new, rules.new)
    }
}

impl BitAnd for Both<RuleSet> {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Both { old: self.old & other.old, new: self.new & other.new }
    }
}
