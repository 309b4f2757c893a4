locals {
  cors_rules = [
    {
      allowed_methods = ["GET"]
      allowed_origins = ["*"]
      allowed_headers = []
    },
  ]
}
module "bucket" {
  source    = "terraform-aws-modules/s3-bucket/aws"
  cors_rule = local.cors_rules
}
