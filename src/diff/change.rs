//! What changes, for whom, and a request that shows it.

use std::fmt;

use http::header::{ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_ORIGIN};
use http::HeaderName;

use crate::pattern::{Listed, OverbroadOrigin, Shown};
use crate::policy::CorsRequest;

/// How requests are answered differently: see [`Change`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChangeKind {
    /// The old policy refuses them, and the new one grants them.
    Granted(Part),
    /// The old policy grants them, and the new one refuses them.
    Refused(Part),
    /// Both grant them, with other headers in the answer; or the headers of all responses differ.
    OtherHeaders,
}

/// The part of a request that one of the policies allows and the other does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The origin, to which one of the policies grants nothing at all.
    Origin,
    /// The method, for an origin to which both policies grant something.
    Method,
    /// The requested headers, for an origin and a method that both policies grant.
    RequestedHeaders,
}

impl ChangeKind {
    /// Its place in the order of changes.
    pub(super) fn number(self) -> usize {
        match self {
            ChangeKind::Granted(part) => part as usize,
            ChangeKind::Refused(part) => 3 + part as usize,
            ChangeKind::OtherHeaders => 6,
        }
    }
}

impl Part {
    /// `origin`, `method` or `header`.
    pub fn as_str(&self) -> &'static str {
        match self {
            Part::Origin => "origin",
            Part::Method => "method",
            Part::RequestedHeaders => "header",
        }
    }
}

/// Requests that two policies answer differently: one of [`PolicyDiff::changes`](super::PolicyDiff::changes).
///
/// They have one of the [origins](Change::origins) and one of the [methods](Change::methods).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub(super) kind: ChangeKind,
    pub(super) origins: Vec<String>,
    /// There are no others.
    pub(super) are_all_origins: bool,
    pub(super) methods: Vec<String>,
    pub(super) requested_headers: Vec<String>,
    pub(super) are_together: bool,
    pub(super) answer: Vec<HeaderChange>,
    pub(super) in_fetch: bool,
    pub(super) in_s3: bool,
    pub(super) witness: Witness,
}

impl Change {
    /// How they are answered differently.
    pub fn kind(&self) -> ChangeKind {
        self.kind
    }

    /// Their origins: texts and patterns of one of the policies, or a pattern that is part of several of these.
    ///
    /// A pattern leaves out origins that a more exact entry of either policy matches: if these are answered differently,
    /// they have a change of their own. So `*` is any origin that no other entry matches.
    pub fn origins(&self) -> &[String] {
        &self.origins
    }

    /// Their methods; empty for any method.
    pub fn methods(&self) -> &[String] {
        &self.methods
    }

    /// What the policy that grants them lets them ask for: names and patterns, in lower case.
    ///
    /// Under [`Part::RequestedHeaders`] the requests ask for at least one of them, or for
    /// [all together](Change::are_together). It is empty under [`ChangeKind::OtherHeaders`].
    pub fn requested_headers(&self) -> &[String] {
        &self.requested_headers
    }

    /// Whether only requests for all of these headers together are answered differently: the other policy allows each of
    /// them, by different rules.
    pub fn are_together(&self) -> bool {
        self.are_together
    }

    /// The headers of the answer that differ; empty if one of the policies refuses the requests.
    pub fn answer(&self) -> &[HeaderChange] {
        &self.answer
    }

    /// Whether [`Fetch`](crate::Fetch) answers them differently. It does not, for example, expose headers to preflights.
    pub fn is_in_fetch(&self) -> bool {
        self.in_fetch
    }

    /// Whether [`S3`](crate::S3) answers them differently.
    pub fn is_in_s3(&self) -> bool {
        self.in_s3
    }

    /// One of the requests. Its origin is one that browsers send if there is any.
    pub fn witness(&self) -> &Witness {
        &self.witness
    }

    /// Whether the new policy allows credentials where the old one does not: by its setting, or to strangers, to whom it
    /// gives back an origin in place of `*`, with which [`S3`](crate::S3) sends credentials.
    pub(super) fn allows_credentials(&self) -> bool {
        let is_overbroad = |origin: &String| OverbroadOrigin::find(origin).is_some();
        self.answer.iter().any(HeaderChange::allows_credentials)
            || self.answer.iter().any(HeaderChange::gives_back) && self.origins.iter().any(is_overbroad)
    }
}

/// A header of an answer that differs: see [`Change::answer`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HeaderChange {
    pub(super) name: HeaderName,
    pub(super) old: Option<String>,
    pub(super) new: Option<String>,
}

impl HeaderChange {
    /// The name of the header.
    pub fn name(&self) -> &HeaderName {
        &self.name
    }

    /// Its value in the answer of the old policy; `the origin` stands for that of the request. `None` without the header.
    pub fn before(&self) -> Option<&str> {
        self.old.as_deref()
    }

    /// Its value in the answer of the new policy.
    pub fn after(&self) -> Option<&str> {
        self.new.as_deref()
    }

    fn allows_credentials(&self) -> bool {
        self.name == ACCESS_CONTROL_ALLOW_CREDENTIALS && self.new.is_some()
    }

    fn gives_back(&self) -> bool {
        self.name == ACCESS_CONTROL_ALLOW_ORIGIN && self.old.as_deref() == Some("*")
    }
}

/// `access-control-max-age: 600 -> none`
impl fmt::Display for HeaderChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |value: &Option<String>| match value {
            Some(value) => value.escape_debug().to_string(),
            None => "none".into(),
        };
        write!(f, "{}: {} -> {}", self.name, shown(&self.old), shown(&self.new))
    }
}

/// A request that two policies answer differently: see [`Change::witness`].
///
/// Printed, it is what to look at with [`explain`](crate::CorsPolicy::explain):
/// `preflight from https://app.example.com for PUT with content-type`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    pub(super) origin: String,
    pub(super) method: String,
    pub(super) requested_headers: Vec<String>,
    /// These as one line.
    pub(super) line: String,
    pub(super) is_preflight: bool,
}

impl Witness {
    /// The origin.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The method.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The headers that it asks for.
    pub fn requested_headers(&self) -> &[String] {
        &self.requested_headers
    }

    /// Whether it is a preflight. An actual request is one that a browser sends without one, or after it.
    pub fn is_preflight(&self) -> bool {
        self.is_preflight
    }

    /// The request.
    pub fn request(&self) -> CorsRequest<'_> {
        if self.is_preflight {
            CorsRequest::preflight(&self.origin, &self.method, &self.line)
        } else {
            CorsRequest::actual(&self.origin, &self.method)
        }
    }
}

impl fmt::Display for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.is_preflight { "preflight" } else { "actual request" };
        write!(f, "{kind} from {} for {}", Shown(&self.origin), Shown(&self.method))?;
        if !self.requested_headers.is_empty() {
            write!(f, " with {}", Listed(&self.requested_headers))?;
        }
        Ok(())
    }
}
