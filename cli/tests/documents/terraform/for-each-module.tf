locals {
  buckets = {
    assets  = { cors = [{ allowed_methods = ["GET"], allowed_origins = ["*"] }] }
    uploads = { cors = [{ allowed_methods = ["PUT"], allowed_origins = ["https://App.example.com"], allowed_headers = ["*"] }] }
  }
}

module "bucket" {
  source    = "terraform-aws-modules/s3-bucket/aws"
  for_each  = local.buckets
  bucket    = each.key
  cors_rule = each.value.cors
}

resource "aws_s3_bucket_cors_configuration" "same" {
  for_each = toset(["a", "b"])
  bucket   = each.key
  cors_rule {
    allowed_methods = ["GET"]
    allowed_origins = ["*"]
  }
}

resource "aws_s3_bucket_cors_configuration" "several" {
  for_each = { web = ["https://a.example", "https://b.example"] }
  bucket   = each.key
  dynamic "cors_rule" {
    for_each = each.value
    content {
      allowed_methods = ["GET"]
      allowed_origins = [cors_rule.value]
    }
  }
}
