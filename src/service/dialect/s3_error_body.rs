//! How S3 refuses a preflight: status, code and message in its own words, and the XML body around them.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderValue, Request, Response, StatusCode, Uri};

use super::headers::add;
use super::respond;
use crate::config::xml::{is_char, push_element};
use crate::policy::CorsRequest;

/// The type of the resource that a request names: the `ResourceType` of an error body.
///
/// ```
/// use tower_s3_cors::ResourceType;
///
/// assert_eq!(ResourceType::BUCKET.as_str(), "BUCKET");
/// // What Amazon S3 was seen to answer for `?uploads`.
/// const UPLOADS: ResourceType = ResourceType::from_static("UPLOADS");
/// assert_ne!(UPLOADS, ResourceType::OBJECT);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ResourceType(&'static str);

impl ResourceType {
    /// `BUCKET`
    pub const BUCKET: ResourceType = ResourceType("BUCKET");

    /// `OBJECT`
    pub const OBJECT: ResourceType = ResourceType("OBJECT");

    /// A type of another name, such as `UPLOADS`.
    pub const fn from_static(name: &'static str) -> Self {
        ResourceType(name)
    }

    /// The name.
    pub const fn as_str(&self) -> &'static str {
        self.0
    }
}

/// The functions of the server that give the elements of an error body.
#[derive(Clone, Default)]
pub(super) struct ErrorContext {
    pub(super) request_id: Option<Arc<IdFn>>,
    pub(super) host_id: Option<Arc<IdFn>>,
    pub(super) resource_type: Option<Arc<ResourceTypeFn>>,
}

pub(super) type IdFn = dyn Fn(&Parts) -> Option<String> + Send + Sync;
pub(super) type ResourceTypeFn = dyn Fn(&Parts) -> ResourceType + Send + Sync;

/// A refused preflight.
pub(super) struct Refusal {
    status: StatusCode,
    /// The body as far as the method.
    body: String,
    resource_type: Option<Named>,
}

/// Which ResourceType the body has.
enum Named {
    /// The bucket's, whatever the target: there are no rules to hold the target against.
    Bucket,
    OfRequest,
}

impl Refusal {
    pub(super) fn no_origin() -> Self {
        Self::bad_request("Insufficient information. Origin request header needed.")
    }

    pub(super) fn invalid_method(method: &[u8]) -> Self {
        Self::bad_request(&format!("Invalid Access-Control-Request-Method: {}", text(method)))
    }

    pub(super) fn invalid_name(element: &[u8]) -> Self {
        let element = text(element);
        Self::bad_request(&format!(
            "Access-Control-Request-Headers \"{element}\" contains invalid character."
        ))
    }

    pub(super) fn no_such_bucket(asked: &CorsRequest<'_>) -> Self {
        Self::forbidden(asked, Named::Bucket, "CORSResponse: Bucket not found")
    }

    pub(super) fn no_configuration(asked: &CorsRequest<'_>) -> Self {
        Self::forbidden(asked, Named::Bucket, "CORSResponse: CORS is not enabled for this bucket.")
    }

    pub(super) fn no_match(asked: &CorsRequest<'_>) -> Self {
        // "evalution" is how S3 spells it.
        let message = "CORSResponse: This CORS request is not allowed. This is usually because the evalution of \
                       Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers \
                       are not whitelisted by the resource's CORS spec.";
        Self::forbidden(asked, Named::OfRequest, message)
    }

    fn bad_request(message: &str) -> Self {
        let mut body = start("BadRequest");
        push_element(&mut body, "Message", message);
        Refusal { status: StatusCode::BAD_REQUEST, body, resource_type: None }
    }

    /// `message` is our own text, in which there is nothing to escape.
    fn forbidden(asked: &CorsRequest<'_>, resource_type: Named, message: &'static str) -> Self {
        let mut body = start("AccessForbidden");
        ["<Message>", message, "</Message>"].into_iter().for_each(|part| body.push_str(part));
        push_element(&mut body, "Method", &text(asked.method()));
        Refusal { status: StatusCode::FORBIDDEN, body, resource_type: Some(resource_type) }
    }

    /// The response, in the map of the request's headers.
    pub(super) fn respond<A, B: From<Bytes>>(
        mut self,
        request: &mut Request<A>,
        context: Option<&ErrorContext>,
    ) -> Response<B> {
        match context {
            Some(context) => self.push_context(request, context),
            None => self.push_resource_type(|| default_type(request.uri())),
        }
        self.body.push_str("</Error>");
        let headers = request.headers_mut();
        headers.clear();
        add(headers, CONTENT_TYPE, const { HeaderValue::from_static("application/xml") });
        respond(self.status, headers, B::from(Bytes::from(self.body)))
    }

    fn push_context<A>(&mut self, request: &mut Request<A>, context: &ErrorContext) {
        let parts = take_parts(request);
        self.push_resource_type(|| {
            context.resource_type.as_ref().map_or_else(|| default_type(&parts.uri), |of| of(&parts))
        });
        for (name, id) in [("RequestId", &context.request_id), ("HostId", &context.host_id)] {
            if let Some(id) = id.as_ref().and_then(|id| id(&parts)) {
                push_element(&mut self.body, name, &id);
            }
        }
        *request.headers_mut() = parts.headers;
    }

    fn push_resource_type(&mut self, of_request: impl FnOnce() -> ResourceType) {
        let resource_type = match self.resource_type {
            None => return,
            Some(Named::Bucket) => ResourceType::BUCKET,
            Some(Named::OfRequest) => of_request(),
        };
        push_element(&mut self.body, "ResourceType", resource_type.as_str());
    }
}

fn default_type(uri: &Uri) -> ResourceType {
    if uri.path() == "/" {
        ResourceType::BUCKET
    } else {
        ResourceType::OBJECT
    }
}

fn start(code: &'static str) -> String {
    // Enough for the elements of a usual refusal, so that its text is allocated once.
    let mut body = String::with_capacity(640);
    let parts = ["<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>", code, "</Code>"];
    parts.into_iter().for_each(|part| body.push_str(part));
    body
}

/// The request without its body, for the functions of the server.
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
fn text(bytes: &[u8]) -> Cow<'_, str> {
    let text = String::from_utf8_lossy(bytes);
    if text.chars().all(is_char) {
        return text;
    }
    text.chars().map(|c| if is_char(c) { c } else { char::REPLACEMENT_CHARACTER }).collect()
}
