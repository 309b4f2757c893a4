locals {
  cors = [
    { origins = ["https://a.example"], methods = ["GET"] },
    { origins = ["https://b.example"], methods = ["PUT", "POST"], headers = ["*"], age = 300 },
  ]
}
resource "aws_s3_bucket_cors_configuration" "this" {
  bucket = "b"
  dynamic "cors_rule" {
    for_each = local.cors
    content {
      allowed_origins = cors_rule.value.origins
      allowed_methods = cors_rule.value["methods"]
      allowed_headers = try(cors_rule.value.headers, null)
      expose_headers  = lookup(cors_rule.value, "expose", [])
      max_age_seconds = try(cors_rule.value.age, null)
    }
  }
}
