locals {
  cors = { origins = ["https://a.example"], age = null }
  extra = []
  rules = { for i, o in ["https://x.example", "https://y.example"] : "r${i}" => { origins = [o] } if o != "z" }
}
resource "aws_s3_bucket_cors_configuration" "a" {
  dynamic "cors_rule" {
    for_each = local.cors != null && length(local.cors.origins) > 0 ? [local.cors] : []
    content {
      allowed_origins = concat(cors_rule.value.origins, local.extra)
      allowed_methods = coalesce(null, ["GET"])
      max_age_seconds = coalesce(cors_rule.value.age, 30 / 2)
    }
  }
  dynamic "cors_rule" {
    for_each = local.cors[*]
    content {
      allowed_origins = cors_rule.value.origins
      allowed_methods = ["PUT"]
    }
  }
  dynamic "cors_rule" {
    for_each = local.rules
    content {
      id = cors_rule.key
      allowed_origins = cors_rule.value.origins
      allowed_methods = ["POST"]
    }
  }
}
