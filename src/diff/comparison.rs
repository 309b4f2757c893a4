//! From classes of requests to changes: what is the same for several origins and methods is said once.

use std::collections::{HashMap, HashSet};

use super::answers::Answers;
use super::change::{Change, ChangeKind, Part};
use super::decisions::{Decisions, Finding};
use super::groups::{group, Group, Values};
use super::Both;
use crate::config::CorsRule;
use crate::pattern::{CoverIndex, Pattern, RuleSet};
use crate::policy::CorsPolicy;

/// Two policies, and all values of a request by the rules that match them.
pub(super) struct Comparison<'p> {
    pub(super) policies: Both<&'p CorsPolicy>,
    pub(super) origins: Values<'p>,
    pub(super) methods: Vec<Group<&'p str>>,
    pub(super) names: Values<'p>,
}

/// A change, by the numbers of groups: requests with one of the origins and one of the methods.
pub(super) struct Draft {
    pub(super) finding: Finding,
    pub(super) methods: Vec<usize>,
    /// Each with the names that a request from there has to ask for.
    pub(super) origins: Vec<(usize, Vec<usize>)>,
}

/// Finds what changes, but for headers that no rule determines, and whether that is all.
pub(super) fn find(policies: Both<&CorsPolicy>) -> (Vec<Change>, bool) {
    let origins = rules(policies).flat_map(|rule| &rule.allowed_origins);
    let methods = rules(policies).flat_map(|rule| &rule.allowed_methods);
    let names = rules(policies).flat_map(|rule| &rule.allowed_headers);
    let names: Vec<String> = names.map(|name| name.to_ascii_lowercase()).collect();
    let mut known = HashSet::new();
    let methods = methods.map(String::as_str).filter(|method| known.insert(*method));
    let comparison = Comparison {
        policies,
        origins: Values::new(origins.map(|origin| Pattern::parse_origin(origin)), |origin| {
            policies.matching_origin(origin)
        }),
        methods: group(methods.map(|method| (policies.matching_method(method), method))),
        names: Values::new(names.iter().map(|name| Pattern::parse(name)), |name| {
            policies.matching_header(name)
        }),
    };
    let mut decisions = Decisions::new(Answers::new(policies), &comparison.names.groups);
    let drafts = comparison.drafts(&mut decisions);
    let are_all = comparison.origins.are_all && comparison.names.are_all && !decisions.is_stopped();
    (drafts.iter().filter_map(|draft| comparison.change(draft)).collect(), are_all)
}

/// The rules of both policies; those of the new one first, whose order a reader expects.
fn rules(policies: Both<&CorsPolicy>) -> impl Iterator<Item = &CorsRule> {
    [policies.new, policies.old].into_iter().flat_map(|policy| &policy.configuration().rules)
}

impl Comparison<'_> {
    fn drafts<M>(&self, decisions: &mut Decisions<'_, M>) -> Vec<Draft> {
        let mut drafts: Vec<Draft> = Vec::new();
        let mut places = HashMap::new();
        for (number, origins) in self.origins.groups.iter().enumerate() {
            for (finding, methods, names) in self.of_origins(origins.rules, decisions) {
                let place = *places.entry((finding.clone(), methods.clone())).or_insert(drafts.len());
                match drafts.get_mut(place) {
                    Some(draft) => draft.origins.push((number, names)),
                    None => drafts.push(Draft { finding, methods, origins: vec![(number, names)] }),
                }
            }
        }
        drafts
    }

    /// What changes for origins that these rules match: each finding with its methods, and the names that a request with
    /// the first of these has to ask for.
    fn of_origins<M>(
        &self,
        origins: Both<RuleSet>,
        decisions: &mut Decisions<'_, M>,
    ) -> Vec<(Finding, Vec<usize>, Vec<usize>)> {
        let mut places = HashMap::new();
        let mut all: Vec<(Finding, Vec<usize>, Vec<usize>)> = Vec::new();
        for (number, methods) in self.methods.iter().enumerate() {
            for (finding, names) in decisions.compare(origins & methods.rules).iter() {
                let finding = Finding { kind: kind(finding.kind, origins), ..finding.clone() };
                let place = *places.entry(finding.clone()).or_insert(all.len());
                match all.get_mut(place) {
                    Some((_, methods, _)) => methods.push(number),
                    None => all.push((finding, vec![number], names.clone())),
                }
            }
        }
        all
    }

    fn change(&self, draft: &Draft) -> Option<Change> {
        let Finding { kind, are_together, in_fetch, in_s3, .. } = draft.finding;
        let groups = draft.origins.iter().filter_map(|(number, _)| self.origins.groups.get(*number));
        let origins = uncovered(groups.flat_map(|group| &group.members).map(|class| class.text()).collect());
        let methods = draft.methods.iter().filter_map(|number| self.methods.get(*number));
        let names = draft.finding.names.iter().filter_map(|number| self.names.groups.get(*number));
        // Any name of a group does as well as the first.
        let most = if are_together { 1 } else { usize::MAX };
        let names = names.flat_map(|group| group.members.iter().take(most)).map(|class| class.text());
        Some(Change {
            kind,
            witness: self.witness(draft, &origins)?,
            origins,
            are_all_origins: self.origins.are_all && draft.origins.len() == self.origins.groups.len(),
            methods: methods.flat_map(|group| &group.members).map(|method| (*method).to_owned()).collect(),
            requested_headers: if are_together { names.collect() } else { uncovered(names.collect()) },
            are_together,
            answer: draft.finding.answer.clone(),
            in_fetch,
            in_s3,
        })
    }
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
    let mut known = HashSet::new();
    texts.retain(|text| known.insert(text.clone()));
    let mut index = CoverIndex::<()>::default();
    texts.iter().for_each(|text| *index.entry(Pattern::parse(text)) = ());
    let is_kept = |text: &String| index.covering(Pattern::parse(text)).count() == 1;
    let kept: Vec<bool> = texts.iter().map(is_kept).collect();
    texts.into_iter().zip(kept).filter(|(_, is_kept)| *is_kept).map(|(text, _)| text).collect()
}
