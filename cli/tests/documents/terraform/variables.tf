resource "aws_s3_bucket_cors_configuration" "assets" {
  bucket = "assets"

  cors_rule {
    allowed_origins = ["https://${var.host}", local.origin]
    allowed_methods = var.methods
    allowed_headers = ["*"]
    max_age_seconds = var.debug ? 0 : 3000
  }
}

resource "aws_s3_bucket_cors_configuration" "uploads" {
  bucket = "uploads"

  dynamic "cors_rule" {
    for_each = var.rules
    content {
      allowed_origins = cors_rule.value.origins
      allowed_methods = ["GET"]
    }
  }
}
