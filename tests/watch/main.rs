//! A watched file: each way in which files change, and what is reported of it.

#[cfg(feature = "tracing")]
mod events;
#[cfg(unix)]
mod paths;
#[cfg(unix)]
mod random;
mod watched;

use std::fs;
use std::io::Write;
use std::sync::mpsc::{channel, RecvTimeoutError};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use tower_s3_cors::reload::PolicyWatch;
use tower_s3_cors::PolicyHandle;
use watched::{directory, document, name, policy, put, word, write, Watched, BOUND, INTERVAL};

#[test]
fn file_written_in_place_is_seen() {
    let (_directory, path) = directory();
    let watched = Watched::new(&path);
    for name in ["two", "three", "four"] {
        watched.expect_after(name, || write(&path, name));
    }
}

#[test]
fn default_interval_puts_a_change_in_force_within_two_seconds() {
    let (_directory, path) = directory();
    let handle = PolicyHandle::new(policy("one"));
    let (sender, reports) = channel();
    let watch = handle.watch(&path, move |outcome| sender.send(word(&outcome)).expect("a test that listens"));
    let _watch = watch.expect("a watch");
    for name in ["two", "three"] {
        let began = Instant::now();
        put(&path, &document(name));
        assert_eq!(reports.recv_timeout(BOUND).as_deref(), Ok(name));
        assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    }
}

#[test]
fn half_written_file_is_not_reported() {
    let (_directory, path) = directory();
    let interval = Duration::from_millis(200);
    let watched = Watched::with_policy(&path, policy("one"), interval);
    let text = document("two");
    let (first, second) = text.as_bytes().split_at(text.len() / 2);
    let began = Instant::now();
    let mut file = fs::File::create(&path).expect("a file");
    file.write_all(first).expect("the first half");
    file.write_all(second).expect("the second half");
    let slow = began.elapsed() >= interval;
    let mut outcome = watched.next();
    while slow && outcome.is_err() {
        outcome = watched.next();
    }
    assert_eq!(word(&outcome), "two");
}

#[test]
fn file_renamed_over_is_seen() {
    let (_directory, path) = directory();
    let watched = Watched::new(&path);
    for name in ["two", "three"] {
        put(&path, &document(name));
        watched.expect(name);
    }
}

#[test]
fn file_moved_away_and_written_anew_is_seen() {
    let (directory, path) = directory();
    let watched = Watched::new(&path);
    for name in ["two", "three"] {
        watched.expect_after(name, || {
            fs::rename(&path, directory.path().join("cors.json~")).expect("a rename");
            write(&path, name);
        });
    }
}

#[test]
fn file_written_through_a_hard_link_is_seen() {
    let (_directory, path) = directory();
    let elsewhere = tempfile::tempdir().expect("a directory");
    let link = elsewhere.path().join("link");
    fs::hard_link(&path, &link).expect("a hard link");
    let watched = Watched::new(&path);
    for name in ["two", "three"] {
        watched.expect_after(name, || write(&link, name));
    }
}

#[test]
fn file_deleted_and_created_again_is_seen() {
    let (_directory, path) = directory();
    let watched = Watched::new(&path);
    for name in ["one", "two", "two"] {
        fs::remove_file(&path).expect("a file to remove");
        watched.expect("unreadable");
        watched.expect_after(name, || write(&path, name));
    }
}

#[test]
fn directory_deleted_and_created_again_is_seen() {
    let root = tempfile::tempdir().expect("a directory");
    let directory = root.path().join("a/b");
    let path = directory.join("cors.json");
    fs::create_dir_all(&directory).expect("a directory");
    write(&path, "one");
    let watched = Watched::new(&path);
    for name in ["two", "three"] {
        fs::remove_dir_all(root.path().join("a")).expect("a directory to remove");
        watched.expect("unreadable");
        watched.expect_after(name, || {
            fs::create_dir_all(&directory).expect("a directory");
            write(&path, name);
        });
    }
}

#[test]
fn failures_are_reported_and_the_policy_stays() {
    let (_directory, path) = directory();
    let watched = Watched::new(&path);
    for (text, expected) in [("[{", "unparsable"), ("[]", "invalid"), ("", "unparsable")] {
        put(&path, text);
        watched.expect(expected);
    }
    // In force already, but a failure was reported last.
    for name in ["one", "two"] {
        put(&path, &document(name));
        watched.expect(name);
    }
}

#[test]
fn change_before_the_watch_began_is_seen() {
    let (_directory, path) = directory();
    write(&path, "two");
    Watched::new(&path).expect("two");
    fs::remove_file(&path).expect("a file to remove");
    let watched = Watched::new(&path);
    watched.expect("unreadable");
    watched.expect_after("two", || write(&path, "two"));
}

/// A failure that is reported between the touch and the same content shows that both were seen.
#[test]
fn policy_put_in_force_by_hand_stays_until_the_content_changes() {
    let (_directory, path) = directory();
    let watched = Watched::new(&path);
    put(&path, &document("two"));
    watched.expect("two");
    watched.handle.replace(policy("hand"));
    for failure in ["[{", "[{{"] {
        let file = fs::File::options().append(true).open(&path).expect("a file");
        file.set_modified(SystemTime::now()).expect("a touch");
        put(&path, failure);
        watched.expect("unparsable");
        put(&path, &document("two"));
        watched.expect("hand");
    }
    put(&path, &document("one"));
    watched.expect("one");
}

/// The report is dropped when its thread ends, which closes the channel.
#[test]
fn nothing_is_reported_once_the_watch_is_dropped() {
    let (_directory, path) = directory();
    let Watched { handle, outcomes, watch } = Watched::new(&path);
    write(&path, "two");
    drop(watch);
    let reported = outcomes.try_iter().count();
    assert!(reported <= 1);
    let in_force = name(&handle.current());
    write(&path, "three");
    assert!(matches!(outcomes.recv_timeout(BOUND), Err(RecvTimeoutError::Disconnected)));
    assert_eq!(name(&handle.current()), in_force);
}

#[test]
fn detached_watch_ends_with_the_last_other_handle() {
    let (_directory, path) = directory();
    let Watched { handle, outcomes, watch } = Watched::new(&path);
    watch.detach();
    write(&path, "two");
    assert_eq!(word(&outcomes.recv_timeout(BOUND).expect("a report")), "two");
    drop(handle);
    assert!(matches!(outcomes.recv_timeout(BOUND), Err(RecvTimeoutError::Disconnected)));
}

#[test]
fn report_may_drop_its_own_watch() {
    let (_directory, path) = directory();
    let handle = PolicyHandle::new(policy("one"));
    let held: Arc<Mutex<Option<PolicyWatch>>> = Arc::default();
    let (sender, reported) = channel();
    let dropping = held.clone();
    let watch = handle.watch_with_interval(&path, INTERVAL, move |outcome| {
        drop(dropping.lock().expect("a lock").take());
        sender.send(word(&outcome)).expect("a test that listens");
    });
    *held.lock().expect("a lock") = Some(watch.expect("a watch"));
    write(&path, "two");
    assert_eq!(reported.recv_timeout(BOUND).as_deref(), Ok("two"));
    assert_eq!(reported.recv_timeout(BOUND), Err(RecvTimeoutError::Disconnected));
}

#[test]
fn report_that_panics_ends_the_watch() {
    let (_directory, path) = directory();
    let handle = PolicyHandle::new(policy("one"));
    let (sender, reported) = channel();
    let watch = handle.watch_with_interval(&path, Duration::ZERO, move |outcome| {
        sender.send(word(&outcome)).expect("a test that listens");
        panic!("a report that panics, on purpose");
    });
    write(&path, "two");
    assert_eq!(reported.recv_timeout(BOUND).as_deref(), Ok("two"));
    assert_eq!(reported.recv_timeout(BOUND), Err(RecvTimeoutError::Disconnected));
    drop(watch.expect("a watch"));
}

#[test]
fn empty_path_is_an_error() {
    let error = PolicyHandle::new(policy("one")).watch("", |_| {}).expect_err("no path");
    assert_eq!(error.to_string(), "cannot make an empty path absolute");
}

#[test]
fn several_watches_see_one_file() {
    let (_directory, path) = directory();
    let watched = [(); 8].map(|()| Watched::new(&path));
    put(&path, &document("two"));
    watched.iter().for_each(|watched| watched.expect("two"));
}
