resource "cloudflare_r2_bucket_cors" "x" {
  account_id  = "a"
  bucket_name = "b"
  rules = [
    {
      allowed = { methods = ["GET"], origins = ["https://a.example"] }
    },
    {
      id = "up"
      allowed = {
        methods = ["PUT"]
        origins = local.origins
        headers = ["content-type"]
      }
      max_age_seconds = 60
    },
  ]
}
locals { origins = ["https://b.example"] }
