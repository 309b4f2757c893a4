//! Bytes taken as one integer.

/// Fewer than eight bytes, and zeroes after them.
#[inline(always)]
pub(crate) fn short(bytes: &[u8]) -> u64 {
    match (bytes.first_chunk(), bytes.last_chunk()) {
        // What is in both is at the same location in both.
        (Some(first), Some(last)) => {
            let last = u64::from(u32::from_le_bytes(*last)) << ((bytes.len() - 4) * 8);
            u64::from(u32::from_le_bytes(*first)) | last
        }
        _ => bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    }
}
