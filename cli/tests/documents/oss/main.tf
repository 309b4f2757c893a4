resource "alicloud_oss_bucket_cors" "assets" {
  bucket        = "assets"
  response_vary = true
  cors_rule {
    allowed_methods = ["PUT", "GET"]
    allowed_origins = ["https://app.example.com"]
    allowed_headers = ["*"]
    expose_header   = ["ETag"]
    max_age_seconds = 100
  }
}
