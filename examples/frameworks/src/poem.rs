//! poem: no Tower, but the types of the crate `http`, so a dialect handles its requests.

use poem::listener::TcpAcceptor;
use poem::{get, handler, Endpoint, EndpointExt, Middleware, Request, Response, Route, Server};
use tokio::net::TcpListener;
use tower_s3_cors::dialect::{Dialect, Grant, Verdict};
use tower_s3_cors::{CorsPolicy, Fetch};

use crate::Failure;

pub struct Cors(CorsPolicy);

pub struct CorsEndpoint<E>(CorsPolicy, E);

impl<E: Endpoint> Middleware<E> for Cors {
    type Output = CorsEndpoint<E>;

    fn transform(&self, inner: E) -> Self::Output {
        CorsEndpoint(self.0.clone(), inner)
    }
}

impl<E: Endpoint> Endpoint for CorsEndpoint<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let CorsEndpoint(policy, inner) = self;
        let mut head = http::Request::new(());
        *head.method_mut() = request.method().clone();
        *head.uri_mut() = request.uri().clone();
        *head.headers_mut() = request.headers().clone();
        match Fetch.handle(policy, &mut head) {
            Verdict::Answer(answer) => {
                let (head, ()) = answer.into_parts();
                let mut response = Response::from(head.status);
                *response.headers_mut() = head.headers;
                Ok(response)
            }
            Verdict::Forward(mut grant) => {
                // An error becomes a response here, so that a script can read it.
                let mut response = inner.get_response(request).await;
                grant.write(response.headers_mut());
                Ok(response)
            }
        }
    }
}

#[handler]
fn hello() -> &'static str {
    "hello"
}

pub async fn serve(listener: TcpListener, policy: CorsPolicy) -> Result<(), Failure> {
    let app = Route::new().at("/hello", get(hello)).with(Cors(policy));
    Ok(Server::new_with_acceptor(TcpAcceptor::from_tokio(listener)?).run(app).await?)
}
