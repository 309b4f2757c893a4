resource "aws_s3_bucket_cors_configuration" "assets" {
  bucket = aws_s3_bucket.assets.id # its bucket

  cors_rule {
    allowed_origins = ["https://www.example.org", "{origin}"] // the app
    allowed_methods = [
      "{method}", # uploads
    ]
    allowed_headers = ["*"]
    max_age_seconds = {age} /* long */
  }
}
