//! A comparison of policies as lines for people.

use std::collections::HashMap;
use std::fmt;

use super::{Change, ChangeKind, HeaderChange, Part, PolicyDiff};
use crate::pattern::Listed;

const SAME: &str = "no request is answered differently";
const STOPPED: &str = "stopped at the limit of the work: there may be more changes";

impl fmt::Display for PolicyDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = Vec::new();
        for of_kind in self.changes.chunk_by(|a, b| heading(a) == heading(b)) {
            lines.extend(of_kind.first().map(|change| format!("{}:", heading(change))));
            for change in of_kind {
                let article = if change.witness.is_preflight { "a" } else { "an" };
                lines.push(format!("  {change}"));
                lines.push(format!("    such as {article} {}", change.witness));
            }
        }
        lines.extend((!self.is_exhaustive).then(|| STOPPED.to_owned()));
        if lines.is_empty() {
            lines.push(SAME.to_owned());
        }
        f.write_str(&lines.join("\n"))
    }
}

fn heading(change: &Change) -> &'static str {
    match change.kind {
        ChangeKind::Granted(_) => "newly granted",
        ChangeKind::Refused(_) => "no longer granted",
        ChangeKind::OtherHeaders => "granted with other headers",
    }
}

/// `origin: https://app.example.com for GET, PUT with any header`
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            ChangeKind::Granted(part) | ChangeKind::Refused(part) => self.write_part(f, part)?,
            ChangeKind::OtherHeaders => self.write_answer(f)?,
        }
        f.write_str(match (self.in_fetch, self.in_s3) {
            (false, _) => " (dialect S3 only)",
            (_, false) => " (dialect Fetch only)",
            _ => "",
        })
    }
}

impl Change {
    fn write_part(&self, f: &mut fmt::Formatter<'_>, part: Part) -> fmt::Result {
        let (origins, methods, names) = (self.shown_origins(), Listed(&self.methods), self.shown_names());
        write!(f, "{}: ", part.as_str())?;
        match part {
            Part::Origin => write!(f, "{origins} for {methods}")?,
            Part::Method => write!(f, "{methods} from {origins}")?,
            Part::RequestedHeaders => return write!(f, "{names} for {methods} from {origins}"),
        }
        if self.requested_headers.is_empty() {
            return Ok(());
        }
        write!(f, " with {names}")
    }

    fn write_answer(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.methods.as_slice() {
            [] => f.write_str("any actual request")?,
            methods => write!(f, "{} for {}", self.shown_origins(), Listed(methods))?,
        }
        if !self.witness.requested_headers.is_empty() {
            f.write_str(" with requested headers")?;
        }
        let answer: Vec<String> = self.answer.iter().map(HeaderChange::to_string).collect();
        write!(f, ": {}", answer.join("; "))
    }

    fn shown_origins(&self) -> String {
        match self.origins.as_slice() {
            [any] if any == "*" && self.are_all_origins => "any origin".into(),
            [any] if any == "*" => "any other origin".into(),
            origins => Listed(origins).to_string(),
        }
    }

    fn shown_names(&self) -> String {
        match self.requested_headers.as_slice() {
            [any] if any == "*" => "any header".into(),
            names if self.are_together => names.join(" and "),
            names => Listed(names).to_string(),
        }
    }
}

/// `2 origins newly granted, none lost`
pub(super) fn summary(diff: &PolicyDiff) -> String {
    let stopped = if diff.is_exhaustive { String::new() } else { format!("; {STOPPED}") };
    if diff.changes.is_empty() {
        return if diff.is_exhaustive { SAME.to_owned() } else { STOPPED.to_owned() };
    }
    let granted = counted(diff, ChangeKind::Granted);
    let lost = counted(diff, ChangeKind::Refused);
    let others = diff.changes.iter().filter(|change| change.kind == ChangeKind::OtherHeaders);
    let (others, vary): (Vec<&Change>, Vec<&Change>) = others.partition(|change| !change.methods.is_empty());
    let others = match distinct(others.into_iter().flat_map(|change| &change.origins)) {
        0 => String::new(),
        count => format!(", {} with other headers", number(count, "origin")),
    };
    let vary = if vary.is_empty() { "" } else { ", another Vary" };
    format!("{granted} newly granted, {lost} lost{others}{vary}{stopped}")
}

/// `2 origins and 1 method`, or `none`.
fn counted<'d>(diff: &'d PolicyDiff, kind: fn(Part) -> ChangeKind) -> String {
    let count = |part: Part| {
        let texts = |change: &'d Change| match part {
            Part::Origin => change.origins(),
            Part::Method => change.methods(),
            Part::RequestedHeaders => change.requested_headers(),
        };
        let changes = diff.changes.iter().filter(|change| change.kind == kind(part));
        let count = distinct(changes.flat_map(texts));
        (count > 0).then(|| number(count, part.as_str()))
    };
    let parts = [Part::Origin, Part::Method, Part::RequestedHeaders];
    let counts: Vec<String> = parts.into_iter().filter_map(count).collect();
    match counts.as_slice() {
        [] => "none".into(),
        [others @ .., last] if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        counts => counts.concat(),
    }
}

fn number(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

fn distinct<'t>(texts: impl Iterator<Item = &'t String>) -> usize {
    texts.map(|text| (text.as_str(), 0)).collect::<HashMap<&str, usize>>().len()
}
