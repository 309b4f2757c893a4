//! Starts the program on a free port. It is killed when the test ends.

use std::time::Duration;

use aws_sdk_s3::config::{Credentials, Region};
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::types::{CorsConfiguration, CorsRule};
use aws_sdk_s3::{Client, Config};
use bytes::Bytes;
use http::Response;
use test_support::example::{command, connect, first_line, request, send_on};
use tokio::process::Child;

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_s3s_server");
pub const APP: &str = "https://app.example.com";

pub struct Server {
    pub process: Child,
    pub client: Client,
    address: String,
}

impl Server {
    pub async fn start() -> Self {
        let mut process = command(PROGRAM, &["--listen", "127.0.0.1:0"]);
        process.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY");
        let mut process = process.spawn().expect("a process");
        let line = first_line(&mut process).await;
        let address = line.strip_prefix("listening on http://").expect(&line).to_owned();
        let config = Config::builder()
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .endpoint_url(format!("http://{address}"))
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .force_path_style(true)
            .build();
        Server { process, client: Client::from_conf(config), address }
    }

    /// Starts a server with the bucket `photos`, which has an object and a rule for APP.
    pub async fn with_rule() -> Self {
        let server = Server::start().await;
        server.client.create_bucket().bucket("photos").send().await.expect("a bucket");
        let object =
            server.client.put_object().bucket("photos").key("cat.txt").body(b"a cat\n".to_vec().into());
        object.send().await.expect("an object");
        server.put_cors([rule(APP, ["GET", "PUT"])]).await.expect("rules");
        server
    }

    /// PutBucketCors through the SDK. Fails with the error's code and message.
    pub async fn put_cors(&self, rules: impl IntoIterator<Item = CorsRule>) -> Result<(), [String; 2]> {
        use aws_sdk_s3::error::ProvideErrorMetadata;
        let rules = CorsConfiguration::builder().set_cors_rules(Some(rules.into_iter().collect()));
        let rules = rules.build().expect("rules");
        let put = self.client.put_bucket_cors().bucket("photos").cors_configuration(rules);
        put.send()
            .await
            .map(drop)
            .map_err(|error| [error.code(), error.message()].map(|text| text.unwrap_or_default().to_owned()))
    }

    /// Sends a request as a browser does: without a signature, unless it is in the target.
    pub async fn send(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Response<Bytes> {
        let host = [("host", self.address.as_str())];
        let request = request(method, target, &[&host, headers].concat(), body.to_owned());
        send_on(&mut connect(&self.address).await, request).await
    }

    pub async fn preflight(&self, target: &str, origin: &str, method: &str) -> Response<Bytes> {
        let headers = [("origin", origin), ("access-control-request-method", method)];
        self.send("OPTIONS", target, &headers, "").await
    }

    /// Path and query of a presigned PUT.
    pub async fn presigned_put(&self, key: &str) -> String {
        let validity = PresigningConfig::expires_in(Duration::from_secs(60)).expect("a duration");
        let put = self.client.put_object().bucket("photos").key(key).presigned(validity);
        let uri: http::Uri = put.await.expect("a signature").uri().parse().expect("a URI");
        uri.path_and_query().expect("a path").to_string()
    }
}

pub fn rule<const N: usize>(origin: &str, methods: [&str; N]) -> CorsRule {
    let rule = CorsRule::builder().allowed_origins(origin).expose_headers("ETag").max_age_seconds(60);
    let rule = rule.set_allowed_methods(Some(methods.map(String::from).to_vec()));
    rule.build().expect("a rule")
}
