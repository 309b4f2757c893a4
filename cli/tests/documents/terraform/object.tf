resource "aws_s3_bucket" "b" {
  cors_rule = [
    {
      "allowed_headers" = ["*"]
      "allowed_methods" : ["PUT"],
      allowed_origins : ["https://a.example"],
      expose_headers = null
      max_age_seconds = 3000
      id = ""
    }
  ]
}
