//! The files of a folder that may have rules.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::input::Source;

/// The extensions of the formats that are read.
const EXTENSIONS: [&str; 8] = ["hcl", "json", "template", "tf", "tfvars", "xml", "yaml", "yml"];
/// Folders of what others wrote or a build made. Those that begin with a dot are left out too.
const LEFT_OUT: [&str; 4] = ["cdk.out", "node_modules", "target", "vendor"];

/// The files below the folder, in the order of their names. Links to folders are not followed.
pub(crate) fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let (mut open, mut files) = (vec![folder.to_owned()], Vec::new());
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            let (name, path) = (entry.file_name(), entry.path());
            let name = name.to_string_lossy();
            let is_folder = entry.file_type()?.is_dir();
            if is_folder && !name.starts_with('.') && !LEFT_OUT.contains(&name.as_ref()) {
                open.push(path);
            } else if !is_folder && has_extension(&path) && path.is_file() {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

fn has_extension(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    EXTENSIONS.contains(&extension.to_ascii_lowercase().as_str())
}

/// Whether the file has rules, or keys that they are under: of a file that was not named, nothing else is a finding.
pub(crate) fn has_rules(path: &Path, source: &Source) -> bool {
    const KEYS: [&str; 6] =
        ["CORSRule", "CorsRules", "corsRules", "cors_rule", "CorsConfig>", "corsRuleName"];
    let has_keys = KEYS.iter().any(|key| source.text.contains(key));
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let has_rules = !source.reading.rules.is_empty();
    // Lists of origins and methods may be of anything.
    has_rules && (has_keys || name.contains("cors")) || has_keys && !source.is_about_other_things()
}
