//! The files of a folder.

use std::fs;
use std::path::{Path, PathBuf};

/// The extensions of the formats that are read.
const EXTENSIONS: [&str; 9] = ["hcl", "json", "template", "tf", "tfvars", "tofu", "xml", "yaml", "yml"];
/// Folders of what others wrote or a build made. Those that begin with a dot are left out too.
const LEFT_OUT: [&str; 4] = ["cdk.out", "node_modules", "target", "vendor"];

/// What is below a folder, in the order of the names.
#[derive(Default)]
pub(crate) struct Contents {
    pub(crate) folders: Vec<PathBuf>,
    pub(crate) files: Vec<PathBuf>,
    /// Folders that cannot be read.
    pub(crate) unreadable: Vec<PathBuf>,
}

/// The files below the folder that have an extension of the formats, and the folders that cannot be read: whoever tries to
/// read one learns why.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let Contents { mut files, unreadable, .. } = contents(folder, |name| !is_left_out(name));
    files.retain(|path| has_extension(path));
    files.extend(unreadable);
    files
}

/// What is below the folder, without what is in folders that are not entered. Links to folders are not followed.
pub(crate) fn contents(folder: &Path, is_entered: impl Fn(&str) -> bool) -> Contents {
    let (mut open, mut contents) = (vec![folder.to_owned()], Contents::default());
    while let Some(folder) = open.pop() {
        let here = if folder.as_os_str().is_empty() { Path::new(".") } else { &folder };
        let Ok(entries) = fs::read_dir(here).and_then(Iterator::collect::<Result<Vec<_>, _>>) else {
            contents.unreadable.push(folder);
            continue;
        };
        for entry in entries {
            let (name, path) = (entry.file_name(), folder.join(entry.file_name()));
            let name = name.to_string_lossy();
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                if is_entered(&name) {
                    contents.folders.push(path.clone());
                    open.push(path);
                }
            } else if is_file(&path) && !is_lock(&name) {
                contents.files.push(path);
            }
        }
    }
    contents.folders.sort();
    contents.files.sort();
    contents
}

/// Not a pipe or a device, which may never end, nor a link to a folder. A link to nothing is a file that cannot be read.
fn is_file(path: &Path) -> bool {
    fs::metadata(path).map_or(true, |kind| kind.is_file())
}

/// The link to nothing that Emacs keeps beside a file with changes.
fn is_lock(name: &str) -> bool {
    name.starts_with(".#")
}

pub(crate) fn is_left_out(name: &str) -> bool {
    name.starts_with('.') || LEFT_OUT.contains(&name)
}

/// Whether it is the name of a file in one of the formats.
pub(crate) fn has_extension(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    EXTENSIONS.contains(&extension.to_ascii_lowercase().as_str())
}
