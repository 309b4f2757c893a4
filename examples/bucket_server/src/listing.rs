//! ListObjectsV2, and its first version, ListObjects, which older clients use.

use std::ops::Bound;

use axum::http::StatusCode;
use axum::response::Response;
use percent_encoding::percent_decode_str;

use crate::error::Error;
use crate::objects::Object;
use crate::request_info::RequestInfo;
use crate::store::Bucket;
use crate::xml::{self, element, url};

const MAX_KEYS: usize = 1000;

struct Query<'a> {
    prefix: &'a str,
    delimiter: &'a str,
    /// The last name of the previous page; the listing starts after it.
    after: String,
    max_keys: usize,
    is_v2: bool,
    url_encoded: bool,
}

enum Entry<'a> {
    Object(&'a str, &'a Object),
    /// The common prefix, up to a delimiter, of several keys.
    CommonPrefix(&'a str),
}

pub fn list_objects(name: &str, bucket: &Bucket, info: &RequestInfo) -> Result<Response, Error> {
    let query = Query::from_info(info)?;
    let mut entries = query.entries(bucket);
    let page: Vec<Entry<'_>> = entries.by_ref().take(query.max_keys).collect();
    let next = page.last().filter(|_| entries.next().is_some()).map(Entry::name);

    let mut content = element("Name", name) + &query.parameters_xml();
    content += &element("IsTruncated", &next.is_some().to_string());
    content += &query.position_xml(page.len(), next);
    content.extend(page.iter().map(|entry| query.entry_xml(entry)));
    Ok(xml::document("ListBucketResult", &content))
}

impl<'a> Query<'a> {
    fn from_info(info: &'a RequestInfo) -> Result<Self, Error> {
        let text = |name| info.query(name).unwrap_or_default();
        let is_v2 = text("list-type") == "2";
        let after = match (is_v2, info.query("continuation-token")) {
            (false, _) => text("marker").to_owned(),
            (true, Some(token)) => percent_decode_str(token).decode_utf8_lossy().into_owned(),
            (true, None) => text("start-after").to_owned(),
        };
        Ok(Query {
            prefix: text("prefix"),
            delimiter: text("delimiter"),
            after,
            max_keys: max_keys(info.query("max-keys"))?,
            is_v2,
            url_encoded: text("encoding-type") == "url",
        })
    }

    fn entries<'b>(&'b self, bucket: &'b Bucket) -> impl Iterator<Item = Entry<'b>> + 'b {
        let start = self.prefix.max(self.after.as_str());
        let mut last_prefix = None;
        bucket
            .objects
            .range::<str, _>((Bound::Included(start), Bound::Unbounded))
            .take_while(|(key, _)| key.starts_with(self.prefix))
            .filter(|(key, _)| **key > self.after)
            .filter_map(move |(key, object)| {
                let Some(prefix) = self.common_prefix(key) else {
                    return Some(Entry::Object(key, object));
                };
                let is_listed = prefix == self.after || last_prefix == Some(prefix);
                last_prefix = Some(prefix);
                (!is_listed).then_some(Entry::CommonPrefix(prefix))
            })
    }

    /// The part of the key up to the first delimiter after the prefix.
    fn common_prefix<'k>(&self, key: &'k str) -> Option<&'k str> {
        let rest = key.get(self.prefix.len()..).filter(|_| !self.delimiter.is_empty())?;
        let end = self.prefix.len() + rest.find(self.delimiter)? + self.delimiter.len();
        key.get(..end)
    }

    /// The parameters of the request, which S3 repeats in the response.
    fn parameters_xml(&self) -> String {
        let mut elements = element("Prefix", &self.text(self.prefix));
        if !self.delimiter.is_empty() {
            elements += &element("Delimiter", &self.text(self.delimiter));
        }
        if self.url_encoded {
            elements += &element("EncodingType", "url");
        }
        elements + &element("MaxKeys", &self.max_keys.to_string())
    }

    /// Where this page ends: a token in version 2, a marker in version 1. Keys may contain characters that XML
    /// cannot carry, so the token, which clients do not read, is always percent-encoded.
    fn position_xml(&self, count: usize, next: Option<&str>) -> String {
        if self.is_v2 {
            let token = next.map(|next| element("NextContinuationToken", &url(next)));
            return element("KeyCount", &count.to_string()) + &token.unwrap_or_default();
        }
        let marker = next.map(|next| element("NextMarker", &self.text(next)));
        element("Marker", &self.text(&self.after)) + &marker.unwrap_or_default()
    }

    fn entry_xml(&self, entry: &Entry<'_>) -> String {
        let (key, object) = match entry {
            Entry::CommonPrefix(prefix) => {
                return format!("<CommonPrefixes>{}</CommonPrefixes>", element("Prefix", &self.text(prefix)));
            }
            Entry::Object(key, object) => (key, object),
        };
        let elements = [
            ("Key", self.text(key)),
            ("LastModified", humantime::format_rfc3339_millis(object.modified).to_string()),
            ("ETag", object.etag.clone()),
            ("Size", object.content.len().to_string()),
            ("StorageClass", "STANDARD".to_owned()),
        ];
        let elements: String = elements.iter().map(|(name, text)| element(name, text)).collect();
        format!("<Contents>{elements}</Contents>")
    }

    /// The text as the client asked for it: percent-encoded with `encoding-type=url`.
    fn text(&self, text: &str) -> String {
        if self.url_encoded {
            url(text)
        } else {
            text.to_owned()
        }
    }
}

impl Entry<'_> {
    fn name(&self) -> &str {
        match self {
            Entry::Object(name, _) | Entry::CommonPrefix(name) => name,
        }
    }
}

fn max_keys(parameter: Option<&str>) -> Result<usize, Error> {
    let Some(parameter) = parameter else {
        return Ok(MAX_KEYS);
    };
    let number: i32 = parameter.parse().ok().filter(|number| *number >= 0).ok_or_else(|| {
        let message = "Provided max-keys not an integer or within integer range";
        Error::new(StatusCode::BAD_REQUEST, "InvalidArgument", message)
            .with("ArgumentName", "max-keys")
            .with("ArgumentValue", parameter)
    })?;
    Ok(MAX_KEYS.min(number as usize))
}
