//! S3's errors: a status, a code, a message, and an XML body with the ids of the request.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::Extension;

use crate::request_info::RequestInfo;
use crate::xml::{self, element};

#[derive(Clone, Debug)]
pub struct Error {
    status: StatusCode,
    elements: String,
}

impl Error {
    pub fn new(status: StatusCode, code: &str, message: &str) -> Self {
        Error { status, elements: element("Code", code) + &element("Message", message) }
    }

    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.elements += &element(name, &value.to_string());
        self
    }

    pub fn not_found(code: &str, message: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, message)
    }

    pub fn no_such_bucket(name: &str) -> Self {
        Self::not_found("NoSuchBucket", "The specified bucket does not exist").with("BucketName", name)
    }

    pub fn no_such_key(key: &str) -> Self {
        Self::not_found("NoSuchKey", "The specified key does not exist.").with("Key", key)
    }

    pub fn too_large(code: &str, message: &str, size: usize, limit: usize) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message).with("Size", size).with("MaxSizeAllowed", limit)
    }

    pub fn malformed_xml() -> Self {
        let message =
            "The XML you provided was not well-formed or did not validate against our published schema";
        Self::new(StatusCode::BAD_REQUEST, "MalformedXML", message)
    }

    pub fn incomplete_body() -> Self {
        let message = "The request body terminated unexpectedly";
        Self::new(StatusCode::BAD_REQUEST, "IncompleteBody", message)
    }

    pub fn not_implemented(header: &str) -> Self {
        let message = "A header you provided implies functionality that is not implemented";
        Self::new(StatusCode::NOT_IMPLEMENTED, "NotImplemented", message).with("Header", header)
    }
}

pub async fn not_allowed(Extension(info): Extension<Arc<RequestInfo>>, method: Method) -> Error {
    let resource = match (info.bucket(), info.is_object()) {
        (None, _) => "SERVICE",
        (_, false) => "BUCKET",
        (_, true) => "OBJECT",
    };
    let message = "The specified method is not allowed against this resource.";
    Error::new(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", message)
        .with("Method", method)
        .with("ResourceType", resource)
}

/// Stores the error in the response's extensions: a handler does not know the ids of its request, so
/// [`write_body`] writes the body later.
impl IntoResponse for Error {
    fn into_response(self) -> Response {
        (self.status, Extension(self)).into_response()
    }
}

/// Writes the XML body of a response that holds an [`Error`].
pub async fn write_body(
    Extension(info): Extension<Arc<RequestInfo>>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let Some(error) = response.extensions_mut().remove::<Error>() else {
        return response;
    };
    let ids = element("RequestId", &info.request_id) + &element("HostId", info.host_id);
    let body = format!("{}<Error>{}{ids}</Error>", xml::DECLARATION, error.elements);
    let (mut head, _) = response.into_parts();
    head.headers.extend(xml::content_type());
    Response::from_parts(head, Body::from(body))
}
