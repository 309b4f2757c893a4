resource "aws_s3_bucket" "default" {
  bucket = var.bucket
  cors_rule {
    allowed_headers = ["*"]
    allowed_methods = ["GET", "HEAD"]
    allowed_origins = formatlist("https://%s", ["a.example", "b.example"])
    expose_headers  = split(",", "ETag,x-a")
  }
  lifecycle { ignore_changes = [cors_rule] }
}
