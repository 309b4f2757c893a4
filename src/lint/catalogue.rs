//! Every kind of lint, and how bad a lint can be.

use std::fmt;

/// One kind of lint: what it finds, why that matters, and what to do.
///
/// [`Lint::catalogue`](crate::lint::Lint::catalogue) lists all kinds.
#[derive(PartialEq, Eq)]
pub struct LintKind {
    id: &'static str,
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
        match self.page.lines().find_map(|line| line.strip_prefix("Severity: ")) {
            Some("error") => Severity::Error,
            Some("warning") => Severity::Warning,
            _ => Severity::Info,
        }
    }

    /// What it finds, in a few words.
    pub fn title(&self) -> &'static str {
        let heading = self.page.lines().next().unwrap_or_default();
        heading.split_once(": ").unwrap_or_default().1
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
        f.write_str(&format!("{self:?}").to_ascii_lowercase())
    }
}

macro_rules! kinds {
    ($($id:ident)*) => {
        $(pub(super) static $id: LintKind = LintKind {
            id: stringify!($id),
            page: include_str!(concat!("../../docs/lints/", stringify!($id), ".md")),
        };)*

        pub(super) static ALL: &[&LintKind] = &[$(&$id),*];
    };
}

// The page of each says what it finds and how bad that is; docs/lints/README.md lists all.
kinds! {
    O01 O02 O03 O04 O05 O06 O07 O08 O09 O10 O11 O12 O13 O15 O16 O17 O19 O20 O21 O22 O23 O24 O25
    R01 R02 R03 R04 R05
    M03 M04 M06 M07 M08 M09
    H01 H03 H04 H06 H07 H08 H09 H10 H11
    X02 X03 X04 X05
    A01 A02 A03 A04 A05
}
