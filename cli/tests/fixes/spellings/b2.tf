resource "b2_bucket" "assets" {
  bucket_name = "assets"
  cors_rules {
    cors_rule_name     = "uploads"
    allowed_origins    = ["{origin}"] # the app
    allowed_operations = ["s3_put"]
    allowed_headers    = ["*"]
    max_age_seconds    = {age}
  }
}
