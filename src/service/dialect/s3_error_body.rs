//! How S3 refuses a preflight: status, code and message in its own words, and the XML body around them.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderValue, Request, Response, StatusCode};

use super::headers::add;
use super::respond;
use crate::config::xml::{is_char, push_element};
use crate::policy::CorsRequest;

/// What a request is aimed at: the `ResourceType` of an error body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ResourceType {
    /// `BUCKET`
    Bucket,
    /// `OBJECT`
    Object,
}

impl ResourceType {
    fn as_str(self) -> &'static str {
        match self {
            ResourceType::Bucket => "BUCKET",
            ResourceType::Object => "OBJECT",
        }
    }
}

/// What the server knows of a request and an error body tells.
#[derive(Clone, Default)]
pub(super) struct ErrorContext {
    pub(super) request_id: Option<Arc<IdFn>>,
    pub(super) host_id: Option<Arc<IdFn>>,
    pub(super) resource_type: Option<Arc<ResourceTypeFn>>,
}

pub(super) type IdFn = dyn Fn(&Parts) -> Option<String> + Send + Sync;
pub(super) type ResourceTypeFn = dyn Fn(&Parts) -> ResourceType + Send + Sync;

impl ErrorContext {
    fn resource_type(&self, request: &Parts) -> ResourceType {
        match &self.resource_type {
            Some(resource_type) => resource_type(request),
            None if request.uri.path() == "/" => ResourceType::Bucket,
            None => ResourceType::Object,
        }
    }
}

/// Why S3 refuses a preflight.
pub(super) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: Cow<'static, str>,
    method: Option<String>,
    resource: Option<Resource>,
}

/// What the body names as ResourceType.
enum Resource {
    /// The bucket, whatever the target: there are no rules to hold the target against.
    Bucket,
    OfRequest,
}

impl Refusal {
    pub(super) fn no_origin() -> Self {
        Self::bad_request("Insufficient information. Origin request header needed.".into())
    }

    pub(super) fn invalid_method(method: &[u8]) -> Self {
        Self::bad_request(format!("Invalid Access-Control-Request-Method: {}", text(method)).into())
    }

    pub(super) fn invalid_name(element: &[u8]) -> Self {
        let element = text(element);
        let message = format!("Access-Control-Request-Headers \"{element}\" contains invalid character.");
        Self::bad_request(message.into())
    }

    pub(super) fn no_such_bucket(asked: &CorsRequest<'_>) -> Self {
        Self::forbidden(asked, Resource::Bucket, "CORSResponse: Bucket not found")
    }

    pub(super) fn no_configuration(asked: &CorsRequest<'_>) -> Self {
        Self::forbidden(asked, Resource::Bucket, "CORSResponse: CORS is not enabled for this bucket.")
    }

    pub(super) fn no_match(asked: &CorsRequest<'_>) -> Self {
        // "evalution" is how S3 spells it.
        let message = "CORSResponse: This CORS request is not allowed. This is usually because the evalution of \
                       Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers \
                       are not whitelisted by the resource's CORS spec.";
        Self::forbidden(asked, Resource::OfRequest, message)
    }

    fn bad_request(message: Cow<'static, str>) -> Self {
        Refusal { status: StatusCode::BAD_REQUEST, code: "BadRequest", message, method: None, resource: None }
    }

    fn forbidden(asked: &CorsRequest<'_>, resource: Resource, message: &'static str) -> Self {
        Refusal {
            status: StatusCode::FORBIDDEN,
            code: "AccessForbidden",
            message: message.into(),
            method: Some(text(asked.method())),
            resource: Some(resource),
        }
    }

    pub(super) fn respond<A, B: From<Bytes>>(
        self,
        request: &mut Request<A>,
        about: &ErrorContext,
    ) -> Response<B> {
        let mut parts = take_parts(request);
        let body = self.body(&parts, about);
        parts.headers.clear();
        add(&mut parts.headers, CONTENT_TYPE, const { HeaderValue::from_static("application/xml") });
        respond(self.status, &mut parts.headers, B::from(Bytes::from(body)))
    }

    fn body(&self, request: &Parts, about: &ErrorContext) -> String {
        let resource = self.resource.as_ref().map(|resource| match resource {
            Resource::Bucket => ResourceType::Bucket,
            Resource::OfRequest => about.resource_type(request),
        });
        let request_id = about.request_id.as_ref().and_then(|id| id(request));
        let host_id = about.host_id.as_ref().and_then(|id| id(request));
        let elements = [
            ("Code", Some(self.code)),
            ("Message", Some(&*self.message)),
            ("Method", self.method.as_deref()),
            ("ResourceType", resource.map(ResourceType::as_str)),
            ("RequestId", request_id.as_deref()),
            ("HostId", host_id.as_deref()),
        ];
        let mut body = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>");
        for (name, value) in elements {
            if let Some(value) = value {
                push_element(&mut body, name, value);
            }
        }
        body.push_str("</Error>");
        body
    }
}

/// The request without its body, for the closures of the dialect.
fn take_parts<A>(request: &mut Request<A>) -> Parts {
    let (mut parts, ()) = Request::new(()).into_parts();
    parts.method = std::mem::take(request.method_mut());
    parts.uri = std::mem::take(request.uri_mut());
    parts.version = request.version();
    parts.headers = std::mem::take(request.headers_mut());
    parts.extensions = std::mem::take(request.extensions_mut());
    parts
}

/// Bytes of a request as text that an XML document can carry.
fn text(bytes: &[u8]) -> String {
    let replace = |c| if is_char(c) { c } else { char::REPLACEMENT_CHARACTER };
    String::from_utf8_lossy(bytes).chars().map(replace).collect()
}
