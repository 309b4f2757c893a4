//! S3's XML, which the library writes on one line, indented.

use tower_s3_cors::CorsConfiguration;

pub(super) fn write(configuration: &CorsConfiguration) -> String {
    let mut text = configuration.to_xml();
    // In text, "<" is escaped.
    for (tag, indent) in [("</CORSConfiguration>", ""), ("<CORSRule>", "  "), ("</CORSRule>", "  ")] {
        text = text.replace(tag, &format!("\n{indent}{tag}"));
    }
    for field in ["ID", "AllowedOrigin", "AllowedMethod", "AllowedHeader", "ExposeHeader", "MaxAgeSeconds"] {
        text = text.replace(&format!("<{field}>"), &format!("\n    <{field}>"));
    }
    text + "\n"
}
