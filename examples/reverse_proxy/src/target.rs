//! What a request is about: the bucket that it names, and whether it is one of the three CORS operations.

use http::header::HOST;
use http::{HeaderMap, Method, Uri};
use percent_encoding::percent_decode_str;

/// Parameters of a query that say who asks, not what is asked for.
const OF_SIGNATURES: [&str; 4] = ["x-id", "awsaccesskeyid", "signature", "expires"];

/// The domains of `--domain`, in lower case: `photos.s3.example.com` then names the bucket `photos`.
pub type Domains = [String];

pub struct Target {
    /// As the request names it, decoded: it need not be a valid name.
    pub bucket: Option<String>,
    pub is_object: bool,
}

impl Target {
    pub fn new(uri: &Uri, headers: &HeaderMap, domains: &Domains) -> Self {
        let path = uri.path().strip_prefix('/').unwrap_or_default();
        if let Some(bucket) = bucket_of_host(uri, headers, domains) {
            return Target { bucket: Some(bucket), is_object: !path.is_empty() };
        }
        let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
        let bucket = percent_decode_str(bucket).decode_utf8_lossy().into_owned();
        Target { bucket: Some(bucket).filter(|name| !name.is_empty()), is_object: !key.is_empty() }
    }

    /// Whether the request is about the bucket's CORS rules. The store must never see it: one that does not know `?cors`
    /// would take `DELETE /photos?cors` as DeleteBucket.
    pub fn is_cors(&self, uri: &Uri) -> bool {
        !self.is_object && parameters(uri).any(|name| name == "cors")
    }

    pub fn is_delete_bucket(&self, method: &Method, uri: &Uri) -> bool {
        let is_of_signature =
            |name: String| name.starts_with("x-amz-") || OF_SIGNATURES.contains(&name.as_str());
        method == Method::DELETE
            && self.bucket.is_some()
            && !self.is_object
            && parameters(uri).all(|name| is_of_signature(name.to_ascii_lowercase()))
    }
}

/// The names of the query's parameters.
fn parameters(uri: &Uri) -> impl Iterator<Item = String> + '_ {
    form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).map(|(name, _)| name.into_owned())
}

/// The bucket of virtual-hosted style; `None` if the host is not below one of the domains.
fn bucket_of_host(uri: &Uri, headers: &HeaderMap, domains: &Domains) -> Option<String> {
    let host = match uri.host() {
        Some(host) => host,
        None => host_without_port(headers.get(HOST)?.to_str().ok()?),
    };
    let host = host.to_ascii_lowercase();
    let bucket = domains.iter().find_map(|domain| host.strip_suffix(domain)?.strip_suffix('.'))?;
    Some(bucket.to_owned())
}

fn host_without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

/// S3's rules for the characters of a name, and its length. They leave no way out of a folder: a name has no slash and
/// does not begin with a dot.
pub fn is_bucket_name(name: &str) -> bool {
    let is_inner = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_');
    (3..=63).contains(&name.len())
        && name.bytes().all(is_inner)
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.ends_with(|c: char| c.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(host: &str, uri: &str) -> (Target, Uri) {
        let uri: Uri = uri.parse().expect("a target");
        let headers = HeaderMap::from_iter([(HOST, host.parse().expect("a host"))]);
        let domains = ["s3.example.com".to_owned(), "localhost".to_owned()];
        (Target::new(&uri, &headers, &domains), uri)
    }

    #[test]
    fn bucket_is_found_in_path_and_host() {
        // Host, target, bucket, whether it is about an object.
        let cases = [
            ("127.0.0.1:80", "/", None, false),
            ("127.0.0.1:80", "/photos", Some("photos"), false),
            ("127.0.0.1:80", "/photos/", Some("photos"), false),
            ("127.0.0.1:80", "/photos?cors", Some("photos"), false),
            ("127.0.0.1:80", "/photos/a/b", Some("photos"), true),
            ("127.0.0.1:80", "/photos//", Some("photos"), true),
            ("127.0.0.1:80", "//photos/a", None, true),
            ("127.0.0.1:80", "/%70hotos/a", Some("photos"), true),
            ("127.0.0.1:80", "/a%2Fb/c", Some("a/b"), true),
            ("[::1]:80", "/photos", Some("photos"), false),
            ("s3.example.com", "/photos/a", Some("photos"), true),
            ("photos.s3.example.com", "/", Some("photos"), false),
            ("photos.s3.example.com:8000", "/a", Some("photos"), true),
            ("PHOTOS.S3.example.com", "/a", Some("photos"), true),
            ("a.b.s3.example.com", "/a", Some("a.b"), true),
            ("photos.localhost:8000", "/a", Some("photos"), true),
            ("photosS3.example.com", "/a", Some("a"), false),
            ("photos.other.example.com", "/a", Some("a"), false),
            ("other.example.com", "http://photos.s3.example.com/a", Some("photos"), true),
        ];
        for (host, uri, bucket, is_object) in cases {
            let (target, _) = target(host, uri);
            assert_eq!((target.bucket.as_deref(), target.is_object), (bucket, is_object), "{host} {uri}");
        }
    }

    #[test]
    fn cors_operations_are_those_of_a_bucket() {
        let cases = [
            ("/photos?cors", true),
            ("/photos/?cors=", true),
            ("/photos?x-id=PutBucketCors&cors", true),
            ("/photos?%63ors", true),
            ("/?cors", true),
            ("/photos?Cors", false),
            ("/photos?prefix=cors", false),
            ("/photos?policy", false),
            ("/photos/a?cors", false),
            ("/photos", false),
        ];
        for (uri, is_cors) in cases {
            let (target, uri) = target("127.0.0.1", uri);
            assert_eq!(target.is_cors(&uri), is_cors, "{uri}");
        }
    }

    #[test]
    fn delete_bucket_has_no_subresource() {
        let presigned = "/photos?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0&x-id=DeleteBucket";
        let cases = [
            ("/photos", true),
            ("/photos/", true),
            (presigned, true),
            ("/photos?AWSAccessKeyId=a&Signature=b&Expires=1", true),
            ("/photos?policy", false),
            ("/photos/a", false),
            ("/", false),
        ];
        for (uri, is_delete) in cases {
            let (target, uri) = target("127.0.0.1", uri);
            assert_eq!(target.is_delete_bucket(&Method::DELETE, &uri), is_delete, "{uri}");
            assert!(!target.is_delete_bucket(&Method::GET, &uri), "{uri}");
        }
    }

    #[test]
    fn name_that_leaves_the_folder_is_invalid() {
        let longest = "b".repeat(63);
        for name in ["abc", "a.b-c_d", "0-9", &longest] {
            assert!(is_bucket_name(name), "{name}");
        }
        let longer = "b".repeat(64);
        for name in [
            "", "ab", &longer, "..", "...", "../abc", ".abc", "abc.", "-abc", "a/b", "a\\b", "a\0b", "Abc",
            "büro",
        ] {
            assert!(!is_bucket_name(name), "{name:?}");
        }
    }
}
