//! S3's numbers and alphabets.

/// The methods that S3 knows, in the order of its user guide.
pub(crate) const S3_METHODS: [&str; 5] = ["GET", "PUT", "POST", "DELETE", "HEAD"];

pub(crate) const MAX_RULES: usize = 100;
pub(super) const MAX_BYTES: usize = 64 * 1024;
pub(super) const MAX_ID: usize = 255;

/// Which options hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PolicyOptions {
    /// Any method token and any size are lawful.
    pub(crate) extended: bool,
    /// Origins must be narrow enough for credentials.
    pub(crate) credentials: bool,
}

/// Whether every byte may stand in a header name or a method (RFC 9110, 5.6.2).
pub(crate) fn is_token(name: &str) -> bool {
    name.bytes().all(is_token_byte)
}

pub(crate) fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
