//! A store with a bucket, as a process.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use test_support::example::{command, connect, first_line, request, send_on, within};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

pub const BUCKET: &str = "photos";

pub struct Store {
    process: Child,
    pub address: String,
}

impl Store {
    /// The workspace's own server.
    pub async fn bucket_server(address: &str) -> Self {
        let program = workspace_program("bucket_server").await;
        let program = program.to_str().expect("UTF-8");
        let mut process = command(program, &["--listen", address]).spawn().expect("a process");
        let line = first_line(&mut process).await;
        let address = line.strip_prefix("listening on http://").expect(&line).to_owned();
        Store { process, address }
    }

    /// The server of the Python package `moto`: the path of its program is in MOTO_SERVER.
    pub async fn moto() -> Self {
        let program = std::env::var("MOTO_SERVER").expect("MOTO_SERVER, the path of moto_server");
        let mut moto = command(&program, &["--host", "127.0.0.1", "--port", "0"]);
        // Otherwise moto sends CORS headers of its own.
        let mut process = moto.env("MOTO_DISABLE_GLOBAL_CORS", "true").spawn().expect("a process");
        let mut lines = BufReader::new(process.stderr.take().expect("its log")).lines();
        let address = loop {
            let line = within(lines.next_line()).await.expect("its log").expect("the line with its address");
            if let Some((_, address)) = line.split_once("Running on http://") {
                break address.trim().to_owned();
            }
        };
        // Reads on, because a full pipe would block the server.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Store { process, address }
    }

    pub async fn kill(&mut self) {
        within(self.process.kill()).await.expect("an end");
    }

    /// Creates the bucket with an object.
    pub async fn fill(&self) {
        for (target, body) in [("/photos", ""), ("/photos/2024/cat.txt", "a cat\n")] {
            let headers = [("content-type", "text/plain")];
            assert_eq!(self.send("PUT", target, &headers, body).await.status(), 200, "{target}");
        }
    }

    /// PutBucketCors with one rule for this origin.
    pub async fn put_rule(&self, origin: &str) {
        let document = format!(
            "<CORSConfiguration><CORSRule><ID>web</ID><AllowedOrigin>{origin}</AllowedOrigin>\
             <AllowedMethod>GET</AllowedMethod><AllowedHeader>x-*</AllowedHeader><ExposeHeader>ETag</ExposeHeader>\
             <MaxAgeSeconds>60</MaxAgeSeconds></CORSRule></CORSConfiguration>"
        );
        assert_eq!(self.send("PUT", "/photos?cors", &[], &document).await.status(), 200);
    }

    pub async fn delete_rules(&self) {
        assert_eq!(self.send("DELETE", "/photos?cors", &[], "").await.status(), 204);
    }

    async fn send(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Response<Bytes> {
        let host = [("host", self.address.as_str())];
        let request: Request<Bytes> = request(method, target, &[&host, headers].concat(), body.to_owned());
        send_on(&mut connect(&self.address).await, request).await
    }
}

/// The path of a program of the workspace, which is built if it is not there.
async fn workspace_program(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_BIN_EXE_follow_bucket")).parent().expect("a folder");
    let program = folder.join(name);
    if !program.exists() {
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--locked", "--package", name]).stdin(Stdio::null());
        build.current_dir(env!("CARGO_MANIFEST_DIR")).kill_on_drop(true);
        let built = timeout(Duration::from_secs(300), build.status()).await.expect("an end within 5 minutes");
        assert!(built.expect("cargo").success());
    }
    program
}
