variable "cors_rule" {
  description = "The rules of the bucket"
  type        = list(any)
  default     = []
}

resource "aws_s3_bucket_cors_configuration" "assets" {
  bucket = "assets"
  cors_rule {
    allowed_origins = ["*"]
    allowed_methods = ["GET"]
  }
}

resource "aws_s3_bucket_policy" "assets" {
  bucket = "assets"
  policy = <<POLICY
{ "Statement": [{ "Resource": "${aws_s3_bucket.assets.arn}/*" }] }
POLICY
}
