resource "aws_s3_bucket" "assets" {
  bucket = "assets-${var.stage}"
  cors_rule {
    allowed_headers = ["*"]
    allowed_methods = tolist(["{method}"])
    allowed_origins = [
      <<-EOT
      {raw origin}
      EOT
    ]
    max_age_seconds = "{age}"
  }
}
