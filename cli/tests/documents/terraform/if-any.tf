resource "aws_s3_bucket_cors_configuration" "assets" {
  count  = var.has_cors ? 1 : 0
  bucket = "assets"
  dynamic "cors_rule" {
    for_each = var.has_cors ? [1] : []
    content {
      allowed_methods = ["GET"]
      allowed_origins = ["https://App.example.com"]
    }
  }
}

module "uploads" {
  source    = "terraform-aws-modules/s3-bucket/aws"
  cors_rule = var.origin == "" ? [] : [{ id = var.name, allowed_methods = ["GET"], allowed_origins = [var.origin, "*"] }]
}

resource "aws_s3_bucket_cors_configuration" "several" {
  bucket = "several"
  cors_rule {
    allowed_methods = ["GET"]
    allowed_origins = ["*"]
  }
  dynamic "cors_rule" {
    for_each = var.has_uploads ? [1] : []
    content {
      allowed_methods = ["PUT"]
      allowed_origins = ["*"]
    }
  }
}
