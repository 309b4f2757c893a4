//! The command line: what it refuses, and in which words.

use std::process::Output;

use crate::proxy::{command, folder, path, within, Proxy, NO_STORE};

async fn output(arguments: &[&str]) -> Output {
    within(command(arguments).output()).await.expect("a process")
}

async fn message(arguments: &[&str]) -> String {
    let output = output(arguments).await;
    assert!(!output.status.success(), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    String::from_utf8_lossy(&output.stderr).trim_end().to_owned()
}

#[tokio::test]
async fn mistakes_are_named() {
    let store =
        |what: &str| ["--store".to_owned(), what.to_owned(), "--rules".to_owned(), "rules".to_owned()];
    let url = |what: &str| format!("--store {what}; expected http://HOST:PORT");
    let cases: [(Vec<String>, String); 11] = [
        (vec![], "--store is missing; see --help".into()),
        (vec!["--rules".into(), "rules".into()], "--store is missing; see --help".into()),
        (vec!["--store".into(), "http://localhost:1".into()], "--rules is missing; see --help".into()),
        (vec!["--store".into()], "--store needs a value; see --help".into()),
        (vec!["store".into()], "unknown option \"store\"; see --help".into()),
        (store("localhost:9000").into(), url("\"localhost:9000\": not a URL")),
        (store("https://localhost").into(), url("\"https://localhost\": TLS is not supported")),
        (store("http://h/path").into(), url("\"http://h/path\": a path would make signatures invalid")),
        (store("http://").into(), url("\"http://\": empty string")),
        (
            vec!["--domain".into(), ".example.com".into()],
            "--domain \".example.com\": not the name of a host, such as s3.example.com".into(),
        ),
        (vec!["--grace".into(), "5s".into()], "--grace \"5s\": not a number of seconds".into()),
    ];
    for (arguments, expected) in cases {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        assert_eq!(message(&arguments).await, expected, "{arguments:?}");
    }
}

#[tokio::test]
async fn help_is_printed() {
    for option in ["--help", "-h"] {
        let output = output(&["--store", "http://localhost:1", option]).await;
        assert!(output.status.success());
        let printed = String::from_utf8(output.stdout).expect("UTF-8");
        assert!(
            printed.contains("\nusage: reverse_proxy --store URL --rules FOLDER [OPTION...]\n"),
            "{printed}"
        );
        assert!(printed.lines().all(|line| line.len() <= 115), "{printed}");
    }
}

#[tokio::test]
async fn places_that_cannot_be_used_are_named() {
    let folder = folder();
    let proxy = Proxy::start(NO_STORE, &folder).await;
    let start = |listen| message_of_start(path(&folder), NO_STORE, listen);
    let taken = start(&proxy.public).await;
    assert!(taken.starts_with(&format!("cannot listen on {}: ", proxy.public)), "{taken}");
    let nowhere = start("nowhere").await;
    assert!(nowhere.starts_with("cannot listen on nowhere: "), "{nowhere}");

    let file = folder.path().join("file");
    std::fs::write(&file, "").expect("a file written");
    let file = file.to_str().expect("a path in UTF-8");
    let not_a_folder = message_of_start(file, NO_STORE, "127.0.0.1:0").await;
    assert!(not_a_folder.starts_with(&format!("cannot use the folder {file}: ")), "{not_a_folder}");
}

#[tokio::test]
async fn proxy_before_itself_is_refused() {
    let folder = folder();
    for host in ["127.0.0.1", "0.0.0.0"] {
        // A port that was free a moment ago. Another test may take it first, but not each time.
        let mut tries = 0;
        let (address, refused) = loop {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a listener");
            let address = listener.local_addr().expect("an address").to_string();
            drop(listener);
            let listen = address.replace("127.0.0.1", host);
            let refused = message_of_start(path(&folder), &address, &listen).await;
            tries += 1;
            if tries == 5 || !refused.starts_with("cannot listen on ") {
                break (address, refused);
            }
        };
        assert_eq!(refused, format!("--store http://{address} is this proxy itself"));
    }
}

async fn message_of_start(rules: &str, store: &str, listen: &str) -> String {
    message(&["--store", &format!("http://{store}"), "--rules", rules, "--listen", listen]).await
}
