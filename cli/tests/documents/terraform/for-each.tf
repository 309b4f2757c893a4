locals {
  buckets = { a = ["https://a.example"], b = ["https://b.example"] }
}
resource "aws_s3_bucket_cors_configuration" "all" {
  for_each = local.buckets
  bucket   = aws_s3_bucket.all[each.key].id
  cors_rule {
    allowed_methods = ["GET"]
    allowed_origins = each.value
  }
}
