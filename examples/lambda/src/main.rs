//! An AWS Lambda function behind the layer, for an HTTP API of API Gateway or a function URL.

use lambda_http::{run, service_fn, Body, Error, Request, RequestExt, Response};
use tower::ServiceBuilder;
use tower_s3_cors::{CorsLayer, CorsPolicy, CorsRule};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    // API Gateway and function URLs have CORS settings of their own: leave them empty, so that OPTIONS arrives here.
    let function = ServiceBuilder::new().layer(CorsLayer::new(policy()?)).service(service_fn(notes));
    run(function).await
}

/// The rules are made once, when the function starts. An invalid origin fails the start and not each request.
fn policy() -> Result<CorsPolicy, Error> {
    let origins = std::env::var("CORS_ORIGINS").map_err(|error| format!("CORS_ORIGINS: {error}"))?;
    let rule = CorsRule::from_origin_list(&origins, ["GET", "PUT"]).ok_or("CORS_ORIGINS lists no origin")?;
    let rule = rule.allow_headers(["content-type"]).expose_headers(["x-amzn-requestid"]).max_age(600);
    Ok(CorsPolicy::builder().strict(true).build(&rule.into())?)
}

async fn notes(request: Request) -> Result<Response<Body>, Error> {
    let text = format!("{} {}\n", request.method(), request.raw_http_path());
    Ok(Response::new(text.into()))
}
