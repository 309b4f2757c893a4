//! The command line.

use test_support::example::{command, within};

use crate::server::{Server, PROGRAM};
use crate::store::Store;

/// Returns whether the program succeeded, and what it printed.
async fn output(arguments: &[&str]) -> (bool, String, String) {
    let output = within(command(PROGRAM, arguments).output()).await.expect("a process");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (output.status.success(), text(output.stdout), text(output.stderr))
}

#[tokio::test]
async fn help_is_printed() {
    let (succeeded, usage, errors) = output(&["--help"]).await;
    assert!(succeeded && errors.is_empty(), "{errors}");
    assert!(usage.starts_with("usage: follow_bucket --endpoint URL --bucket NAME "), "{usage}");
}

#[tokio::test]
async fn invalid_arguments_are_reported() {
    let store = Store::bucket_server("127.0.0.1:0").await;
    let endpoint = format!("http://{}", store.address);
    let (store, bucket) = (["--endpoint", &endpoint], ["--bucket", "gone"]);
    let both = [store, bucket].concat();
    for (arguments, expected) in [
        (&["--port", "80"][..], "unknown argument \"--port\"\n\nusage: follow_bucket "),
        (&["--endpoint"], "--endpoint needs a value\n\nusage: follow_bucket "),
        (&bucket, "--endpoint is missing\n\nusage: follow_bucket "),
        (&store, "--bucket is missing\n\nusage: follow_bucket "),
        (&[&both[..], &["--every", "0"]].concat(), "\"0\" is not a number of seconds above 0\n"),
        (&[&both[..], &["--listen", "nowhere"]].concat(), "cannot listen on nowhere: "),
        (&[&both[..], &["--listen", "127.0.0.1:0"]].concat(), "cannot read the rules of \"gone\": "),
    ] {
        let (succeeded, printed, errors) = output(arguments).await;
        assert!(!succeeded && printed.is_empty() && errors.starts_with(expected), "{arguments:?}: {errors}");
    }
}

#[tokio::test]
async fn signals_stop_the_server() {
    let store = Store::bucket_server("127.0.0.1:0").await;
    store.fill().await;
    for name in ["-INT", "-TERM"] {
        let mut server = Server::start(&store.address).await;
        let id = server.process.id().expect("a running process").to_string();
        let kill = within(command("kill", &[name, &id]).status()).await.expect("the command kill");
        assert!(kill.success());
        let status = within(server.process.wait()).await.expect("an end");
        assert!(status.success(), "{name}: {status}");
    }
}
