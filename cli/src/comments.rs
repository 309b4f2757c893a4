//! Comments in a document that allow lints: `# s3-cors: allow O21, A04`.

use std::collections::HashMap;
use std::ops::Range;

use crate::lints::kind;
use crate::read::Syntax;

/// The lints that comments allow, by the line that they are about.
#[derive(Default)]
pub(crate) struct Allowed {
    lines: HashMap<usize, Vec<&'static str>>,
    /// Words that are no lint's id, each with its place.
    pub(crate) unknown: Vec<(Range<usize>, String)>,
}

const MARK: &str = "s3-cors: allow ";

impl Allowed {
    pub(crate) fn of(text: &str, syntax: Syntax) -> Self {
        let mut allowed = Allowed::default();
        let signs: &[&str] = match syntax {
            Syntax::Json => return allowed,
            Syntax::Xml => &["<!--"],
            Syntax::Yaml => &["#"],
            Syntax::Hcl => &["#", "//", "/*"],
        };
        let mut start = 0;
        for (number, line) in text.split_inclusive('\n').enumerate() {
            if let Some((at, comment)) = comment(line, signs) {
                let is_alone = line.get(..at).is_some_and(|before| before.trim().is_empty());
                // Alone, it is about the next line.
                let about = number + 1 + usize::from(is_alone);
                allowed.add(about, comment, start + line.len() - comment.len());
            }
            start += line.len();
        }
        allowed
    }

    /// `ids` begins at the offset.
    fn add(&mut self, line: usize, ids: &str, offset: usize) {
        let end = ids.find(['-', '*', '\n', '\r']).unwrap_or(ids.len());
        let ids = ids.get(..end).unwrap_or_default();
        let mut at = offset;
        for part in ids.split_inclusive([',', ' ']) {
            let id = part.trim_end_matches([',', ' ']);
            match kind(id) {
                Ok(kind) => self.lines.entry(line).or_default().push(kind.id()),
                Err(_) if id.is_empty() => {}
                Err(_) => self.unknown.push((at..at + id.len(), id.to_owned())),
            }
            at += part.len();
        }
    }

    pub(crate) fn allows(&self, line: usize, id: &str) -> bool {
        self.lines.get(&line).is_some_and(|ids| ids.contains(&id))
    }
}

/// Where the comment of the line begins, and what it allows.
fn comment<'l>(line: &'l str, signs: &[&str]) -> Option<(usize, &'l str)> {
    let (before, ids) = line.split_once(MARK)?;
    let before = before.trim_end();
    let sign = signs.iter().find(|sign| before.ends_with(*sign))?;
    Some((before.len() - sign.len(), ids))
}
