//! Looks domains up in the [Public Suffix List](https://publicsuffix.org), the names below which anyone can register.
//!
//! `generate.py` writes the table, and describes its format.

static TABLE: &[u8] = include_bytes!("list.bin");

const END: u8 = 0;
const CHARACTER: u8 = 0x3f;
const TARGET_FOLLOWS: u8 = 0x40;
const LAST: u8 = 0x80;

/// What the list says about a domain.
pub(super) struct PublicSuffix {
    /// The number of labels of the longest public suffix that the domain ends in; 0 if the list has none.
    pub(super) labels: usize,
    /// Whether there are public suffixes below the domain.
    pub(super) has_more_below: bool,
}

/// Looks up a domain in ASCII, in any case (<https://github.com/publicsuffix/list/wiki/Format#algorithm>).
pub(super) fn find(domain: &str) -> PublicSuffix {
    let mut found = PublicSuffix { labels: 0, has_more_below: false };
    let mut state = 0;
    for (above, label) in domain.rsplit('.').enumerate() {
        if follow(state, "!").and_then(|state| follow(state, label)).is_some_and(is_end) {
            return PublicSuffix { labels: above, has_more_below: false };
        }
        let next = follow(state, label);
        if next.is_some_and(is_end) || follow(state, "*").is_some() {
            found.labels = above + 1;
        }
        let Some(below) = next.and_then(|state| follow(state, ".")) else { return found };
        state = below;
    }
    PublicSuffix { has_more_below: true, ..found }
}

/// The shortest name below the domain that is a public suffix, or the domain itself if each name below it is one.
pub(super) fn first_below(domain: &str) -> Option<String> {
    let below = |state, label| follow(follow(state, label)?, ".");
    let mut state = domain.rsplit('.').try_fold(0, below)?;
    let mut text = String::new();
    while let Some((character, target)) = edges(state).next().filter(|(character, _)| *character != END) {
        text.push(char::from(if character <= 26 { character | 0x60 } else { character }));
        state = target;
    }
    let labels = text.rsplit('.').filter(|label| *label != "*").chain([domain]);
    Some(labels.collect::<Vec<_>>().join("."))
}

fn is_end(state: usize) -> bool {
    edges(state).any(|(character, _)| character == END)
}

/// The state that the text leads to.
fn follow(state: usize, text: &str) -> Option<usize> {
    text.bytes().try_fold(state, |state, byte| {
        let character = if byte.is_ascii_alphabetic() { byte & 0x1f } else { byte };
        edges(state).find(|(other, _)| *other == character && *other != END).map(|(_, target)| target)
    })
}

/// The characters that a state accepts, and the state that each leads to.
fn edges(mut position: usize) -> impl Iterator<Item = (u8, usize)> {
    let mut is_over = false;
    std::iter::from_fn(move || {
        let [edge, target @ ..] = TABLE.get(position..)?.first_chunk::<3>().filter(|_| !is_over)?;
        is_over = edge & LAST != 0;
        let is_short = edge & CHARACTER == END || edge & TARGET_FOLLOWS != 0;
        position += if is_short { 1 } else { 3 };
        let target = if is_short { position } else { u16::from_be_bytes(*target).into() };
        Some((edge & CHARACTER, target))
    })
}
