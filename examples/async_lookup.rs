//! Policies that are looked up asynchronously: a layer in front of the CORS layer waits for the database and
//! stores the result in the request's extensions. `cargo run --example async_lookup`.

use std::collections::HashMap;
use std::error::Error;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::Request;
use axum::routing::get;
use axum::{Router, ServiceExt};
use tokio::net::TcpListener;
use tower::layer::layer_fn;
use tower::{Service, ServiceBuilder};
use tower_s3_cors::{CorsConfiguration, CorsLayer, CorsPolicy, FromExtensions, PolicyLookup, S3};

const ADDRESS: &str = "127.0.0.1:3002";

/// A remote database, simulated: each bucket with its policy, if it has one.
struct Database(HashMap<&'static str, Option<CorsPolicy>>);

impl Database {
    async fn policy_for(&self, bucket: &str) -> PolicyLookup<'static> {
        tokio::time::sleep(Duration::from_millis(5)).await;
        match self.0.get(bucket) {
            Some(policy) => policy.clone().into(),
            None => PolicyLookup::NoSuchBucket,
        }
    }
}

/// Looks the bucket's policy up and inserts it into the request's extensions, where `FromExtensions` reads it.
#[derive(Clone)]
struct InsertPolicy<S> {
    database: Arc<Database>,
    inner: S,
}

impl<S, B> Service<http::Request<B>> for InsertPolicy<S>
where
    S: Service<http::Request<B>, Future: Send> + Clone + Send + 'static,
    B: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    // Boxing costs one allocation, which is cheap compared to a round trip to the database.
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: http::Request<B>) -> Self::Future {
        // Only the service that `poll_ready` was called on is ready, so it moves into the future and its clone
        // stays here.
        let clone = self.inner.clone();
        let mut ready = std::mem::replace(&mut self.inner, clone);
        let database = self.database.clone();
        Box::pin(async move {
            let bucket = request.uri().path().split('/').nth(1).unwrap_or_default();
            let lookup = database.policy_for(bucket).await;
            request.extensions_mut().insert(lookup);
            ready.call(request).await
        })
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let configuration: CorsConfiguration = include_str!("cors.xml").parse()?;
    let buckets = HashMap::from([("photos", Some(CorsPolicy::new(&configuration)?)), ("drafts", None)]);
    let database = Arc::new(Database(buckets));
    let objects = Router::new().route("/{bucket}/{*key}", get(|| async { "an object\n" }));
    let service = ServiceBuilder::new()
        .layer(layer_fn(move |inner| InsertPolicy { database: database.clone(), inner }))
        .layer(CorsLayer::from_source(FromExtensions).dialect(S3::default()))
        .service(objects);

    let listener =
        TcpListener::bind(ADDRESS).await.map_err(|error| format!("cannot listen on {ADDRESS}: {error}"))?;
    print_sample_requests();

    let server = axum::serve(listener, ServiceExt::<Request>::into_make_service(service));
    tokio::select! {
        served = server.into_future() => Ok(served?),
        // Stops at once and drops running requests, which an example can afford.
        interrupted = tokio::signal::ctrl_c() => Ok(interrupted?),
    }
}

fn print_sample_requests() {
    let origin = "-H 'Origin: https://app.example.com'";
    let preflight = format!("{origin} -X OPTIONS -H 'Access-Control-Request-Method: GET'");
    println!("http://{ADDRESS}/photos/ has rules, http://{ADDRESS}/drafts/ has none; press ctrl-c to stop\n");
    println!("curl -i http://{ADDRESS}/photos/1 {origin}");
    println!("curl -i http://{ADDRESS}/drafts/1 {preflight}");
    println!("curl -i http://{ADDRESS}/gone/1 {preflight}");
}
