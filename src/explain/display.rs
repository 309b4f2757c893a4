//! An explanation as lines for people.

use std::fmt;

use super::{Explanation, RuleExplanation};
use crate::config::Location;
use crate::pattern::Quoted;
use crate::pattern::{Listed, Shown};

/// How many rules have a line. The deciding one and the nearest have theirs all the same.
const LINES: usize = 20;
/// As many rules without the origin, one after another, as have a line each.
const APART: usize = 4;
/// Past this width a cell no longer moves what stands beside it in other lines.
const WIDTH: usize = 40;

/// Rule, origin, method, headers; what is not there is empty.
type Row = [String; 4];

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_request(f, self)?;
        write_rows(f, &rows(self))?;
        if let Some(nearest) = &self.nearest {
            write!(f, "\nnearest: {nearest}")?;
        }
        let lead = if self.is_granted() { "note" } else { "hint" };
        self.hints.iter().try_for_each(|hint| write!(f, "\n{lead}: {hint}"))
    }
}

/// `refused: preflight from https://app.example.com for PUT with content-type`
fn write_request(f: &mut fmt::Formatter<'_>, explanation: &Explanation) -> fmt::Result {
    let outcome = if explanation.is_granted() { "granted" } else { "refused" };
    // Under S3's reading every OPTIONS is a preflight; one that asks for no method is none to a browser.
    let kind = match (explanation.preflight, explanation.lacks_method) {
        (_, true) => "request",
        (true, false) => "preflight",
        (false, false) => "actual request",
    };
    write!(f, "{outcome}: {kind} from ")?;
    match &explanation.origin {
        Some(origin) => write!(f, "{}", Shown(origin))?,
        None => f.write_str("several origins")?,
    }
    write!(f, " for {}", Shown(&explanation.method))?;
    let names: Vec<&str> = explanation.names.iter().map(|(name, _)| &**name).collect();
    if !names.is_empty() {
        write!(f, " with {}", Listed(&names))?;
    }
    match explanation.rules().find(|rule| Some(rule.rule()) == explanation.rule()) {
        Some(rule) => write!(f, " by {}", label(&rule)),
        None => Ok(()),
    }
}

fn label(rule: &RuleExplanation<'_>) -> String {
    let location = Location::rule(rule.rule());
    match rule.id() {
        Some(id) => format!("{location} {}", Quoted(id)),
        None => location.to_string(),
    }
}

fn rows(explanation: &Explanation) -> Vec<Row> {
    let rules: Vec<_> = explanation.rules().collect();
    let nearest = explanation.nearest().map(|nearest| nearest.rule());
    let mut rows = Vec::new();
    let mut hidden = 0;
    for run in rules.chunk_by(|a, b| !a.origin() && !b.origin()) {
        if let ([first, .., last], true) = (run, run.len() > APART) {
            let rule = format!("{} to [{}]", Location::rule(first.rule()), last.rule());
            rows.push([rule, "origin no".into(), String::new(), String::new()]);
            continue;
        }
        for rule in run {
            let asked_for = [explanation.rule(), nearest].contains(&Some(rule.rule()));
            match rows.len() < LINES || asked_for {
                true => rows.push(row(rule)),
                false => hidden += 1,
            }
        }
    }
    if hidden > 0 {
        rows.push([format!("and {hidden} more"), String::new(), String::new(), String::new()]);
    }
    rows
}

fn row(rule: &RuleExplanation<'_>) -> Row {
    if !rule.origin() {
        return [label(rule), "origin no".into(), String::new(), String::new()];
    }
    let method = match rule.method() {
        true => "method yes".into(),
        false => {
            let allowed: Vec<&str> = rule.rule.allowed_methods.iter().map(String::as_str).collect();
            format!("method no ({})", Listed(&allowed))
        }
    };
    let refused: Vec<&str> = rule.headers().filter(|(_, allowed)| !allowed).map(|(name, _)| name).collect();
    let headers = match (refused.is_empty(), rule.headers().next()) {
        // No name is asked for, so nothing can be said of one.
        (_, None) => String::new(),
        (true, Some(_)) => "headers yes".into(),
        (false, Some(_)) => format!("headers no ({})", Listed(&refused)),
    };
    [label(rule), "origin yes".into(), method, headers]
}

fn write_rows(f: &mut fmt::Formatter<'_>, rows: &[Row]) -> fmt::Result {
    // A cell with nothing after it needs no room for others to stand beside it.
    let width = |column: usize| {
        let lengths = rows.iter().filter(|row| row.get(column + 1).is_some_and(|next| !next.is_empty()));
        let lengths = lengths.filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        lengths.max().unwrap_or(0).min(WIDTH)
    };
    let [rule_width, origin_width, method_width] = [width(0), width(1), width(2)];
    for [rule, origin, method, headers] in rows {
        let line = format!("{rule:rule_width$}  {origin:origin_width$}   {method:method_width$}   {headers}");
        write!(f, "\n  {}", line.trim_end())?;
    }
    Ok(())
}
