//! Which rules of two files belong together: those of the same bucket.

use crate::read::Rules;

/// The rules of a bucket in both files; at least one of them has some.
pub(super) struct Pair<'s> {
    /// Empty if there is one pair only.
    pub(super) name: String,
    pub(super) old: Option<&'s Rules>,
    pub(super) new: Option<&'s Rules>,
}

/// Pairs buckets by their names, those of the new file first; where each file has one bucket, they are a pair whatever
/// their names.
pub(super) fn pairs<'s>(old: &[&'s Rules], new: &[&'s Rules]) -> Result<Vec<Pair<'s>>, String> {
    if let ([old], [new]) = (old, new) {
        return Ok(vec![Pair { name: String::new(), old: Some(old), new: Some(new) }]);
    }
    let all = || old.iter().chain(new);
    if all().any(|rules| rules.name().is_none()) {
        let names: Vec<&str> = all().filter_map(|rules| rules.name()).collect();
        let names = crate::escape::escaped(&names.join(", "));
        return Err(format!("one of the files has several buckets; choose one with --bucket: {names}"));
    }
    let same =
        |side: &[&'s Rules], rules: &Rules| side.iter().copied().find(|other| other.name() == rules.name());
    let of_new = new.iter().map(|rules| (*rules, same(old, rules), Some(*rules)));
    let lost = old.iter().filter(|rules| same(new, rules).is_none());
    let of_old = lost.map(|rules| (*rules, Some(*rules), None));
    let pair = |(rules, old, new): (&'s Rules, _, _)| Pair {
        name: rules.name().unwrap_or_default().into(),
        old,
        new,
    };
    Ok(of_new.chain(of_old).map(pair).collect())
}
