//! Changes of every kind, one after the other at random: what the file says in the end is in force.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use proptest::arbitrary::any;
use proptest::collection::vec;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};

use crate::watched::{word, write, Watched};

#[derive(Clone, Copy, Debug)]
enum Change {
    InPlace,
    RenamedOver,
    Swapped,
    SwappedAndOldRemoved,
    DirectoryMoved,
    DirectoryRemoved,
}

const CHANGES: [Change; 6] = [
    Change::InPlace,
    Change::RenamedOver,
    Change::Swapped,
    Change::SwappedAndOldRemoved,
    Change::DirectoryMoved,
    Change::DirectoryRemoved,
];

/// `above/mount/cors.json`, through `..data` into a directory of its own.
struct Mount {
    root: PathBuf,
    mount: PathBuf,
    path: PathBuf,
}

impl Mount {
    fn new(root: &Path) -> Self {
        let mount = root.join("above/mount");
        let made = Mount { root: root.into(), path: mount.join("cors.json"), mount };
        made.fill("one");
        made
    }

    fn fill(&self, name: &str) {
        fs::create_dir_all(&self.mount).expect("a directory");
        self.publish(name);
        symlink("..data/cors.json", &self.path).expect("a symlink");
    }

    fn publish(&self, name: &str) {
        let [new, link] = [name, "link"].map(|name| self.mount.join(name));
        fs::create_dir(&new).expect("a directory");
        write(&new.join("cors.json"), name);
        symlink(name, &link).expect("a symlink");
        fs::rename(&link, self.mount.join("..data")).expect("a rename");
    }

    fn make(&self, change: Change, name: &str) {
        let target = fs::canonicalize(&self.path).expect("a file");
        match change {
            Change::InPlace => write(&self.path, name),
            Change::RenamedOver => {
                let draft = target.with_extension("draft");
                write(&draft, name);
                fs::rename(&draft, &target).expect("a rename");
            }
            Change::Swapped => self.publish(name),
            Change::SwappedAndOldRemoved => {
                self.publish(name);
                fs::remove_dir_all(target.parent().expect("a directory")).expect("the old directory");
            }
            Change::DirectoryMoved => {
                fs::rename(&self.mount, self.root.join(format!("away-{name}"))).expect("a rename");
                self.fill(name);
            }
            Change::DirectoryRemoved => {
                fs::remove_dir_all(self.root.join("above")).expect("a directory to remove");
                self.fill(name);
            }
        }
    }
}

/// Some changes are awaited before the next, the others follow at once.
fn check_last_state(changes: &[(Change, bool)]) {
    let root = tempfile::tempdir().expect("a directory");
    let mount = Mount::new(root.path());
    let watched = Watched::new(&mount.path);
    let last = changes.len() - 1;
    for (number, (change, awaited)) in changes.iter().enumerate() {
        let name = format!("change-{number}");
        mount.make(*change, &name);
        if *awaited || number == last {
            while word(&watched.next()) != name {}
            assert_eq!(crate::watched::name(&watched.handle.current()), name);
        }
    }
}

#[test]
fn last_of_random_changes_is_in_force() {
    let config = Config { max_shrink_iters: 0, ..test_support::random(12) };
    let changes = vec((select(&CHANGES[..]), any::<bool>()), 1..8);
    let run = TestRunner::new(config).run(&changes, |changes| {
        check_last_state(&changes);
        Ok(())
    });
    run.expect("the last state in force");
}
