module "s3_bucket" {
  source = "cloudposse/s3-bucket/aws"
  cors_configuration = [
    {
      allowed_origins = ["https://a.example"]
      allowed_methods = ["GET", "PUT"]
      allowed_headers = ["*"]
      expose_headers  = ["ETag"]
      max_age_seconds = 3600
    }
  ]
}
