module "assets" {
  source = "terraform-aws-modules/s3-bucket/aws"
  cors_rule = [
    { allowed_methods = ["{method}"], allowed_origins = ["{origin}"], allowed_headers = ["*"], max_age_seconds = {age} }
  ]
}
