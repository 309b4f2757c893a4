//! The folder of the rules: what a start reads, and what it reports.

use std::fs;

use crate::proxy::{assert_fails, document, folder, path, text, Proxy, NO_STORE};

const ORIGIN: &str = "https://app.example.com";

#[tokio::test]
async fn rules_are_read_again_at_the_start() {
    let folder = folder();
    let proxy = Proxy::start(NO_STORE, &folder).await;
    proxy.put_rules("photos", document(ORIGIN)).await;
    proxy.put_rules("a.b-c_d", document("https://other.example.com")).await;
    let got = proxy.administer("GET", "/photos?cors", "").await;
    proxy.kill().await;
    assert_eq!(fs::read(folder.path().join("photos.xml")).expect("the file"), *got.body());

    let proxy = Proxy::start(NO_STORE, &folder).await;
    assert_eq!(proxy.administer("GET", "/photos?cors", "").await.body(), got.body());
    assert_eq!(proxy.preflight("/photos/a", ORIGIN).await.status(), 200);
    assert_eq!(proxy.preflight("/a.b-c_d/a", "https://other.example.com").await.status(), 200);
    assert_eq!(proxy.administer("DELETE", "/photos?cors", "").await.status(), 204);
    proxy.kill().await;

    let proxy = Proxy::start(NO_STORE, &folder).await;
    assert_eq!(proxy.administer("GET", "/photos?cors", "").await.status(), 404);
    assert_eq!(proxy.kill().await, "");
}

/// One bucket's mistake neither opens that bucket nor stops the proxy.
#[tokio::test]
async fn faulty_file_is_reported_and_refuses() {
    let folder = folder();
    let invalid = "<CORSConfiguration>\n<CORSRule>\n<AllowedOrigin>*</AllowedOrigin>\n\
                   <AllowedMethod>PATCH</AllowedMethod>\n</CORSRule>\n</CORSConfiguration>";
    for (name, content) in [
        ("photos.xml", invalid),
        ("half.xml", "<CORSConfiguration>\n<CORSRule>\n<AllowedOrigin>*</Allo"),
        ("good.xml", &document(ORIGIN)),
        ("README", "ignored"),
        (".gitignore", "ignored without a word"),
        (".unfinished-abc", "of a killed process"),
    ] {
        fs::write(folder.path().join(name), content).expect("a file written");
    }
    let proxy = Proxy::start(NO_STORE, &folder).await;
    assert_eq!(proxy.preflight("/good/a", ORIGIN).await.status(), 200);
    for bucket in ["photos", "half"] {
        assert_eq!(proxy.preflight(&format!("/{bucket}/a"), ORIGIN).await.status(), 403);
        let message = "The rules of this bucket cannot be read, see the log of the proxy. Put them again.";
        let got = proxy.administer("GET", &format!("/{bucket}?cors"), "").await;
        assert_fails(&got, 500, "InternalError", message);
    }
    proxy.put_rules("photos", document(ORIGIN)).await;
    assert_eq!(proxy.preflight("/photos/a", ORIGIN).await.status(), 200);
    assert!(!folder.path().join(".unfinished-abc").exists());

    let errors = proxy.kill().await;
    let mut lines: Vec<&str> = errors.lines().collect();
    lines.sort_unstable();
    let path = path(&folder);
    let method = "CORSRules[0].AllowedMethods[0]: \"PATCH\" is not one of GET, PUT, POST, DELETE, HEAD";
    let expected = [
        format!("{path}/README: ignored, because it is not named BUCKET.xml"),
        format!("{path}/half.xml:3:23: the document ends too early"),
        format!("{path}/photos.xml:4:16: {method}"),
        "the bucket \"half\" grants nothing until its rules are put again".to_owned(),
        "the bucket \"photos\" grants nothing until its rules are put again".to_owned(),
    ];
    assert_eq!(lines.len(), expected.len(), "{errors}");
    for (line, start) in lines.iter().zip(&expected) {
        assert!(line.starts_with(start), "{line}, expected {start}");
    }
}

/// A change that cannot be stored is not in force either.
#[tokio::test]
async fn folder_that_is_gone_makes_changes_fail() {
    let folder = folder();
    let proxy = Proxy::start(NO_STORE, &folder).await;
    proxy.put_rules("photos", document(ORIGIN)).await;
    fs::remove_dir_all(folder.path()).expect("the folder removed");
    let put = proxy.administer("PUT", "/photos?cors", document("https://other.example.com")).await;
    assert_fails(&put, 500, "InternalError", "We encountered an internal error. Please try again.");
    let got = proxy.administer("GET", "/photos?cors", "").await;
    assert!(text(&got).contains(ORIGIN), "{}", text(&got));
    let errors = proxy.kill().await;
    assert!(errors.starts_with("cannot change the rules of the bucket \"photos\": "), "{errors}");
}

/// Others can read the files, as far as the umask lets them.
#[cfg(unix)]
#[tokio::test]
async fn files_are_as_readable_as_others() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    let mode = |name: &str| fs::metadata(folder.path().join(name)).expect("a file").permissions().mode();
    let proxy = Proxy::start(NO_STORE, &folder).await;
    proxy.put_rules("photos", document(ORIGIN)).await;
    fs::write(folder.path().join("other"), "").expect("a file written");
    assert_eq!(mode("photos.xml"), mode("other"));
}
