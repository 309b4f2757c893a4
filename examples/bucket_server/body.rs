//! Bodies of requests: bounded in size and time, and out of their `aws-chunked` framing.

use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{header, StatusCode};
use http_body_util::BodyExt;

use crate::error::Error;

/// How long a client may take to send a body.
const PATIENCE: Duration = Duration::from_secs(60);

/// The whole body. Every PUT reads it before it looks at anything else: a client that is still sending does
/// not read an answer, and loses it when the connection closes.
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
    let collected = tokio::time::timeout(PATIENCE, collect(body, limit)).await;
    match collected.map_err(|_| too_slow())?? {
        (size, _) if size > limit => Err(too_large(size)),
        (_, bytes) => Ok((parts, bytes)),
    }
}

/// The size, and the bytes unless it is over the limit.
async fn collect(mut body: Body, limit: usize) -> Result<(usize, Vec<u8>), Error> {
    let (mut size, mut bytes) = (0, Vec::new());
    while let Some(frame) = body.frame().await {
        let data = frame.map_err(|_| Error::incomplete_body())?.into_data().unwrap_or_default();
        size += data.len();
        match size > limit {
            true => bytes = Vec::new(),
            false => bytes.extend_from_slice(&data),
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

/// What is framed as `HEX[;extension] CRLF data CRLF`, up to a chunk of size 0. The checksum or signature
/// that may follow is not checked.
pub fn unchunked(mut framed: &[u8]) -> Option<Vec<u8>> {
    let mut payload = Vec::with_capacity(framed.len());
    loop {
        let end = framed.windows(2).position(|pair| pair == b"\r\n")?;
        let line = std::str::from_utf8(&framed[..end]).ok()?;
        let size = usize::from_str_radix(line.split(';').next()?, 16).ok()?;
        let rest = &framed[end + 2..];
        if size == 0 {
            return Some(payload);
        }
        payload.extend_from_slice(rest.get(..size)?);
        framed = rest[size..].strip_prefix(b"\r\n")?;
    }
}
