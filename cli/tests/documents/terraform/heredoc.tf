resource "aws_s3_bucket_cors_configuration" "a" {
  bucket = "a"
  cors_rule {
    id = <<-EOT
      web
    EOT
    allowed_methods = [ "GET" , ]
    allowed_origins = [ /* all */ "*" ] # any
    expose_headers = [
      "ETag", // tag
      # more
      "x-amz-meta-a"
    ]
    max_age_seconds = "3000"
  }
}
