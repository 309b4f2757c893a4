# The bucket and its rules.
terraform {
  required_version = ">= 1.5"
}

resource "aws_s3_bucket" "assets" {
  bucket = "assets-${var.stage}"
}

resource "aws_s3_bucket_cors_configuration" "assets" {
  bucket = aws_s3_bucket.assets.id

  cors_rule {
    id              = "web"
    allowed_origins = ["https://app.example.com", "https://*.example.org"]
    allowed_methods = ["GET", "PUT"]
    allowed_headers = ["content-type", "x-amz-*"]
    expose_headers  = ["ETag"]
    max_age_seconds = 3000
  }

  cors_rule {
    allowed_origins = ["*"]
    allowed_methods = toset(["GET"])
  }
}
