resource "cloudflare_r2_bucket_cors" "assets" {
  account_id = var.account # ours
  rules = [{
    allowed = {
      methods = ["{method}"]
      origins = ["{origin}"] # the app
      headers = ["*"]
    }
    max_age_seconds = {age}
  }]
}
