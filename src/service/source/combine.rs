//! Sources made of other sources.

use std::collections::BTreeMap;

use http::header::HOST;
use http::Request;

use super::{PolicyLookup, PolicySource};
use crate::service::dialect::ResourceType;
use crate::service::observe::{Observation, Observer};

/// Asks the second source where the first has [no configuration](PolicyLookup::NoConfiguration):
/// [`CorsLayer::or_else`](crate::CorsLayer::or_else).
///
/// ```
/// use tower_s3_cors::source::{ByHost, OrElse};
/// use tower_s3_cors::{CorsLayer, CorsPolicy};
///
/// # fn layer(shop: CorsPolicy, everywhere_else: CorsPolicy) {
/// let layer = CorsLayer::from_source(OrElse(ByHost::from([("shop.example.com", shop)]), everywhere_else));
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct OrElse<P, Q>(pub P, pub Q);

impl<B, P: PolicySource<B>, Q: PolicySource<B>> PolicySource<B> for OrElse<P, Q> {
    fn policy_for<'a>(&'a self, request: &'a Request<B>) -> PolicyLookup<'a> {
        match self.0.policy_for(request) {
            PolicyLookup::NoConfiguration => self.1.policy_for(request),
            found => found,
        }
    }

    fn resource_type(&self, request: &Request<B>) -> Option<ResourceType> {
        self.0.resource_type(request).or_else(|| self.1.resource_type(request))
    }

    fn observer(&self) -> Option<&dyn Observer<B>> {
        match (self.0.observer(), self.1.observer()) {
            (Some(_), Some(_)) => Some(self),
            (first, second) => first.or(second),
        }
    }
}

/// The observers of both sources are told of each request, whichever of them has the policy.
impl<B, P: PolicySource<B>, Q: PolicySource<B>> Observer<B> for OrElse<P, Q> {
    fn observe(&self, request: &Request<B>, observation: &Observation<'_>) {
        for observer in [self.0.observer(), self.1.observer()].into_iter().flatten() {
            observer.observe(request, observation);
        }
    }
}

/// Defines a list of keys with a source each, and its construction as that of a map.
macro_rules! choice {
    ($(#[$documentation:meta])* $name:ident, $normalize:expr, $order:expr, $find:ident) => {
        $(#[$documentation])*
        #[derive(Clone, Debug)]
        pub struct $name<P>(Vec<(String, P)>);

        impl<P, K: Into<String>> FromIterator<(K, P)> for $name<P> {
            fn from_iter<I: IntoIterator<Item = (K, P)>>(entries: I) -> Self {
                let normalize = |(key, source): (K, P)| ($normalize(key.into()), source);
                // As in any map, the last source of a key counts.
                let distinct: BTreeMap<_, _> = entries.into_iter().map(normalize).collect();
                let mut entries: Vec<_> = distinct.into_iter().collect();
                entries.sort_by(|(a, _), (b, _)| $order(a, b));
                $name(entries)
            }
        }

        impl<P, K: Into<String>, const N: usize> From<[(K, P); N]> for $name<P> {
            fn from(entries: [(K, P); N]) -> Self {
                entries.into_iter().collect()
            }
        }

        impl<B, P: PolicySource<B>> PolicySource<B> for $name<P> {
            fn policy_for<'a>(&'a self, request: &'a Request<B>) -> PolicyLookup<'a> {
                let source = $find(&self.0, request);
                source.map_or(PolicyLookup::NoConfiguration, |source| source.policy_for(request))
            }

            fn resource_type(&self, request: &Request<B>) -> Option<ResourceType> {
                $find(&self.0, request)?.resource_type(request)
            }
        }
    };
}

choice! {
    /// Chooses a source by the host that the request names, in any case and with or without a dot at its end; for any other
    /// host there is [no configuration](PolicyLookup::NoConfiguration).
    ///
    /// A key with a port, such as `localhost:3000`, is for that port alone, and comes before one without, which is for all
    /// ports. The host is that of the target if it has one, as under HTTP/2, else that of `Host`. A cache keeps answers apart
    /// by both.
    ///
    /// ```
    /// use tower_s3_cors::source::ByHost;
    /// use tower_s3_cors::{CorsLayer, CorsPolicy};
    ///
    /// # fn layer(shop: CorsPolicy, blog: CorsPolicy, other: CorsPolicy) {
    /// let hosts = ByHost::from([("shop.example.com", shop), ("blog.example.com", blog)]);
    /// let layer = CorsLayer::from_source(hosts).or_else(other);
    /// # }
    /// ```
    ByHost, host_key, |a: &str, b: &str| a.cmp(b), by_host
}

choice! {
    /// Chooses a source by the longest prefix of the path, in whole segments: `/api` is a prefix of `/api` and `/api/users`
    /// and not of `/apis`. For any other path there is [no configuration](PolicyLookup::NoConfiguration).
    ///
    /// The path is compared as it was sent, without decoding `%2F`, resolving `..` or merging `//`. The time is linear in the
    /// number of prefixes. Their slashes at the start and at the end may be left out.
    ///
    /// ```
    /// use tower_s3_cors::source::ByPathPrefix;
    /// use tower_s3_cors::{CorsLayer, CorsPolicy, PolicyLookup};
    ///
    /// # fn layer(policy: CorsPolicy) {
    /// let prefixes = ByPathPrefix::from([("/", policy.into()), ("/admin", PolicyLookup::NotOurs)]);
    /// let layer = CorsLayer::from_source(prefixes);
    /// # }
    /// ```
    ByPathPrefix, path_prefix, |a: &str, b: &str| b.len().cmp(&a.len()), by_path_prefix
}

choice! {
    /// Chooses a source by the file extension at the end of the path, with or without its dot and in any case: fonts and
    /// modules need CORS, images and styles mostly do not. For any other path there is
    /// [no configuration](PolicyLookup::NoConfiguration).
    ///
    /// ```
    /// use tower_s3_cors::source::ByFileExtension;
    /// use tower_s3_cors::{CorsLayer, CorsPolicy};
    ///
    /// # fn layer(fonts: CorsPolicy) {
    /// let fonts = ["woff2", "woff", "ttf"].map(|extension| (extension, fonts.clone()));
    /// let layer = CorsLayer::from_source(ByFileExtension::from(fonts));
    /// # }
    /// ```
    ByFileExtension, file_extension, |a: &str, b: &str| a.cmp(b), by_file_extension
}

fn by_host<'s, B, P>(entries: &'s [(String, P)], request: &Request<B>) -> Option<&'s P> {
    let (name, port) = split_port(host(request)?);
    let name = without_last_dot(name).bytes();
    let with_port = port.and_then(|port| find(entries, name.clone().chain([b':']).chain(port.bytes())));
    with_port.or_else(|| find(entries, name))
}

fn by_file_extension<'s, B, P>(entries: &'s [(String, P)], request: &Request<B>) -> Option<&'s P> {
    let name = request.uri().path().rsplit('/').next()?;
    find(entries, name.rsplit_once('.')?.1.bytes())
}

fn by_path_prefix<'s, B, P>(entries: &'s [(String, P)], request: &Request<B>) -> Option<&'s P> {
    let is_prefix = |prefix: &str| {
        let rest = request.uri().path().strip_prefix(prefix);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    entries.iter().find(|(prefix, _)| is_prefix(prefix)).map(|(_, source)| source)
}

fn host_key(host: String) -> String {
    let (name, port) = split_port(&host);
    let colon = port.map_or("", |_| ":");
    [&without_last_dot(name).to_ascii_lowercase(), colon, port.unwrap_or_default()].concat()
}

fn file_extension(extension: String) -> String {
    extension.strip_prefix('.').unwrap_or(&extension).to_ascii_lowercase()
}

/// With a slash at its start, as every path has one, and none at its end; empty for all paths.
fn path_prefix(mut prefix: String) -> String {
    prefix.truncate(prefix.trim_end_matches('/').len());
    if !prefix.is_empty() && !prefix.starts_with('/') {
        prefix.insert(0, '/');
    }
    prefix
}

/// The entry with this key in any case. Keys are in lower case, and sorted.
fn find<P>(entries: &[(String, P)], key: impl Iterator<Item = u8> + Clone) -> Option<&P> {
    let key = key.map(|byte| byte.to_ascii_lowercase());
    let found = entries.binary_search_by(|(entry, _)| entry.bytes().cmp(key.clone())).ok()?;
    entries.get(found).map(|(_, source)| source)
}

/// The host of the target or of `Host`, perhaps with a port.
fn host<B>(request: &Request<B>) -> Option<&str> {
    match request.uri().authority() {
        Some(authority) => authority.as_str().rsplit('@').next(),
        None => request.headers().get(HOST)?.to_str().ok(),
    }
}

/// Pages can ask for `example.com.` too, which is the same host: another policy must not apply to it.
fn without_last_dot(host: &str) -> &str {
    host.strip_suffix('.').unwrap_or(host)
}

fn split_port(host: &str) -> (&str, Option<&str>) {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
            (name, Some(port).filter(|port| !port.is_empty()))
        }
        _ => (host, None),
    }
}
