locals {
  is_prod = false
  origins = local.is_prod ? ["https://a.example"] : ["https://dev.a.example", "http://localhost:3000"]
  rules   = [for o in local.origins : { o = o } if o != "x"]
}
resource "aws_s3_bucket_cors_configuration" "c" {
  bucket = "b"
  cors_rule {
    allowed_methods = [for m in ["get", "put"] : upper(m)]
    allowed_origins = local.rules[*].o
    max_age_seconds = -1
  }
}
