//! How S3 refuses a preflight: status, code and message in its own words, and the XML body around them.

use std::borrow::Cow;

use bytes::Bytes;
use http::request::Parts;
use http::{Request, StatusCode};

use super::s3_settings::Settings;
use crate::config::{is_xml_char, push_element, S3_METHODS};
use crate::policy::CorsRequest;
use crate::service::source::PolicyLookup;

/// The type of the resource that a request names: the `ResourceType` of an error body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ResourceType(&'static str);

impl ResourceType {
    /// `BUCKET`
    pub const BUCKET: ResourceType = ResourceType("BUCKET");

    /// `OBJECT`
    pub const OBJECT: ResourceType = ResourceType("OBJECT");

    /// A type of another name, such as `UPLOADS`, which Amazon S3 was seen to answer for `?uploads`.
    pub const fn from_static(name: &'static str) -> Self {
        ResourceType(name)
    }

    /// The name.
    pub const fn as_str(&self) -> &'static str {
        self.0
    }
}

const RESOURCE_TYPE: &str = "ResourceType";
// "evalution" is how S3 spells it.
const NO_MATCH: &str = "CORSResponse: This CORS request is not allowed. This is usually because the evalution of \
                        Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers \
                        are not whitelisted by the resource's CORS spec.";

/// Why S3 refuses a preflight.
pub(super) struct Refusal {
    status: StatusCode,
    /// The body as far as the elements that depend on the server.
    body: String,
    /// Whether the ResourceType of the request comes next.
    names_resource: bool,
}

impl Refusal {
    pub(super) fn no_origin() -> Self {
        Self::bad_request("Insufficient information. Origin request header needed.")
    }

    /// Why a preflight is refused, in the order in which S3 looks.
    pub(super) fn new(
        lookup: &PolicyLookup<'_>,
        asked: &CorsRequest<'_>,
        invalid_name: Option<&[u8]>,
        settings: Option<&Settings>,
    ) -> Self {
        let is_uniform = settings.is_some_and(|settings| settings.uniform_refusals);
        // Which methods are known would tell a bucket with an extended policy from one that is not there.
        let is_extended =
            is_uniform || matches!(lookup, PolicyLookup::Policy(policy) if policy.is_extended());
        let is_known = |method| is_extended || S3_METHODS.iter().any(|known| known.as_bytes() == method);
        if let Some(method) = asked.requested_method().filter(|method| !is_known(*method)).map(text) {
            return Self::bad_request(&format!("Invalid Access-Control-Request-Method: {method}"));
        }
        if let Some(element) = invalid_name.map(text) {
            return Self::bad_request(&format!(
                "Access-Control-Request-Headers \"{element}\" contains invalid character."
            ));
        }
        let (message, names_resource) = match lookup {
            _ if is_uniform => (NO_MATCH, true),
            // Not of the resource, whatever the target: there are no rules to hold the target against.
            PolicyLookup::NoSuchBucket => ("CORSResponse: Bucket not found", false),
            PolicyLookup::NoConfiguration => ("CORSResponse: CORS is not enabled for this bucket.", false),
            _ => (NO_MATCH, true),
        };
        let mut body = start("AccessForbidden");
        // Our own text, in which there is nothing to escape.
        body.extend(["<Message>", message, "</Message>"]);
        push_element(&mut body, "Method", &text(asked.method()));
        if !names_resource {
            push_element(&mut body, RESOURCE_TYPE, ResourceType::BUCKET.as_str());
        }
        Refusal { status: StatusCode::FORBIDDEN, body, names_resource }
    }

    fn bad_request(message: &str) -> Self {
        let mut body = start("BadRequest");
        push_element(&mut body, "Message", message);
        Refusal { status: StatusCode::BAD_REQUEST, body, names_resource: false }
    }

    /// The status and the body. The resource type is that of the source, if it says one.
    pub(super) fn finish<A>(
        mut self,
        request: &mut Request<A>,
        settings: Option<&Settings>,
        resource_type: Option<ResourceType>,
    ) -> (StatusCode, Bytes) {
        let of_path = if request.uri().path() == "/" { ResourceType::BUCKET } else { ResourceType::OBJECT };
        let default = resource_type.unwrap_or(of_path);
        if let Some(settings) = settings {
            self.push_context(request, settings, default);
        } else if self.names_resource {
            push_element(&mut self.body, RESOURCE_TYPE, default.as_str());
        }
        self.body.push_str("</Error>");
        (self.status, Bytes::from(self.body))
    }

    fn push_context<A>(&mut self, request: &mut Request<A>, settings: &Settings, default: ResourceType) {
        let parts = take_parts(request);
        if self.names_resource {
            let resource_type = settings.resource_type.as_ref().map_or(default, |of| of(&parts));
            push_element(&mut self.body, RESOURCE_TYPE, resource_type.as_str());
        }
        for (name, id) in [("RequestId", &settings.request_id), ("HostId", &settings.host_id)] {
            if let Some(id) = id.as_ref().and_then(|id| id(&parts)) {
                push_element(&mut self.body, name, &id);
            }
        }
        *request.headers_mut() = parts.headers;
    }
}

fn start(code: &'static str) -> String {
    // Enough for all elements of a refusal, so that the text is allocated once.
    let mut body = String::with_capacity(640);
    body.extend(["<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>", code, "</Code>"]);
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
    if text.chars().all(is_xml_char) {
        return text;
    }
    text.replace(|c| !is_xml_char(c), "\u{fffd}").into()
}
