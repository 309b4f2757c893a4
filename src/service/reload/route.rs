//! The names through which a path leads to its file.

use std::fs;
use std::path::{Path, PathBuf};

use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind};

/// How many symlinks a path may go through; as many as Linux follows.
const MAX_LINKS: usize = 40;

/// The symlinks that a path goes through, and its end: the file, or the first name that is not there.
///
/// Each is the path of a name in a directory that is there and no symlink.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Route {
    names: Vec<PathBuf>,
}

impl Route {
    /// The route of an absolute path, as it is now.
    pub(super) fn to(path: &Path) -> Self {
        let mut ahead = steps(path);
        let mut here = PathBuf::new();
        let mut names = Vec::new();
        while let Some(step) = ahead.pop() {
            if step == Path::new("..") {
                here.pop();
                continue;
            }
            here.push(step);
            match fs::read_link(&here) {
                Ok(target) if names.len() < MAX_LINKS => {
                    names.push(here.clone());
                    here.pop();
                    ahead.extend(steps(&target));
                }
                _ if ahead.is_empty() || is_missing(&here) => {
                    names.push(here);
                    break;
                }
                _ => {}
            }
        }
        Route { names }
    }

    /// The directories in which the names are.
    pub(super) fn directories(&self) -> Vec<&Path> {
        let mut directories: Vec<_> = self.names.iter().filter_map(|name| name.parent()).collect();
        directories.sort_unstable();
        directories.dedup();
        directories
    }

    /// Whether the event may mean that the path leads to something else now.
    pub(super) fn concerns(&self, event: &Event) -> bool {
        match event.kind {
            EventKind::Access(AccessKind::Close(AccessMode::Write)) => {}
            // Our own reading is such an event.
            EventKind::Access(_) => return false,
            _ => {}
        }
        let is_on = |path: &PathBuf| {
            self.names.iter().any(|name| name == path || name.parent() == Some(path.as_path()))
        };
        event.need_rescan() || event.paths.iter().any(is_on)
    }
}

/// The path's components, the first one last.
fn steps(path: &Path) -> Vec<PathBuf> {
    path.components().rev().map(|component| component.as_os_str().into()).collect()
}

/// A root, which has no name, is always there.
fn is_missing(path: &Path) -> bool {
    path.file_name().is_some() && !path.is_dir()
}
