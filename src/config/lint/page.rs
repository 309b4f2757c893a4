//! One kind of lint, as its page in the catalogue tells it.

use std::fmt;

/// One kind of lint: what it is about, why it matters, and what to do.
///
/// [`Lint::catalogue`](crate::Lint::catalogue) lists them all; each is a page in the repository too,
/// under `docs/lints`. The texts are Markdown.
#[derive(Debug, PartialEq, Eq)]
pub struct LintPage {
    pub(super) id: &'static str,
    pub(super) severity: Severity,
    pub(super) title: &'static str,
    pub(super) why: &'static str,
    pub(super) source: &'static str,
    pub(super) remedy: &'static str,
}

impl LintPage {
    /// The id, such as `O09`. Its letter tells what it is about: origins, rules, methods, headers,
    /// exposed headers, or the age of a preflight's answer.
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

    /// Why that matters.
    pub fn why(&self) -> &'static str {
        self.why
    }

    /// Where the reason comes from: a standard, a vendor's page, a report.
    pub fn source(&self) -> &'static str {
        self.source
    }

    /// What to do about it.
    pub fn remedy(&self) -> &'static str {
        self.remedy
    }
}

/// How bad a lint is. The worse is the greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Severity {
    /// Worth knowing, and often as it should be.
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
