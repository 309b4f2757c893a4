resource "b2_bucket" "assets" {
  bucket_name = "assets"
  bucket_type = "allPrivate"
  cors_rules {
    cors_rule_name     = "uploads"
    allowed_origins    = ["https://app.example.com"]
    allowed_operations = ["s3_put"]
    allowed_headers    = ["*"]
    expose_headers     = ["ETag"]
    max_age_seconds    = 3600
  }
}
