//! Patterns in place of names of files, for where no shell expands them: `infra/**/*.{tf,json}`.

use std::path::{Path, PathBuf};

use glob::{MatchOptions, Pattern};

use crate::folder;

/// As a shell does: `*` and `?` are parts of one name, and a name that begins with a dot is named so.
const OPTIONS: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };

/// Whether the text is a pattern, unless a file has that very name.
pub(crate) fn is_pattern(path: &Path) -> bool {
    let text = path.to_str().unwrap_or_default();
    text.contains(['*', '?', '[', '{']) && path.symlink_metadata().is_err()
}

/// The files that match, and those of the folders that do.
pub(crate) fn files(pattern: &str) -> Result<Vec<PathBuf>, String> {
    let mut files = Vec::new();
    for pattern in expanded(pattern) {
        let compiled = Pattern::new(&pattern).map_err(|error| error.msg.to_owned())?;
        let base = base(&pattern);
        let found = folder::contents(Path::new(base), |name| {
            !folder::is_left_out(name) || names(&pattern).any(|part| is_named(name, part))
        });
        let is_match = |path: &Path| compiled.matches_path_with(path, OPTIONS);
        let has_any_name = pattern.ends_with('*');
        let is_wanted = |path: &PathBuf| is_match(path) && (!has_any_name || folder::has_extension(path));
        files.extend(found.files.into_iter().filter(is_wanted));
        let folders = found.folders.iter().filter(|path| is_match(path));
        files.extend(folders.flat_map(|folder| folder::files(folder)));
        files.extend(found.unreadable.into_iter().filter(|folder| folder.exists()));
    }
    files.sort();
    files.dedup();
    Ok(files)
}

/// Whether that part of a pattern means the folder, and not any.
fn is_named(folder: &str, part: &str) -> bool {
    let is_any = part.chars().all(|c| c == '*');
    !is_any && Pattern::new(part).is_ok_and(|part| part.matches_with(folder, OPTIONS))
}

fn names(pattern: &str) -> impl Iterator<Item = &str> {
    pattern.split(std::path::is_separator)
}

/// The folder that all matches are in: the names before the first with a sign of a pattern.
fn base(pattern: &str) -> &str {
    let end = pattern.find(['*', '?', '[']).unwrap_or(pattern.len());
    let before = pattern.get(..end).unwrap_or_default();
    let end = before.rfind(std::path::is_separator).unwrap_or_default();
    match before.get(..end) {
        Some("") if before.starts_with(std::path::is_separator) => "/",
        base => base.unwrap_or_default(),
    }
}

/// The patterns without `{a,b}`, of which each has one. Braces without a comma are themselves, as in a shell.
fn expanded(pattern: &str) -> Vec<String> {
    const MOST: usize = 1_000;
    let (mut open, mut done) = (vec![pattern.to_owned()], Vec::new());
    while let Some(pattern) = open.pop() {
        match braces(&pattern).filter(|_| open.len() + done.len() < MOST) {
            Some((start, end)) => {
                let (before, after) = (&pattern[..start], &pattern[end + 1..]);
                let choices = pattern[start + 1..end].split(',');
                open.extend(choices.map(|choice| format!("{before}{choice}{after}")));
            }
            None => done.push(pattern),
        }
    }
    done
}

/// Where the first innermost braces with a comma are.
fn braces(pattern: &str) -> Option<(usize, usize)> {
    pattern.match_indices('}').find_map(|(end, _)| {
        let start = pattern.get(..end)?.rfind('{')?;
        pattern.get(start..end)?.contains(',').then_some((start, end))
    })
}

#[cfg(test)]
mod tests {
    use super::{base, expanded};

    #[test]
    fn braces_are_expanded_as_in_a_shell() {
        for (pattern, expected) in [
            ("a", &["a"][..]),
            ("a/{b,c}/*.{tf,json}", &["a/b/*.json", "a/b/*.tf", "a/c/*.json", "a/c/*.tf"]),
            ("{a,b{c,d}}", &["a", "a", "bc", "bd"]),
            ("{a}{b", &["{a}{b"]),
            ("}a{,b}", &["}a", "}ab"]),
        ] {
            let mut all = expanded(pattern);
            all.sort();
            assert_eq!(all, expected);
        }
    }

    #[test]
    fn base_is_what_all_matches_are_in() {
        for (pattern, expected) in
            [("*.tf", ""), ("a/b*/c", "a"), ("/*", "/"), ("../a/**/x", "../a"), ("./[ab].tf", ".")]
        {
            assert_eq!(base(pattern), expected);
        }
    }
}
