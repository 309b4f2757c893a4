//! Policies that are looked up asynchronously: a layer in front of the CORS layer waits for the database and
//! stores the result in the request's extensions. `cargo run --example async_lookup`. Then try:
//!
//! ```sh
//! curl -i http://127.0.0.1:3002/photos/1 -H 'Origin: https://app.example.com'
//! # A bucket without rules, and one that does not exist:
//! preflight="-X OPTIONS -H Origin:https://app.example.com -H Access-Control-Request-Method:GET"
//! curl -i http://127.0.0.1:3002/drafts/1 $preflight
//! curl -i http://127.0.0.1:3002/gone/1 $preflight
//! ```

use std::collections::HashMap;
use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::Request;
use axum::routing::get;
use axum::{Router, ServiceExt};
use tokio::net::TcpListener;
use tower::layer::layer_fn;
use tower::{Service, ServiceBuilder};
use tower_s3_cors::{CorsLayer, CorsPolicy, FromExtensions, PolicyLookup, S3};

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
async fn main() -> Result<(), Box<dyn Error>> {
    let policy = CorsPolicy::new(&include_str!("cors.xml").parse()?)?;
    let database = Arc::new(Database(HashMap::from([("photos", Some(policy)), ("drafts", None)])));
    let objects = Router::new().route("/{bucket}/{*key}", get(|| async { "an object\n" }));
    let service = ServiceBuilder::new()
        .layer(layer_fn(move |inner| InsertPolicy { database: database.clone(), inner }))
        .layer(CorsLayer::from_source(FromExtensions).dialect(S3::default()))
        .service(objects);

    let listener = TcpListener::bind("127.0.0.1:3002").await?;
    println!("listening on http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, ServiceExt::<Request>::into_make_service(service)).await?)
}
