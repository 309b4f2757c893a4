//! Every kind of lint, and how bad a lint can be.

use std::fmt;

/// One kind of lint: what it finds, why that matters, and what to do.
///
/// [`Lint::catalogue`](crate::Lint::catalogue) lists all kinds.
#[derive(PartialEq, Eq)]
pub struct LintKind {
    id: &'static str,
    severity: Severity,
    title: &'static str,
    page: &'static str,
}

impl LintKind {
    /// The id, such as `O09`. Its letter says what it is about: origins, rules, methods, headers,
    /// exposed headers, or the age of the answer to a preflight.
    pub fn id(&self) -> &'static str {
        self.id
    }

    /// How bad it is.
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// What it finds, in a few words.
    pub fn title(&self) -> &'static str {
        self.title
    }

    /// The page about it in Markdown: why it matters, the sources of that, what to do, and an example. It is
    /// `docs/lints/O09.md` of the repository for `O09`.
    pub fn page(&self) -> &'static str {
        self.page
    }
}

/// The id alone: with the page, a lint would fill a screen.
impl fmt::Debug for LintKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id)
    }
}

/// How bad a lint is. The worse is the greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Severity {
    /// Worth knowing, and often intended.
    Info,
    /// Dangerous, or very likely a mistake.
    Warning,
    /// The entry can never do what its author wanted.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        })
    }
}

macro_rules! kinds {
    ($($id:ident $severity:ident $title:literal;)*) => {
        $(pub(super) static $id: LintKind = LintKind {
            id: stringify!($id),
            severity: Severity::$severity,
            title: $title,
            page: include_str!(concat!("../../docs/lints/", stringify!($id), ".md")),
        };)*

        pub(super) static ALL: &[&LintKind] = &[$(&$id),*];
    };
}

kinds! {
    O01 Info "any origin";
    O02 Warning "pattern without a registrable domain";
    O03 Warning "`*` that does not end at a dot";
    O04 Warning "`*` right after a host";
    O05 Warning "any host below a public suffix";
    O06 Info "origin without encryption";
    O07 Warning "`null`, or a pattern that matches it";
    O08 Info "every host below a domain";
    O09 Error "path, trailing slash or user name in an origin";
    O10 Error "upper case in an origin";
    O11 Error "default port in an origin";
    O12 Error "not an origin";
    O13 Error "origin without a scheme that pages have";
    O15 Warning "`https` alone";
    O16 Warning "host in a form that browsers do not send";
    O17 Info "subdomains without the domain itself";
    O19 Warning "empty origin";
    O20 Info "origin covered by another one of the rule";
    O21 Info "origin of a developer's machine";
    O22 Info "`file:` as an origin";
    O23 Warning "host shared by path";
    O24 Error "label that begins or ends with a hyphen";
    O25 Error "placeholder";
    R01 Warning "rule, or origin of a rule, that never decides";
    R02 Warning "requests decided by an earlier rule that lists `*`";
    R03 Warning "`*` beside other origins";
    R04 Warning "header exposed without effect";
    R05 Warning "duplicate ID";
    M03 Warning "OPTIONS as a method";
    M04 Error "method in lower case";
    M06 Info "GET without HEAD, or HEAD without GET";
    M07 Error "several methods in one entry";
    M08 Error "`ALL` or `ANY` as a method";
    M09 Info "PUT without POST";
    H01 Warning "writing without an AllowedHeader";
    H03 Warning "header that only the browser sets";
    H04 Warning "CORS header in a list of headers";
    H06 Warning "header of responses in AllowedHeaders";
    H07 Warning "method in a list of headers";
    H08 Error "several headers in one entry";
    H09 Warning "empty name in a list of headers";
    H10 Info "reading without an AllowedHeader";
    H11 Info "headers of the AWS SDK that are missing";
    X02 Info "PUT without ETag exposed";
    X03 Info "header that is always exposed";
    X04 Warning "cookie exposed";
    X05 Warning "header of requests in ExposeHeaders";
    A01 Warning "MaxAgeSeconds above a day";
    A02 Warning "MaxAgeSeconds 0";
    A03 Error "negative MaxAgeSeconds";
    A04 Info "no MaxAgeSeconds";
    A05 Info "MaxAgeSeconds above two hours";
}
