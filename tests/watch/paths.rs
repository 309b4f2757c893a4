//! What may be at a watched path, and symlinks that lead to it.

use std::env;
use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;

use tower_s3_cors::CorsPolicy;

use crate::watched::{directory, document, policy, put, write, Watched, INTERVAL};

/// As the kubelet does it: a new directory, and a symlink to it renamed over the old symlink.
fn publish(mount: &Path, version: &str) {
    let [new, link] = [format!("..{version}"), "..data_tmp".into()].map(|name| mount.join(name));
    let data = mount.join("..data");
    let old = fs::read_link(&data);
    fs::create_dir(&new).expect("a directory");
    write(&new.join("cors.json"), version);
    symlink(new.file_name().expect("a name"), &link).expect("a symlink");
    fs::rename(&link, &data).expect("a rename");
    if let Ok(old) = old {
        fs::remove_dir_all(mount.join(old)).expect("the old directory");
    }
}

#[test]
fn config_map_that_is_swapped_is_seen() {
    let mount = tempfile::tempdir().expect("a directory");
    let path = mount.path().join("cors.json");
    publish(mount.path(), "one");
    symlink("..data/cors.json", &path).expect("a symlink");
    let watched = Watched::new(&path);
    for version in ["two", "three", "four"] {
        publish(mount.path(), version);
        watched.expect(version);
    }
    watched.expect_after("five", || write(&mount.path().join("..four/cors.json"), "five"));
}

/// As deployments do it that keep their releases side by side.
#[test]
fn symlink_above_the_file_that_is_swapped_is_seen() {
    let root = tempfile::tempdir().expect("a directory");
    let current = root.path().join("current");
    let release = |name: &str| {
        let directory = root.path().join("releases").join(name).join("conf");
        fs::create_dir_all(&directory).expect("a directory");
        write(&directory.join("cors.json"), name);
        let link = root.path().join("next");
        symlink(root.path().join("releases").join(name), &link).expect("a symlink");
        fs::rename(&link, &current).expect("a rename");
    };
    release("one");
    let watched = Watched::new(&current.join("conf/../conf/cors.json"));
    for name in ["two", "three"] {
        release(name);
        watched.expect(name);
    }
}

/// The test runs itself again where it may mount: in a namespace of its own, as `docker run -v ./cors.json:...` has one.
#[cfg(target_os = "linux")]
#[test]
fn bind_mounted_file_is_seen() {
    const ROOT: &str = "BIND_MOUNTED_FILE_IS_SEEN_IN";
    let paths = |root: &Path| ["host.json", "mounted.json"].map(|name| root.join(name));
    if let Some(root) = env::var_os(ROOT) {
        let [host, mounted] = paths(root.as_ref());
        let watched = Watched::new(&mounted);
        for name in ["two", "three"] {
            watched.expect_after(name, || write(&host, name));
        }
        return;
    }
    let root = tempfile::tempdir().expect("a directory");
    let [host, mounted] = paths(root.path());
    write(&host, "one");
    write(&mounted, "beneath");
    let namespace = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "sh", "-c", script]).args([&host, &mounted]);
        command
    };
    if !namespace("mount --bind \"$0\" \"$1\"").status().is_ok_and(|status| status.success()) {
        return eprintln!("skipped: no mounts are allowed here");
    }
    let again = namespace("mount --bind \"$0\" \"$1\" && shift && exec \"$@\"")
        .arg(env::current_exe().expect("the test itself"))
        .args(["--exact", "paths::bind_mounted_file_is_seen"])
        .env(ROOT, root.path())
        .output()
        .expect("unshare");
    assert!(again.status.success(), "{again:?}");
    assert!(String::from_utf8_lossy(&again.stdout).contains("1 passed"), "{again:?}");
}

/// The failure is reported, the watch goes on, and its drop returns.
#[track_caller]
fn check_irregular(make: impl FnOnce(&Path)) {
    let (_directory, path) = directory();
    fs::remove_file(&path).expect("a file to remove");
    make(&path);
    let watched = Watched::new(&path);
    let error = watched.next().expect_err("no regular file").to_string();
    assert_eq!(error, format!("{}: cannot read the file: it is not a regular file", path.display()));
    let error = watched.handle.reload_path(&path).expect_err("no regular file").to_string();
    assert_eq!(error, format!("{}: cannot read the file: it is not a regular file", path.display()));
    if path.is_dir() {
        fs::rename(&path, path.with_extension("old")).expect("a rename");
    }
    put(&path, &document("two"));
    watched.expect("two");
}

#[test]
fn fifo_is_an_error() {
    check_irregular(|path| {
        let made = Command::new("mkfifo").arg(path).status().expect("mkfifo");
        assert!(made.success());
    });
}

#[test]
fn link_to_a_device_is_an_error() {
    check_irregular(|path| symlink("/dev/zero", path).expect("a symlink"));
    check_irregular(|path| symlink("/dev/null", path).expect("a symlink"));
}

#[test]
fn directory_is_an_error() {
    check_irregular(|path| fs::create_dir(path).expect("a directory"));
}

#[test]
fn socket_is_an_error() {
    check_irregular(|path| drop(UnixListener::bind(path).expect("a socket")));
}

#[test]
fn symlink_to_itself_is_an_error() {
    let (_directory, path) = directory();
    let watched = Watched::new(&path);
    fs::remove_file(&path).expect("a file to remove");
    symlink(&path, &path).expect("a symlink");
    watched.expect("unreadable");
}

/// A document of exactly that many bytes.
fn sized(name: &str, bytes: usize) -> String {
    let document = document(name);
    let blanks = " ".repeat(bytes - document.len());
    document + &blanks
}

#[test]
fn file_larger_than_the_bound_is_an_error() {
    let extended = CorsPolicy::extended(policy("one").configuration()).expect("a valid configuration");
    let bounds = [
        (policy("one"), 64 << 10, "it has more than 65536 bytes"),
        (extended, 16 << 20, "it has more than 16777216 bytes"),
    ];
    for (policy, bound, message) in bounds {
        let (_directory, path) = directory();
        let watched = Watched::with_policy(&path, policy, INTERVAL);
        put(&path, &sized("two", bound));
        watched.expect("two");
        put(&path, &sized("three", bound + 1));
        let error = watched.next().expect_err("too large").to_string();
        assert_eq!(error, format!("{}: cannot read the file: {message}", path.display()));
    }
}
