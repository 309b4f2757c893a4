resource "alicloud_oss_bucket_cors" "assets" {
  bucket = "assets"
  cors_rule {
    allowed_origins = ["{origin}"]
    allowed_methods = ["{method}"]
    allowed_headers = ["*"]
    max_age_seconds = {age}
  }
}
