resource "aws_s3_bucket" "b" {
  dynamic "cors_rule" {
    for_each = {
      write = { m = ["PUT"], o = "https://w.example" }
      read  = { m = ["GET"], o = "*" }
    }
    content {
      id              = cors_rule.key
      allowed_methods = cors_rule.value.m
      allowed_origins = [cors_rule.value.o]
    }
  }
}
