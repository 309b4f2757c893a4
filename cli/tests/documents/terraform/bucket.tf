/* The old way. */
resource "aws_s3_bucket" "assets" {
  cors_rule {
    allowed_methods = ["GET"]
    allowed_origins = ["*"]
    expose_headers  = null
  }
}

resource "aws_s3_bucket" "uploads" {
  cors_rule {
    allowed_methods = ["PUT"]
    allowed_origins = ["https://app.example.com"]
    allowed_headers = ["*"]
  }
}
