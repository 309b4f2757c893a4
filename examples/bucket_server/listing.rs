//! ListObjectsV2, and the first version of it that older clients use.

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
    /// What was listed already.
    after: String,
    max_keys: usize,
    second_version: bool,
    encoded: bool,
}

enum Entry<'a> {
    Object(&'a str, &'a Object),
    /// The keys that are equal up to a delimiter.
    Group(&'a str),
}

pub fn of(name: &str, bucket: &Bucket, asked: &RequestInfo) -> Result<Response, Error> {
    let query = Query::of(asked)?;
    let mut entries = query.entries(bucket);
    let page: Vec<Entry<'_>> = entries.by_ref().take(query.max_keys).collect();
    let next = page.last().filter(|_| entries.next().is_some()).map(Entry::name);

    let mut content = element("Name", name) + &query.echoed();
    content += &element("IsTruncated", &next.is_some().to_string());
    content += &query.position(page.len(), next);
    content.extend(page.iter().map(|entry| query.written(entry)));
    Ok(xml::document("ListBucketResult", &content))
}

impl<'a> Query<'a> {
    fn of(asked: &'a RequestInfo) -> Result<Self, Error> {
        let text = |name| asked.query(name).unwrap_or_default();
        let second_version = text("list-type") == "2";
        let after = match (second_version, asked.query("continuation-token")) {
            (false, _) => text("marker").to_owned(),
            (true, Some(token)) => percent_decode_str(token).decode_utf8_lossy().into_owned(),
            (true, None) => text("start-after").to_owned(),
        };
        Ok(Query {
            prefix: text("prefix"),
            delimiter: text("delimiter"),
            after,
            max_keys: max_keys(asked.query("max-keys"))?,
            second_version,
            encoded: text("encoding-type") == "url",
        })
    }

    fn entries<'b>(&'b self, bucket: &'b Bucket) -> impl Iterator<Item = Entry<'b>> + 'b {
        let start = self.prefix.max(self.after.as_str());
        let mut last_group = None;
        bucket
            .objects
            .range::<str, _>((Bound::Included(start), Bound::Unbounded))
            .take_while(|(key, _)| key.starts_with(self.prefix))
            .filter(|(key, _)| **key > self.after)
            .filter_map(move |(key, object)| {
                let Some(group) = self.group(key) else {
                    return Some(Entry::Object(key, object));
                };
                let listed = group == self.after || last_group == Some(group);
                last_group = Some(group);
                (!listed).then_some(Entry::Group(group))
            })
    }

    fn group<'k>(&self, key: &'k str) -> Option<&'k str> {
        let rest = key.get(self.prefix.len()..).filter(|_| !self.delimiter.is_empty())?;
        let end = self.prefix.len() + rest.find(self.delimiter)? + self.delimiter.len();
        key.get(..end)
    }

    fn echoed(&self) -> String {
        let mut echoed = element("Prefix", &self.text(self.prefix));
        if !self.delimiter.is_empty() {
            echoed += &element("Delimiter", &self.text(self.delimiter));
        }
        if self.encoded {
            echoed += &element("EncodingType", "url");
        }
        echoed + &element("MaxKeys", &self.max_keys.to_string())
    }

    /// Where this page ends, in the words of either version. A token is opaque, so it is what XML can carry.
    fn position(&self, count: usize, next: Option<&str>) -> String {
        if self.second_version {
            let token = next.map(|next| element("NextContinuationToken", &url(next)));
            return element("KeyCount", &count.to_string()) + &token.unwrap_or_default();
        }
        let marker = next.map(|next| element("NextMarker", &self.text(next)));
        element("Marker", &self.text(&self.after)) + &marker.unwrap_or_default()
    }

    fn written(&self, entry: &Entry<'_>) -> String {
        let (key, object) = match entry {
            Entry::Group(group) => {
                return format!("<CommonPrefixes>{}</CommonPrefixes>", element("Prefix", &self.text(group)));
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

    fn text(&self, text: &str) -> String {
        match self.encoded {
            true => url(text),
            false => text.to_owned(),
        }
    }
}

impl Entry<'_> {
    fn name(&self) -> &str {
        match self {
            Entry::Object(name, _) | Entry::Group(name) => name,
        }
    }
}

fn max_keys(written: Option<&str>) -> Result<usize, Error> {
    let Some(written) = written else {
        return Ok(MAX_KEYS);
    };
    let number: i32 = written.parse().ok().filter(|number| *number >= 0).ok_or_else(|| {
        let message = "Provided max-keys not an integer or within integer range";
        Error::new(StatusCode::BAD_REQUEST, "InvalidArgument", message)
            .with("ArgumentName", "max-keys")
            .with("ArgumentValue", written)
    })?;
    Ok(MAX_KEYS.min(number as usize))
}
