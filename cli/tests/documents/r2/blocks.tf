resource "cloudflare_r2_bucket_cors" "x" {
  rules {
    allowed {
      methods = ["GET"]
      origins = ["https://a.example"]
    }
    max_age_seconds = 5
  }
}
