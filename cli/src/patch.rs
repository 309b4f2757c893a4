//! What a file would be changed to, as a patch that `patch` and `git apply` take.

use similar::TextDiff;

use crate::input::Source;

/// The patch from the file to the text.
pub(crate) fn patch(source: &Source, text: &str) -> String {
    let (before, after) = (source.whole(&source.text), source.whole(text));
    let diff = TextDiff::from_lines(&before, &after);
    // git refuses names that begin with "./".
    let name = source.name.strip_prefix("./").unwrap_or(&source.name);
    diff.unified_diff().header(name, name).to_string()
}
