//! The commands of the README, with the ports of this test in place of its own.

use tokio::process::Command;

use crate::proxy::{folder, path, within, Proxy, NO_STORE};

const README: &str = include_str!("../../README.md");

async fn run(command: &str) -> String {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let mut shell = Command::new("sh");
    shell.args(["-c", command]).current_dir(root).kill_on_drop(true);
    let output = within(shell.output()).await.expect("a shell");
    assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[tokio::test]
async fn commands_do_what_the_readme_says() {
    let folder = folder();
    let proxy = Proxy::start(NO_STORE, &folder).await;
    let ours = |command: &str| {
        command.replace("127.0.0.1:8000", &proxy.public).replace("127.0.0.1:8001", &proxy.admin)
    };
    let (_, commands) = README.split_once("```sh\n").expect("commands");
    let (commands, _) = commands.split_once("\n```").expect("their end");
    let [start, put, preflight, get] =
        commands.lines().collect::<Vec<_>>().try_into().expect("four commands");

    let options = start.strip_prefix("cargo run -p reverse_proxy -- ").expect("options");
    let options = options.replace(":9000", ":0").replace(":8001", ":0").replace("--rules rules", "");
    let arguments = format!("{options} --listen 127.0.0.1:0 --rules {}", path(&folder));
    let arguments: Vec<&str> = arguments.split_whitespace().collect();
    let mut other = crate::proxy::command(&arguments).spawn().expect("a process");
    assert!(crate::example::first_line(&mut other).await.starts_with("listening on http://"));

    run(&ours(put)).await;
    let granted = "access-control-allow-origin: https://app.example.com\r\n";
    let answer = run(&ours(preflight)).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains(granted), "{answer}");
    let answer = run(&ours(get)).await;
    assert!(answer.starts_with("HTTP/1.1 502 Bad Gateway\r\n") && answer.contains(granted), "{answer}");
}
