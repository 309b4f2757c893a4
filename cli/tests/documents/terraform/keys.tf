resource "aws_s3_bucket" "b" {
  bucket = "b"
  dynamic "cors_rule" {
    for_each = [for o in ["https://a.example.com", "https://b.example.com"] : { origin = o, methods = ["GET"] }]
    content {
      allowed_origins = [cors_rule.value.origin]
      allowed_methods = cors_rule.value["methods"]
      allowed_headers = lookup(cors_rule.value, "headers", null)
      max_age_seconds = try(cors_rule.value.age, 300)
      expose_headers  = cors_rule.key == 0 ? ["ETag"] : []
    }
  }
}
