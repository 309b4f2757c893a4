resource "aws_s3_bucket_cors_configuration" "assets" {
  cors_rule {
    allowed_origins = "https://app.example.com"
    allowed_method  = ["get"]
    exposed_headers = ["ETag"]
    max_age         = 10
  }
}
