resource "aws_s3_bucket" "b" {
  bucket = "b"
  dynamic "cors_rule" {
    for_each = toset(["https://a.example", "https://b.example"])
    iterator = origin
    content {
      allowed_origins = [origin.value]
      allowed_methods = ["GET"]
    }
  }
  cors_rule {
    allowed_origins = ["*"]
    allowed_methods = ["GET"]
  }
}
