//! Backblaze B2: operations in place of methods.

/// The method that S3's rules have for an operation, and whether the operation is of B2's own API.
pub(crate) fn method(operation: &str) -> Option<(&'static str, bool)> {
    Some(match operation {
        "s3_get" => ("GET", false),
        "s3_head" => ("HEAD", false),
        "s3_put" => ("PUT", false),
        "s3_post" => ("POST", false),
        "s3_delete" => ("DELETE", false),
        "b2_download_file_by_id" | "b2_download_file_by_name" => ("GET", true),
        "b2_upload_file" | "b2_upload_part" => ("POST", true),
        _ => return None,
    })
}
