resource "volcengine_tos_bucket_cors" "assets" {
  bucket_name = "assets"
  cors_rules {
    allowed_origins = ["https://app.example.com"]
    allowed_methods = ["GET"]
    allowed_headers = ["Authorization"]
    max_age_seconds = 3600
    response_vary   = true
  }
}
