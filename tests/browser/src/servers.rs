//! The servers of the tests. Each is an origin of its own: a port of the loopback interface.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Uri};
use axum::middleware::from_fn_with_state;
use axum::response::Html;
use axum::routing::get;
use axum::{Router, ServiceExt};
use tokio::net::TcpListener;
use tower::ServiceBuilder;
use tower_s3_cors::{CorsLayer, CorsPolicy, Fetch, S3};

use crate::assets::assets;
use crate::engine::Engine;
use crate::seen::{record, split, Recorder, Seen};
use crate::table::{Dialect, Table};
use crate::Failure;

const PAGE: &str = include_str!("../page/index.html");
const STEPS: &str = include_str!("../page/steps.js");

type Policies = Arc<HashMap<String, CorsPolicy>>;

/// The server of the page, and for each dialect the servers of the assets.
pub struct Servers {
    /// The origin of the page.
    pub page: String,
    fetch: Assets,
    s3: Assets,
}

/// The assets behind the layer with one dialect.
pub struct Assets {
    pub origin: String,
    pub seen: Seen,
}

impl Servers {
    pub async fn start(table: &Table) -> Result<Self, Failure> {
        let (listener, page) = listen().await?;
        let routes = Router::new()
            .route("/", get(|| async { Html(PAGE) }))
            .route("/steps.js", get(|| async { ([(CONTENT_TYPE, "text/javascript")], STEPS) }));
        tokio::spawn(async { axum::serve(listener, routes).await });
        let policies = policies(table, &page)?;
        let fetch = start_assets(Fetch, &policies, &page).await?;
        let s3 = start_assets(S3::default(), &policies, &page).await?;
        Ok(Servers { page, fetch, s3 })
    }

    pub fn assets(&self, dialect: Dialect) -> &Assets {
        match dialect {
            Dialect::Fetch => &self.fetch,
            Dialect::S3 => &self.s3,
        }
    }
}

/// Maps the paths of each case and engine to the case's policy. The paths differ because caches are keyed by URL.
fn policies(table: &Table, page: &str) -> Result<Policies, Failure> {
    let mut policies = HashMap::new();
    for case in &table.cases {
        let policy = case.policy(page)?;
        for engine in Engine::ALL {
            if policies.insert(case.path(engine), policy.clone()).is_some() {
                return Err(format!("duplicate case {:?}", case.name).into());
            }
        }
    }
    Ok(Arc::new(policies))
}

async fn start_assets<D>(dialect: D, policies: &Policies, page: &str) -> Result<Assets, Failure>
where
    D: tower_s3_cors::dialect::Dialect<Body> + Clone + Send + Sync + 'static,
{
    let (listener, origin) = listen().await?;
    let (third_listener, third_origin) = listen().await?;
    let seen = Seen::default();
    for (listener, server) in [(listener, ""), (third_listener, "elsewhere")] {
        let recorder = Recorder { seen: seen.clone(), server, page: page.to_owned() };
        let policies = policies.clone();
        let policy = move |uri: &Uri, _: &HeaderMap| policies.get(split(uri.path()).0).cloned();
        let service = ServiceBuilder::new()
            .layer(from_fn_with_state(recorder, record))
            .layer(CorsLayer::from_source(policy).dialect(dialect.clone()))
            .service(assets(third_origin.clone()));
        let service = ServiceExt::<Request>::into_make_service(service);
        tokio::spawn(async { axum::serve(listener, service).await });
    }
    Ok(Assets { origin, seen })
}

pub async fn listen() -> Result<(TcpListener, String), Failure> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let origin = format!("http://{}", listener.local_addr()?);
    Ok((listener, origin))
}
