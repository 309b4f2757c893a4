//! What a kind of lint is, and how bad a lint can be.

use std::fmt;

/// One kind of lint: what it finds, why that matters, and what to do.
///
/// [`Lint::catalogue`](crate::Lint::catalogue) lists all kinds; each has a page in the repository too,
/// under `docs/lints`. The texts are Markdown.
#[derive(Debug, PartialEq, Eq)]
pub struct LintKind {
    pub(super) id: &'static str,
    pub(super) severity: Severity,
    pub(super) title: &'static str,
    pub(super) rationale: &'static str,
    pub(super) source: &'static str,
    pub(super) help: &'static str,
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

    /// Why it matters.
    pub fn rationale(&self) -> &'static str {
        self.rationale
    }

    /// Where the reason comes from: a standard, a vendor's page, a report.
    pub fn source(&self) -> &'static str {
        self.source
    }

    /// What to do about it.
    pub fn help(&self) -> &'static str {
        self.help
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
