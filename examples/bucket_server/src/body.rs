//! Reads request bodies, limited in size and time, and decodes `aws-chunked` ones.

use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{header, StatusCode};
use http_body_util::BodyExt;

use crate::error::Error;

/// How long a client may take to send a body.
const READ_TIMEOUT: Duration = Duration::from_secs(60);

/// Reads the whole body. Every PUT calls this before any other check, because a client that is still sending
/// does not read the response and loses it when the connection closes.
pub async fn read(
    request: Request,
    limit: usize,
    too_large: impl FnOnce(usize) -> Error,
) -> Result<(Parts, Vec<u8>), Error> {
    let (parts, body) = request.into_parts();
    let declared = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if declared > limit && parts.headers.contains_key(header::EXPECT) {
        return Err(too_large(declared));
    }
    let collected = tokio::time::timeout(READ_TIMEOUT, collect(body, limit)).await;
    let (size, bytes) = collected.map_err(|_| too_slow())??;
    if size > limit {
        return Err(too_large(size));
    }
    Ok((parts, bytes))
}

/// Reads the body to its end. Returns its size and, unless the size exceeds the limit, its bytes.
async fn collect(mut body: Body, limit: usize) -> Result<(usize, Vec<u8>), Error> {
    let (mut size, mut bytes) = (0, Vec::new());
    while let Some(frame) = body.frame().await {
        let data = frame.map_err(|_| Error::incomplete_body())?.into_data().unwrap_or_default();
        size += data.len();
        if size > limit {
            bytes = Vec::new();
        } else {
            bytes.extend_from_slice(&data);
        }
    }
    Ok((size, bytes))
}

fn too_slow() -> Error {
    let message =
        "Your socket connection to the server was not read from or written to within the timeout period. \
                   Idle connections will be closed.";
    Error::new(StatusCode::BAD_REQUEST, "RequestTimeout", message)
}

/// Decodes `aws-chunked`: chunks of the form `HEX[;extension] CRLF data CRLF`, the last of size 0. Returns
/// `None` if the chunks are malformed. Checksums and signatures are not verified.
pub fn decode_chunks(mut encoded: &[u8]) -> Option<Vec<u8>> {
    let mut payload = Vec::with_capacity(encoded.len());
    loop {
        let end = encoded.windows(2).position(|pair| pair == b"\r\n")?;
        let line = std::str::from_utf8(&encoded[..end]).ok()?;
        let size = usize::from_str_radix(line.split(';').next()?, 16).ok()?;
        let rest = &encoded[end + 2..];
        if size == 0 {
            return Some(payload);
        }
        payload.extend_from_slice(rest.get(..size)?);
        encoded = rest[size..].strip_prefix(b"\r\n")?;
    }
}
