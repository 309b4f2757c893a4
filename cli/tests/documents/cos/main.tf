resource "tencentcloud_cos_bucket" "assets" {
  bucket = "assets-1250000000"
  cors_rules {
    allowed_origins = ["https://app.example.com"]
    allowed_methods = ["PUT"]
    allowed_headers = ["*"]
    max_age_seconds = 300
    expose_headers  = ["ETag"]
  }
}
