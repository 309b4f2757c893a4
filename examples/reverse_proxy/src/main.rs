//! S3 CORS for stores that have none: a proxy before any S3-compatible store.
//! `cargo run -p reverse_proxy -- --store http://127.0.0.1:9000 --rules rules --admin 127.0.0.1:8001`
//!
//! `cors.rs` has the layer and the operations on rules, `rules.rs` keeps the rules, `store.rs` forwards.

mod cors;
mod error;
mod options;
mod rules;
mod stop;
mod store;
mod target;
mod upload;

use std::convert::Infallible;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::HOST;
use http::{Request, Response, StatusCode};
use http_body_util::{Either, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::time::sleep;
use tower::{service_fn, ServiceBuilder};

use cors::BucketRules;
use error::Error;
use options::{Options, HELP};
use rules::Rules;
use stop::Stop;
use store::Store;
use target::Target;

/// How long to wait if no connection can be accepted, for want of file descriptors for example.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

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

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let Some(options) = Options::parse(std::env::args().skip(1))? else {
        print!("{HELP}");
        return Ok(());
    };
    let source = BucketRules {
        rules: Arc::new(Rules::open(&options.rules, |line| eprintln!("{line}"))?),
        domains: options.domains.into(),
    };
    let mut stop = Stop::prepare()?;
    let listener = options::bind(&options.listen).await?;
    let mut ours = vec![listener.local_addr()?];
    let admin = match &options.admin {
        Some(address) => Some(options::bind(address).await?),
        None => None,
    };
    ours.extend(admin.as_ref().map(TcpListener::local_addr).transpose()?);
    options::check_loop(&options.store, &ours).await?;

    println!("listening on http://{}", ours[0]);
    match ours.get(1) {
        Some(address) => println!("rules are changed at http://{address}"),
        None => println!("rules are those of the folder {}", options.rules.display()),
    }
    let store = Arc::new(Store::new(options.store));
    let connections = GracefulShutdown::new();
    let admin = async {
        match admin {
            Some(admin) => serve(admin, Proxy::new(&source, &store, true), &connections).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = serve(listener, Proxy::new(&source, &store, false), &connections) => {}
        () = admin => {}
        () = stop.wait() => {}
    }
    tokio::select! {
        () = connections.shutdown() => Ok(()),
        () = stop.wait() => Err("stopped by a second signal".into()),
        () = sleep(options.grace) => {
            Err(format!("some requests were still running after {:?}", options.grace).into())
        }
    }
}

/// The body of a response: a short one of the proxy's own, or the store's, which is streamed.
type Body = Either<Full<Bytes>, Incoming>;

/// What answers the requests of one listener.
#[derive(Clone)]
struct Proxy {
    source: BucketRules,
    store: Arc<Store>,
    /// Whether rules are read and changed here.
    is_admin: bool,
}

impl Proxy {
    fn new(source: &BucketRules, store: &Arc<Store>, is_admin: bool) -> Self {
        Proxy { source: source.clone(), store: Arc::clone(store), is_admin }
    }

    async fn respond(self, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
        Ok(self.try_respond(request).await.unwrap_or_else(|error| error.response()))
    }

    async fn try_respond(&self, request: Request<Incoming>) -> Result<Response<Body>, Error> {
        if request.headers().get_all(HOST).iter().count() > 1 {
            // The store might take another one than the one whose rules count.
            return Err(Error::new(StatusCode::BAD_REQUEST, "InvalidRequest", "Send one Host header."));
        }
        let target = Target::new(request.uri(), request.headers(), &self.source.domains);
        let rules = &self.source.rules;
        if target.is_cors(request.uri()) {
            if !self.is_admin {
                let message = "The CORS rules are read and changed at the address of --admin only.";
                return Err(Error::new(StatusCode::FORBIDDEN, "AccessDenied", message));
            }
            return cors::handle(rules, target.bucket.as_deref(), request).await;
        }
        let deletes_bucket = target.is_delete_bucket(request.method(), request.uri());
        let response = self.store.forward(request).await?;
        if let Some(bucket) = target.bucket.filter(|_| deletes_bucket && response.status().is_success()) {
            // Who creates a bucket of that name later must not get the rules of this one.
            cors::delete_if_any(rules, &bucket).await?;
        }
        Ok(response)
    }
}

/// Accepts connections until the future is dropped.
async fn serve(listener: TcpListener, proxy: Proxy, connections: &GracefulShutdown) {
    // The layer is outside of all else, so that a page can read the proxy's own errors too.
    let layer = cors::layer(proxy.source.clone());
    let service =
        ServiceBuilder::new().layer(layer).service(service_fn(move |request| proxy.clone().respond(request)));
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).preserve_header_case(true);
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            sleep(ACCEPT_PAUSE).await;
            continue;
        };
        _ = stream.set_nodelay(true);
        let connection =
            builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service.clone()));
        tokio::spawn(connections.watch(connection));
    }
}
