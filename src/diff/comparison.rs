//! From classes of requests to changes: what is the same for several origins and methods is said once.

use std::borrow::Cow;
use std::collections::HashMap;

use super::answers::Answers;
use super::change::{Change, ChangeKind, Part};
use super::decisions::{Decisions, Finding};
use super::groups::{Group, Groups, Values};
use super::Both;
use crate::pattern::{Class, CoverIndex, Pattern, RuleSet};
use crate::policy::CorsPolicy;

/// Two policies, and all values of a request by the rules that match them.
pub(super) struct Comparison<'p> {
    pub(super) policies: Both<&'p CorsPolicy>,
    pub(super) origins: Values<'p>,
    pub(super) methods: Vec<Group<'p>>,
    pub(super) names: Values<'p>,
}

/// A change, by the numbers of groups: requests with one of the origins and one of the methods.
pub(super) struct Draft {
    pub(super) kind: ChangeKind,
    /// Its number.
    pub(super) finding: usize,
    pub(super) methods: Vec<usize>,
    /// Each with the names that a request from there has to ask for.
    pub(super) origins: Vec<(usize, Vec<usize>)>,
}

/// Finds what changes, but for headers that no rule determines, and whether that is all.
pub(super) fn find(policies: Both<&CorsPolicy>) -> (Vec<Change>, bool) {
    let (mut origins, mut names, mut methods) = (Vec::new(), Vec::new(), Groups::default());
    let mut known = HashMap::new();
    // Those of the new policy first, whose order a reader expects.
    for rule in [policies.new, policies.old].into_iter().flat_map(|policy| &policy.configuration().rules) {
        origins.extend(rule.allowed_origins.iter().map(|origin| Pattern::parse_origin(origin)));
        names.extend(rule.allowed_headers.iter().map(|name| name.to_ascii_lowercase()));
        for method in &rule.allowed_methods {
            if known.insert(method.as_str(), 0).is_none() {
                methods.push(policies.matching_method(method), Class::Value(Cow::Borrowed(method)));
            }
        }
    }
    let names: Vec<Pattern<'_>> = names.iter().map(|name| Pattern::parse(name)).collect();
    let comparison = Comparison {
        policies,
        origins: Values::new(&origins, &|origin| policies.matching_origin(origin)),
        methods: methods.all,
        names: Values::new(&names, &|name| policies.matching_header(name)),
    };
    let mut decisions = Decisions::new(Answers::new(policies), &comparison.names.groups);
    let mut changes = Vec::new();
    let drafts = comparison.drafts(&mut decisions);
    for draft in &drafts {
        let finding = decisions.findings.get(draft.finding);
        changes.extend(finding.and_then(|finding| comparison.change(draft, finding)));
    }
    let is_all_said = changes.len() == drafts.len();
    let are_all = comparison.origins.are_all && comparison.names.are_all && !decisions.is_stopped();
    (changes, are_all && is_all_said)
}

impl Comparison<'_> {
    fn drafts(&self, decisions: &mut Decisions<'_>) -> Vec<Draft> {
        let mut drafts: Vec<Draft> = Vec::new();
        let mut places = HashMap::new();
        for (number, origins) in self.origins.groups.iter().enumerate() {
            for (mut draft, names) in self.of_origins(origins.rules, decisions) {
                let key = [&[draft.kind.number(), draft.finding], draft.methods.as_slice()].concat();
                let place = *places.entry(key).or_insert(drafts.len());
                match drafts.get_mut(place) {
                    Some(known) => known.origins.push((number, names)),
                    None => {
                        draft.origins.push((number, names));
                        drafts.push(draft);
                    }
                }
            }
        }
        drafts
    }

    /// What changes for origins that these rules match, and the names that a request with the first of its methods has to
    /// ask for.
    fn of_origins(&self, origins: Both<RuleSet>, decisions: &mut Decisions<'_>) -> Vec<(Draft, Vec<usize>)> {
        let mut all: Vec<(Draft, Vec<usize>)> = Vec::new();
        let mut places = HashMap::new();
        for (number, methods) in self.methods.iter().enumerate() {
            for found in decisions.compare(origins & methods.rules).iter() {
                let finding = found.finding;
                let Some(kind) = decisions.findings.get(finding).map(|finding| kind(finding.kind, origins))
                else {
                    continue;
                };
                let place = *places.entry(vec![finding]).or_insert(all.len());
                match all.get_mut(place) {
                    Some((draft, _)) => draft.methods.push(number),
                    None => {
                        let draft = Draft { kind, finding, methods: vec![number], origins: Vec::new() };
                        all.push((draft, found.names.clone()));
                    }
                }
            }
        }
        all
    }

    fn change(&self, draft: &Draft, finding: &Finding) -> Option<Change> {
        let numbers: Vec<usize> = draft.origins.iter().map(|(number, _)| *number).collect();
        let origins = uncovered(texts(&self.origins.groups, &numbers, usize::MAX));
        // Of names that are a change together, any of a group does as well as the first.
        let requested_headers = match finding.are_together {
            true => texts(&self.names.groups, &finding.names, 1),
            false => uncovered(texts(&self.names.groups, &finding.names, usize::MAX)),
        };
        Some(Change {
            kind: draft.kind,
            witness: self.witness(draft, finding, &origins)?,
            origins,
            are_all_origins: self.origins.are_all && numbers.len() == self.origins.groups.len(),
            methods: texts(&self.methods, &draft.methods, usize::MAX),
            requested_headers,
            are_together: finding.are_together,
            answer: finding.answer.clone(),
            in_fetch: finding.in_fetch,
            in_s3: finding.in_s3,
        })
    }
}

/// The texts of the groups with these numbers, of each the first ones.
fn texts(groups: &[Group<'_>], numbers: &[usize], most: usize) -> Vec<String> {
    let mut texts = Vec::new();
    for group in numbers.iter().filter_map(|number| groups.get(*number)) {
        texts.extend(group.members.iter().take(most).map(Class::text));
    }
    texts
}

/// A method of an origin to which one of the policies grants nothing is no news.
fn kind(kind: ChangeKind, origins: Both<RuleSet>) -> ChangeKind {
    match kind {
        ChangeKind::Granted(_) if origins.old.is_empty() => ChangeKind::Granted(Part::Origin),
        ChangeKind::Refused(_) if origins.new.is_empty() => ChangeKind::Refused(Part::Origin),
        kind => kind,
    }
}

/// The texts that no other one of them covers, each once.
fn uncovered(mut texts: Vec<String>) -> Vec<String> {
    // By place: a pattern that is longer than what is searched does not find itself.
    let mut index = CoverIndex::<Option<usize>>::default();
    let mut known = HashMap::new();
    for (place, text) in texts.iter().enumerate() {
        let first = *known.entry(text.as_str()).or_insert(place);
        *index.entry(Pattern::parse(text)) = Some(first);
    }
    let is_kept: Vec<bool> = texts
        .iter()
        .enumerate()
        .map(|(place, text)| {
            let is_own = |found: &Option<usize>| *found == Some(place);
            known.get(text.as_str()) == Some(&place) && index.covering(Pattern::parse(text)).all(is_own)
        })
        .collect();
    let mut is_kept = is_kept.into_iter();
    texts.retain(|_| is_kept.next().unwrap_or_default());
    texts
}
