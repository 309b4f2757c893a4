//! The bucket, through the AWS SDK: its objects and its CORS rules.

use std::error::Error;
use std::time::Duration;

use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{Credentials, Region};
use aws_sdk_s3::error::{DisplayErrorContext, ProvideErrorMetadata};
use aws_sdk_s3::operation::get_object::{GetObjectError, GetObjectOutput};
use aws_sdk_s3::{types, Client, Config};
use tower_s3_cors::{CorsConfiguration, CorsPolicy, CorsRule};

pub type Failure = Box<dyn Error + Send + Sync>;

/// How long the store may take for its rules, retries included.
const TIMEOUT: Duration = Duration::from_secs(5);

#[derive(Clone)]
pub struct Bucket {
    client: Client,
    name: String,
}

impl Bucket {
    pub fn new(endpoint: &str, name: &str) -> Self {
        let variable = |name, default: &str| std::env::var(name).unwrap_or_else(|_| default.to_owned());
        let credentials = Credentials::new(
            variable("AWS_ACCESS_KEY_ID", "test"),
            variable("AWS_SECRET_ACCESS_KEY", "test"),
            None,
            None,
            "environment",
        );
        // Without TLS. For a store behind https, enable aws-sdk-s3's feature `default-https-client` and leave this out.
        let http = aws_smithy_http_client::Builder::new().build_http();
        let config = Config::builder()
            .http_client(http)
            .endpoint_url(endpoint)
            .region(Region::new(variable("AWS_REGION", "us-east-1")))
            .credentials_provider(credentials)
            .force_path_style(true)
            .timeout_config(TimeoutConfig::builder().operation_timeout(TIMEOUT).build())
            .build();
        Bucket { client: Client::from_conf(config), name: name.into() }
    }

    /// Returns the policy of the bucket's rules, if it has any.
    pub async fn policy(&self) -> Result<Option<CorsPolicy>, Failure> {
        match self.client.get_bucket_cors().bucket(&self.name).send().await {
            Ok(answer) => {
                let rules = answer.cors_rules.unwrap_or_default().into_iter().map(rule).collect();
                let policy = CorsPolicy::new(&CorsConfiguration { rules });
                let invalid = |error| format!("the rules of {:?} are invalid: {error}", self.name);
                Ok(Some(policy.map_err(invalid)?))
            }
            Err(error) if error.code() == Some("NoSuchCORSConfiguration") => Ok(None),
            Err(error) => {
                let context = DisplayErrorContext(&error);
                Err(format!("cannot read the rules of {:?}: {context}", self.name).into())
            }
        }
    }

    /// Returns the object, if there is one of this name.
    pub async fn object(&self, key: &str) -> Result<Option<GetObjectOutput>, Failure> {
        match self.client.get_object().bucket(&self.name).key(key).send().await {
            Ok(object) => Ok(Some(object)),
            Err(error) if error.as_service_error().is_some_and(GetObjectError::is_no_such_key) => Ok(None),
            Err(error) => Err(format!("cannot read {key:?}: {}", DisplayErrorContext(&error)).into()),
        }
    }
}

/// S3's names are the same on both sides.
fn rule(rule: types::CorsRule) -> CorsRule {
    CorsRule {
        id: rule.id,
        allowed_origins: rule.allowed_origins,
        allowed_methods: rule.allowed_methods,
        allowed_headers: rule.allowed_headers.unwrap_or_default(),
        expose_headers: rule.expose_headers.unwrap_or_default(),
        max_age_seconds: rule.max_age_seconds,
    }
}
