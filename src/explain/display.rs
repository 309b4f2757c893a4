//! An explanation as lines for people.

use std::fmt;

use super::{Explanation, NearestMiss, Remedy, RuleChange, RuleExplanation};
use crate::config::Location;
use crate::pattern::{Listed, Quoted, Shown};

/// Upper bound on lines for rules. The deciding rule and the nearest have theirs all the same.
const MAX_ROWS: usize = 20;
/// Upper bound on rules without the origin, one after another, that have a line each.
const MAX_RUN: usize = 4;
/// Past this width a cell no longer moves the cells beside it in other lines.
const MAX_WIDTH: usize = 40;

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_request(f, self)?;
        write_rows(f, &rows(self))?;
        if let Some(nearest) = &self.nearest {
            write!(f, "\nnearest: {nearest}")?;
        }
        let label = if self.is_granted() { "note" } else { "hint" };
        self.hints.iter().try_for_each(|hint| write!(f, "\n{label}: {hint}"))
    }
}

impl fmt::Display for NearestMiss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let location = self.location();
        let if_trusted = if self.lacks_origin { ", if you trust it" } else { "" };
        match self.remedy() {
            Remedy::Instead(sentence) => write!(f, "{location}: {sentence}"),
            Remedy::AddRule(rule) => {
                let reason =
                    if self.lacks_origin { "is for other origins" } else { "also matches other sites" };
                let origin = Listed(&rule.allowed_origins);
                let lists = [&rule.allowed_methods, &rule.allowed_headers].into_iter();
                let lists = lists.filter(|list| !list.is_empty()).map(|list| Listed(list).to_string());
                let lists = lists.collect::<Vec<_>>().join(" and ");
                write!(f, "{location} {reason}: add a rule for {origin} with {lists}{if_trusted}")
            }
            Remedy::ChangeRule(changes) => {
                let corrects = changes.iter().any(|change| change.location.index.is_some());
                let if_trusted = if corrects { "" } else { if_trusted };
                let others =
                    if self.widens_others() { ", also for the other origins of this rule" } else { "" };
                write!(f, "{location}: {}{if_trusted}{others}", steps(changes))
            }
        }
    }
}

/// `add PUT to AllowedMethods; add x-a, x-b to AllowedHeaders`
fn steps(changes: &[RuleChange]) -> String {
    let lists = changes.chunk_by(|a, b| a.location == b.location).filter_map(|list| {
        let location = list.first()?.location;
        let values: Vec<&str> = list.iter().map(|change| &*change.value).collect();
        let values = Listed(&values);
        Some(match (location.field?, location.index) {
            (field, Some(index)) => format!("correct {field}[{index}] to {values}"),
            (field, None) => format!("add {values} to {field}"),
        })
    });
    lists.collect::<Vec<_>>().join("; ")
}

/// `refused: preflight from https://app.example.com for PUT with content-type`
fn write_request(f: &mut fmt::Formatter<'_>, explanation: &Explanation) -> fmt::Result {
    let outcome = if explanation.is_granted() { "granted" } else { "refused" };
    // S3 reads every OPTIONS as a preflight; to a browser one that asks for no method is none.
    let kind = match (explanation.preflight, explanation.lacks_method) {
        (_, true) => "request",
        (true, false) => "preflight",
        (false, false) => "actual request",
    };
    write!(f, "{outcome}: {kind} from ")?;
    match &*explanation.origin.value {
        "" => f.write_str("several origins")?,
        origin => write!(f, "{}", Shown(origin))?,
    }
    write!(f, " for {}", Shown(&explanation.method.value))?;
    let names: Vec<&str> = explanation.names().collect();
    if !names.is_empty() {
        write!(f, " with {}", Listed(&names))?;
    }
    match explanation.rule().and_then(|rule| explanation.rules().nth(rule)) {
        Some(rule) => write!(f, " by {}", label(&rule)),
        None => Ok(()),
    }
}

fn label(rule: &RuleExplanation<'_>) -> String {
    let id = rule.id().map(|id| format!(" {}", Quoted(id))).unwrap_or_default();
    format!("{}{id}", Location::rule(rule.rule()))
}

fn rows(explanation: &Explanation) -> Vec<Vec<String>> {
    let rules: Vec<_> = explanation.rules().collect();
    let nearest = explanation.nearest().and_then(|nearest| nearest.location().rule);
    let mut rows = Vec::new();
    let mut hidden = 0;
    for run in rules.chunk_by(|a, b| !a.origin() && !b.origin()) {
        if let ([first, .., last], true) = (run, run.len() > MAX_RUN) {
            let locations = format!("{} to [{}]", Location::rule(first.rule()), last.rule());
            rows.push(vec![locations, "origin no".into()]);
            continue;
        }
        for rule in run {
            let is_named = [explanation.rule(), nearest].contains(&Some(rule.rule()));
            if rows.len() < MAX_ROWS || is_named {
                rows.push(row(rule));
            } else {
                hidden += 1;
            }
        }
    }
    if hidden > 0 {
        rows.push(vec![format!("and {hidden} more")]);
    }
    rows
}

/// Rule, origin, method, headers: as far as they are known.
pub(super) fn row(rule: &RuleExplanation<'_>) -> Vec<String> {
    if !rule.origin() {
        return vec![label(rule), "origin no".into()];
    }
    let methods = Listed(&rule.rule.allowed_methods);
    let method = if rule.method() { "method yes".into() } else { format!("method no ({methods})") };
    let mut row = vec![label(rule), "origin yes".into(), method];
    let refused: Vec<&str> = rule.headers().filter(|(_, allowed)| !allowed).map(|(name, _)| name).collect();
    if !refused.is_empty() {
        row.push(format!("headers no ({})", Listed(&refused)));
    } else if rule.headers().next().is_some() {
        row.push("headers yes".into());
    }
    row
}

fn write_rows(f: &mut fmt::Formatter<'_>, rows: &[Vec<String>]) -> fmt::Result {
    // A cell with nothing after it needs no room.
    let width = |column: usize| {
        let cells = rows.iter().filter(|row| row.len() > column + 1).filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0).min(MAX_WIDTH)
    };
    let columns = [("\n  ", width(0)), ("  ", width(1)), ("   ", width(2)), ("   ", 0)];
    for row in rows {
        let cells = row.iter().zip(columns).map(|(cell, (gap, width))| format!("{gap}{cell:width$}"));
        f.write_str(cells.collect::<String>().trim_end())?;
    }
    Ok(())
}
