resource "cloudflare_r2_bucket_cors" "assets" {
  account_id  = "0123456789"
  bucket_name = "assets"
  rules = [{
    allowed = {
      origins = ["https://app.example.com", "https://*.example.org"]
      methods = ["GET", "PUT"]
      headers = ["content-type", "x-amz-*"]
    }
    id              = "web"
    expose_headers  = ["ETag"]
    max_age_seconds = 3000
  }]
}
