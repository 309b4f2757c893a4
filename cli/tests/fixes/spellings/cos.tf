resource "tencentcloud_cos_bucket" "assets" {
  cors_rules {
    allowed_origins = ["{origin}"]
    allowed_methods = ["{method}"]
    allowed_headers = ["*"]
    max_age_seconds = {age} // long
  }
}
