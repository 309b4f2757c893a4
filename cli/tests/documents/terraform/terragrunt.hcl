include "root" {
  path = find_in_parent_folders()
}
terraform {
  source = "tfr:///terraform-aws-modules/s3-bucket/aws?version=3.0.0"
}
inputs = {
  bucket = "assets"
  cors_rule = [
    {
      allowed_methods = ["GET", "HEAD"]
      allowed_origins = ["https://a.example"]
      allowed_headers = ["*"]
    }
  ]
}
