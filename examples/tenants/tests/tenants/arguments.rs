//! The command line.

use test_support::example::{command, within};

use crate::server::{sqlite, Server, PROGRAM};

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
    assert!(usage.starts_with("usage: tenants [--listen HOST:PORT] [--database URL]\n"), "{usage}");
}

#[tokio::test]
async fn invalid_arguments_are_reported() {
    for (arguments, expected) in [
        (&["--port", "80"][..], "unknown argument \"--port\"\n\nusage: tenants "),
        (&["--listen"], "--listen needs a value\n\nusage: tenants "),
        (&["--listen", "nowhere"], "cannot listen on nowhere: "),
        (&["--listen", "127.0.0.1:0", "--database", "mysql://localhost/x"], "cannot open the database: "),
        (&["--listen", "127.0.0.1:0", "--database", "sqlite:/nowhere/x.db"], "cannot open the database: "),
    ] {
        let (succeeded, printed, errors) = output(arguments).await;
        assert!(!succeeded && printed.is_empty() && errors.starts_with(expected), "{arguments:?}: {errors}");
    }
}

#[tokio::test]
async fn signals_stop_the_server() {
    for name in ["-INT", "-TERM"] {
        let (_folder, database) = sqlite();
        let mut server = Server::start(&database).await;
        let id = server.process.id().expect("a running process").to_string();
        let kill = within(command("kill", &[name, &id]).status()).await.expect("the command kill");
        assert!(kill.success());
        let status = within(server.process.wait()).await.expect("an end");
        assert!(status.success(), "{name}: {status}");
    }
}
