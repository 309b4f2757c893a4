//! Colours of a terminal: of diagnostics, explanations and patches.

pub(crate) const BOLD: &str = "1";
pub(crate) const RED: &str = "1;31";
pub(crate) const GREEN: &str = "1;32";
pub(crate) const YELLOW: &str = "1;33";
pub(crate) const BLUE: &str = "1;34";
pub(crate) const CYAN: &str = "1;36";

/// Whether there are colours.
#[derive(Clone, Copy)]
pub(crate) struct Paint(pub(crate) bool);

impl Paint {
    pub(crate) fn text(self, style: &str, text: &str) -> String {
        if self.0 && !text.is_empty() {
            format!("\u{1b}[{style}m{text}\u{1b}[0m")
        } else {
            text.into()
        }
    }

    /// What `explain` prints.
    pub(crate) fn explanation(self, text: &str) -> String {
        self.lines(text, |line| self.explanation_line(line))
    }

    fn explanation_line(self, line: &str) -> String {
        if line.starts_with("==> ") {
            return self.text(BOLD, line);
        }
        if line.starts_with("  CORSRules[") {
            return PARTS.iter().fold(line.to_owned(), |line, (part, answer, style)| {
                line.replace(&format!("{part} {answer}"), &format!("{part} {}", self.text(style, answer)))
            });
        }
        let (word, rest) = line.split_at(line.find(':').unwrap_or_default());
        let style = LABELS.iter().find(|(label, _)| *label == word).map(|(_, style)| style);
        style.map_or_else(|| line.to_owned(), |style| self.text(style, word) + rest)
    }

    /// A patch.
    pub(crate) fn patch(self, text: &str) -> String {
        self.lines(text, |line| {
            let style = PATCH.iter().find(|(sign, _)| line.starts_with(sign)).map(|(_, style)| style);
            style.map_or_else(|| line.to_owned(), |style| self.text(style, line))
        })
    }

    fn lines(self, text: &str, painted: impl Fn(&str) -> String) -> String {
        if !self.0 {
            return text.to_owned();
        }
        let line = |line: &str| {
            let content = line.trim_end_matches(['\r', '\n']);
            painted(content) + line.get(content.len()..).unwrap_or_default()
        };
        text.split_inclusive('\n').map(line).collect()
    }
}

/// What lines of an explanation begin with.
const LABELS: [(&str, &str); 6] = [
    ("granted", GREEN),
    ("refused", RED),
    ("nearest", CYAN),
    ("hint", CYAN),
    ("note", GREEN),
    ("answer", BOLD),
];

const PARTS: [(&str, &str, &str); 6] = [
    ("origin", "yes", GREEN),
    ("method", "yes", GREEN),
    ("headers", "yes", GREEN),
    ("origin", "no", RED),
    ("method", "no", RED),
    ("headers", "no", RED),
];

const PATCH: [(&str, &str); 5] = [("--- ", BOLD), ("+++ ", BOLD), ("@@ ", "36"), ("-", "31"), ("+", "32")];
