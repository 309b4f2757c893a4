//! actix-web: no Tower, and older types, so headers are copied there and back.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::{Error, ErrorBadRequest};
use actix_web::http::header::{self, HeaderMap};
use actix_web::http::StatusCode;
use actix_web::middleware::{from_fn, Next};
use actix_web::{web, App, HttpResponse, HttpServer};
use tower_s3_cors::dialect::{Dialect, Grant, Verdict};
use tower_s3_cors::{CorsPolicy, Fetch};

use crate::Failure;

pub async fn cors(
    policy: web::Data<CorsPolicy>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let mut head = http::Request::new(());
    *head.method_mut() = request.method().as_str().parse().map_err(ErrorBadRequest)?;
    *head.uri_mut() = request.uri().to_string().parse().map_err(ErrorBadRequest)?;
    *head.headers_mut() = read(request.headers());
    match Fetch.handle(policy.get_ref(), &mut head) {
        Verdict::Answer(answer) => {
            let (head, ()) = answer.into_parts();
            let status = StatusCode::from_u16(head.status.as_u16()).unwrap_or_default();
            let mut response = HttpResponse::new(status);
            write(&head.headers, response.headers_mut());
            Ok(request.into_response(response))
        }
        Verdict::Forward(mut grant) => {
            let mut response = next.call(request).await?.map_into_boxed_body();
            let mut headers = read(response.headers());
            grant.write(&mut headers);
            write(&headers, response.headers_mut());
            Ok(response)
        }
    }
}

fn read(headers: &HeaderMap) -> http::HeaderMap {
    let same = |(name, value): (&header::HeaderName, &header::HeaderValue)| {
        let name = http::HeaderName::from_bytes(name.as_str().as_bytes()).ok()?;
        Some((name, http::HeaderValue::from_bytes(value.as_bytes()).ok()?))
    };
    let mut copy = http::HeaderMap::new();
    headers.iter().filter_map(same).for_each(|(name, value)| _ = copy.append(name, value));
    copy
}

fn write(headers: &http::HeaderMap, to: &mut HeaderMap) {
    to.clear();
    for (name, value) in headers {
        let name = header::HeaderName::from_bytes(name.as_str().as_bytes());
        if let (Ok(name), Ok(value)) = (name, header::HeaderValue::from_bytes(value.as_bytes())) {
            to.append(name, value);
        }
    }
}

pub async fn serve(listener: std::net::TcpListener, policy: CorsPolicy) -> Result<(), Failure> {
    let app = move || {
        let hello = web::get().to(|| async { "hello" });
        App::new().app_data(web::Data::new(policy.clone())).wrap(from_fn(cors)).route("/hello", hello)
    };
    Ok(HttpServer::new(app).workers(1).listen(listener)?.run().await?)
}
