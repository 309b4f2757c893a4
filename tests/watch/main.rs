//! A watched file: each way in which files change, and what is reported of it.

#[path = "../common/mod.rs"]
mod common;
#[cfg(feature = "tracing")]
mod events;
#[cfg(unix)]
mod random;
mod watched;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::mpsc::{channel, RecvTimeoutError};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tower_s3_cors::{PolicyHandle, PolicyWatch};
use watched::{directory, document, name, policy, word, write, Watched, PATIENCE, SETTLED};

#[test]
fn written_in_place() {
    let (_directory, path) = directory();
    let watched = Watched::new(&path);
    for name in ["two", "three", "four"] {
        watched.expect_one(name, || write(&path, name));
    }
}

#[test]
fn a_file_that_is_half_written_is_no_error() {
    let (_directory, path) = directory();
    let watched = Watched::new(&path);
    let text = document("two");
    let (first, second) = text.as_bytes().split_at(text.len() / 2);
    watched.expect_one("two", || {
        let mut file = fs::File::create(&path).expect("a file");
        std::thread::sleep(PATIENCE / 4);
        file.write_all(first).expect("the first half");
        std::thread::sleep(PATIENCE / 4);
        file.write_all(second).expect("the second half");
    });
}

/// What stands in the file for a moment only is not put in force.
#[test]
fn changes_one_upon_the_other_are_reported_as_one() {
    let (directory, path) = directory();
    let watched = Watched::new(&path);
    let draft = directory.path().join("draft");
    let began = Instant::now();
    for name in ["two", "three", "four", "five"] {
        write(&draft, name);
        fs::rename(&draft, &path).expect("a rename");
    }
    let slow = began.elapsed() >= SETTLED;
    let mut outcome = watched.next();
    while slow && word(&outcome) != "five" {
        outcome = watched.next();
    }
    assert_eq!(word(&outcome), "five");
}

#[test]
fn an_editor_renames_a_new_file_over_the_old() {
    let (directory, path) = directory();
    let watched = Watched::new(&path);
    for name in ["two", "three"] {
        let draft = directory.path().join(".cors.json.draft");
        write(&draft, name);
        fs::rename(&draft, &path).expect("a rename");
        watched.expect(name);
    }
}

#[test]
fn an_editor_moves_the_old_file_out_of_the_way() {
    let (directory, path) = directory();
    let watched = Watched::new(&path);
    for name in ["two", "three"] {
        let backup = directory.path().join("cors.json~");
        watched.expect_one(name, || {
            fs::rename(&path, &backup).expect("a rename");
            write(&path, name);
            fs::remove_file(&backup).expect("a backup");
        });
    }
}

/// As the kubelet does it: a new directory, and a symlink to it renamed over the old symlink.
#[cfg(unix)]
fn publish(mount: &Path, version: &str) {
    let [new, link] = [format!("..{version}"), "..data_tmp".into()].map(|name| mount.join(name));
    let data = mount.join("..data");
    let old = fs::read_link(&data);
    fs::create_dir(&new).expect("a directory");
    write(&new.join("cors.json"), version);
    std::os::unix::fs::symlink(new.file_name().expect("a name"), &link).expect("a symlink");
    fs::rename(&link, &data).expect("a rename");
    if let Ok(old) = old {
        fs::remove_dir_all(mount.join(old)).expect("the old directory");
    }
}

#[test]
#[cfg(unix)]
fn a_config_map_is_swapped() {
    let mount = tempfile::tempdir().expect("a directory");
    let path = mount.path().join("cors.json");
    publish(mount.path(), "one");
    std::os::unix::fs::symlink("..data/cors.json", &path).expect("a symlink");
    let watched = Watched::new(&path);
    for version in ["two", "three", "four"] {
        publish(mount.path(), version);
        watched.expect(version);
    }
    // The file that the symlinks lead to now is under watch too.
    watched.expect_one("five", || write(&mount.path().join("..four/cors.json"), "five"));
}

/// As deployments do it that keep their releases side by side.
#[test]
#[cfg(unix)]
fn a_symlink_above_the_file_is_swapped() {
    let root = tempfile::tempdir().expect("a directory");
    let current = root.path().join("current");
    let release = |name: &str| {
        let directory = root.path().join("releases").join(name).join("conf");
        fs::create_dir_all(&directory).expect("a directory");
        write(&directory.join("cors.json"), name);
        let link = root.path().join("next");
        std::os::unix::fs::symlink(root.path().join("releases").join(name), &link).expect("a symlink");
        fs::rename(&link, &current).expect("a rename");
    };
    release("one");
    let watched = Watched::new(&current.join("conf/../conf/cors.json"));
    for name in ["two", "three"] {
        release(name);
        watched.expect(name);
    }
}

#[test]
fn deleted_and_created_again() {
    let (_directory, path) = directory();
    let watched = Watched::new(&path);
    for name in ["one", "two", "two"] {
        fs::remove_file(&path).expect("a file to remove");
        watched.expect_bad("unreadable");
        watched.expect_one(name, || write(&path, name));
    }
}

#[test]
fn its_directory_deleted_and_created_again() {
    let root = tempfile::tempdir().expect("a directory");
    let directory = root.path().join("a/b");
    let path = directory.join("cors.json");
    fs::create_dir_all(&directory).expect("a directory");
    write(&path, "one");
    let watched = Watched::new(&path);
    for name in ["two", "three"] {
        fs::remove_dir_all(root.path().join("a")).expect("a directory to remove");
        watched.expect_bad("unreadable");
        watched.expect_one(name, || {
            fs::create_dir_all(&directory).expect("a directory");
            write(&path, name);
        });
    }
}

#[test]
fn its_directory_replaced_by_another() {
    let root = tempfile::tempdir().expect("a directory");
    let [directory, new] = ["conf", "new"].map(|name| root.path().join(name));
    let path = directory.join("cors.json");
    fs::create_dir(&directory).expect("a directory");
    write(&path, "one");
    let watched = Watched::new(&path);
    for name in ["two", "three"] {
        fs::create_dir(&new).expect("a directory");
        write(&new.join("cors.json"), name);
        watched.expect_one(name, || {
            fs::rename(&directory, root.path().join(format!("before-{name}"))).expect("a rename");
            fs::rename(&new, &directory).expect("a rename");
        });
    }
    watched.expect_one("four", || write(&path, "four"));
}

#[test]
fn a_bad_file_then_a_good_one() {
    let (_directory, path) = directory();
    let watched = Watched::new(&path);
    fs::write(&path, "[{").expect("a file");
    watched.expect_bad("unparsable");
    fs::write(&path, "[]").expect("a file");
    watched.expect_bad("unlawful");
    fs::write(&path, "").expect("a file");
    watched.expect_bad("unparsable");
    // What is in force already, but not what was reported last.
    watched.expect_one("one", || write(&path, "one"));
    watched.expect_one("two", || write(&path, "two"));
}

#[test]
fn what_changed_before_the_watch_began_counts() {
    let (_directory, path) = directory();
    write(&path, "two");
    Watched::new(&path).expect("two");
    fs::remove_file(&path).expect("a file to remove");
    let watched = Watched::new(&path);
    watched.expect_bad("unreadable");
    watched.expect_one("two", || write(&path, "two"));
}

/// Nothing waits for the reports that must not come: the one after them is the first that does.
#[test]
fn what_says_nothing_new_is_not_reported() {
    let (directory, path) = directory();
    let watched = Watched::new(&path);
    write(&directory.path().join("other.json"), "other");
    fs::create_dir(directory.path().join("more")).expect("a directory");
    fs::write(&path, format!("{}\n", document("one"))).expect("a file");
    // Else the next change would be found together with these.
    std::thread::sleep(PATIENCE);
    watched.expect_one("two", || write(&path, "two"));
    assert!(watched.outcomes.try_recv().is_err());
}

#[test]
fn a_file_that_never_rests_is_read_all_the_same() {
    let (_directory, path) = directory();
    let watched = Watched::new(&path);
    let began = Instant::now();
    let outcome = loop {
        write(&path, "two");
        match watched.outcomes.recv_timeout(Duration::from_millis(5)) {
            Err(RecvTimeoutError::Timeout) if began.elapsed() < Duration::from_secs(20) => {}
            outcome => break outcome.expect("a report"),
        }
    };
    // It may be read between truncation and writing.
    assert!(matches!(word(&outcome).as_str(), "two" | "unparsable"), "{outcome:?}");
}

/// The report is dropped with the thread that makes it, which closes the channel.
#[test]
fn nothing_is_reported_once_the_watch_is_dropped() {
    let (_directory, path) = directory();
    let Watched { handle, outcomes, watch } = Watched::new(&path);
    write(&path, "two");
    drop(watch);
    let reported: Vec<_> = outcomes.try_iter().collect();
    assert!(reported.len() <= 1);
    let in_force = name(&handle.current());
    write(&path, "three");
    assert!(matches!(outcomes.recv(), Err(_closed)));
    assert_eq!(name(&handle.current()), in_force);
}

#[test]
fn a_report_may_drop_its_own_watch() {
    let (_directory, path) = directory();
    let handle = PolicyHandle::new(policy("one"));
    let held: Arc<Mutex<Option<PolicyWatch>>> = Arc::default();
    let (sender, reported) = channel();
    let dropping = held.clone();
    let watch = handle.watch(&path, move |outcome| {
        drop(dropping.lock().expect("a lock").take());
        sender.send(word(&outcome)).expect("a test that listens");
    });
    *held.lock().expect("a lock") = Some(watch.expect("a watch"));
    write(&path, "two");
    assert_eq!(reported.recv_timeout(Duration::from_secs(20)).as_deref(), Ok("two"));
    assert!(matches!(reported.recv_timeout(Duration::from_secs(20)), Err(RecvTimeoutError::Disconnected)));
}

#[test]
fn what_cannot_be_watched_is_an_error() {
    let handle = PolicyHandle::new(policy("one"));
    let error = handle.watch("", |_| {}).expect_err("no path");
    assert_eq!(error.to_string(), "cannot watch \"\": cannot make an empty path absolute");
    assert!(error.io_error().is_none() && error.parse_error().is_none());
}

#[test]
fn several_watches_on_one_file() {
    let (_directory, path) = directory();
    let watched = [(); 8].map(|()| Watched::new(&path));
    write(&path, "two");
    watched.iter().for_each(|watched| watched.expect("two"));
}
