//! What a file would be changed to, as a patch that `patch` and `git apply` take.

use std::time::Duration;

use similar::TextDiff;

use crate::input::Source;

/// After it the patch may be longer than it need be. A document with thousands of changed lines would take minutes.
const MAX_TIME: Duration = Duration::from_secs(1);

/// The patch from the file to the text.
pub(crate) fn patch(source: &Source, text: &str) -> String {
    let (before, after) = (source.whole(&source.text), source.whole(text));
    let diff = TextDiff::configure().timeout(MAX_TIME).diff_lines(&before, &after);
    // git refuses names that begin with "./".
    let name = source.name.strip_prefix("./").unwrap_or(&source.name);
    diff.unified_diff().header(name, name).to_string()
}
