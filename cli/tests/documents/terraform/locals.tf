locals {
  hosts   = ["app.example.com", "www.example.com"]
  origins = [for h in local.hosts : "https://${h}"]
  methods = ["GET", "HEAD"]
  age     = 60 * 60
}

resource "aws_s3_bucket_cors_configuration" "this" {
  bucket = aws_s3_bucket.this.id
  cors_rule {
    id              = "web"
    allowed_headers = ["*"]
    allowed_methods = local.methods
    allowed_origins = concat(local.origins, ["http://localhost:3000"])
    max_age_seconds = local.age
  }
}
