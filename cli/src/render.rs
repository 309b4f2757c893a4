//! Diagnostics for people: the place, the message, the line with a caret under what it is about, and what to do.

use std::env;
use std::io::IsTerminal;

use clap::ValueEnum;

use crate::diagnostic::{Diagnostic, Level};
use crate::paint::{Paint, BLUE, BOLD, CYAN, GREEN, RED, YELLOW};

#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

impl Color {
    /// Whether the output has colours (<https://no-color.org>, <https://bixense.com/clicolors>).
    pub(crate) fn is_on(self, output: &impl IsTerminal) -> bool {
        let is_set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty() && value != "0");
        match self {
            Color::Always => true,
            Color::Never => false,
            Color::Auto if env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) => false,
            Color::Auto if is_set("CLICOLOR_FORCE") => true,
            Color::Auto => output.is_terminal() && env::var_os("TERM").is_none_or(|term| term != "dumb"),
        }
    }
}

/// Where the pages of the lints are.
pub(crate) const PAGES: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/lints");

/// Each diagnostic with the line that it is about.
pub(crate) fn full(diagnostics: &[Diagnostic], is_colored: bool) -> String {
    let paint = Paint(is_colored);
    diagnostics.iter().map(|diagnostic| paint.diagnostic(diagnostic)).collect::<Vec<_>>().join("\n")
}

/// A line for each diagnostic.
pub(crate) fn short(diagnostics: &[Diagnostic], is_colored: bool) -> String {
    let paint = Paint(is_colored);
    diagnostics.iter().map(|diagnostic| paint.title(diagnostic, &diagnostic.text()) + "\n").collect()
}

impl Paint {
    fn title(&self, diagnostic: &Diagnostic, message: &str) -> String {
        let origin = match diagnostic.origin() {
            origin if origin.is_empty() => origin,
            origin => self.text(BOLD, &(origin + ":")) + " ",
        };
        let title = self.text(style(diagnostic.level), &diagnostic.title());
        format!("{origin}{title}: {message}")
    }

    fn diagnostic(&self, diagnostic: &Diagnostic) -> String {
        let text = diagnostic.text();
        let (message, advice) = match text.rsplit_once("; write ") {
            Some((message, fix)) if diagnostic.fix.is_some() || diagnostic.s3.is_some() => {
                (message, Some(format!("write {fix}")))
            }
            _ => (text.as_str(), None),
        };
        let mut lines = vec![self.title(diagnostic, message)];
        let place = diagnostic.place.as_ref();
        let number = place.map(|place| place.start.line.to_string()).unwrap_or_default();
        let margin = " ".repeat(number.len());
        let bar = self.text(BLUE, "|");
        if let Some(excerpt) = place.and_then(|place| place.excerpt.as_ref()) {
            let caret = self.text(style(diagnostic.level), &"^".repeat(excerpt.width));
            lines.push(format!("{margin} {bar}"));
            lines.push(format!("{} {bar} {}", self.text(BLUE, &number), excerpt.line));
            lines.push(format!("{margin} {bar} {}{caret}", " ".repeat(excerpt.indent)));
        }
        let page = diagnostic.id.map(|id| format!("{PAGES}/{id}.md"));
        for help in advice.into_iter().chain(page) {
            lines.push(format!("{margin} {} {}: {help}", self.text(BLUE, "="), self.text(BOLD, "help")));
        }
        let text: String = lines.iter().map(|line| format!("{}\n", line.trim_end())).collect();
        text
    }
}

fn style(level: Level) -> &'static str {
    match level {
        Level::Error => RED,
        Level::Warning => YELLOW,
        Level::Note => GREEN,
        Level::Info => CYAN,
    }
}

/// Annotations of GitHub Actions.
pub(crate) fn github(diagnostics: &[Diagnostic]) -> String {
    diagnostics.iter().map(annotation).collect()
}

fn annotation(diagnostic: &Diagnostic) -> String {
    let command = match diagnostic.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note | Level::Info => "notice",
    };
    let escape = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| escape(text).replace(':', "%3A").replace(',', "%2C");
    // GitHub compares it with the paths of the repository.
    let file = diagnostic.file.strip_prefix("./").unwrap_or(&diagnostic.file);
    let mut properties = vec![format!("file={}", property(file))];
    if let Some(place) = &diagnostic.place {
        let (start, end) = (place.start, place.end);
        properties.push(format!("line={},col={},endLine={}", start.line, start.column, end.line));
        // GitHub takes columns of one line only.
        if end.line == start.line {
            properties.push(format!("endColumn={}", end.column));
        }
    }
    let id = diagnostic.id.map(|id| format!(" {id}")).unwrap_or_default();
    properties.push(format!("title=s3-cors{id}"));
    format!("::{command} {}::{}\n", properties.join(","), escape(&diagnostic.text()))
}
