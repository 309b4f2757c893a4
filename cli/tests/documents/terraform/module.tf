module "assets" {
  source = "terraform-aws-modules/s3-bucket/aws"

  cors_rule = [
    {
      id              = "web"
      allowed_origins = ["https://app.example.com", "https://*.example.org"]
      allowed_methods = ["GET", "PUT"]
      allowed_headers = ["content-type", "x-amz-*"]
      expose_headers  = ["ETag"]
      max_age_seconds = 3000
    }
  ]
}
