//! S3's limits, and the alphabet of names.

/// The methods that S3 knows, in the order of its user guide.
pub(crate) const S3_METHODS: [&str; 5] = ["GET", "PUT", "POST", "DELETE", "HEAD"];

pub(crate) const MAX_RULES: usize = 100;
pub(crate) const MAX_BYTES: usize = 64 * 1024;
pub(super) const MAX_ID: usize = 255;

/// The settings of a policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PolicyOptions {
    /// Accepts any method and a document of any size.
    pub(crate) extended: bool,
    /// Answers allow credentials, so overbroad origins are refused.
    pub(crate) credentials: bool,
}

/// Whether every byte is allowed in a header name or a method (RFC 9110, 5.6.2).
pub(crate) fn is_token(name: &str) -> bool {
    name.bytes().all(is_token_byte)
}

#[inline]
pub(crate) fn is_token_byte(byte: u8) -> bool {
    IS_TOKEN_BYTE[byte as usize]
}

/// A look-up for each byte of a header that anyone may send.
const IS_TOKEN_BYTE: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = matches!(
            byte as u8,
            b'0'..=b'9' | b'A'..=b'Z' | b'^'..=b'z' | b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'|' | b'~'
        );
        byte += 1;
    }
    table
};
