# resource "aws_s3_bucket_cors_configuration" "assets" {
#   cors_rule {
#     allowed_methods = ["GET"]
#     allowed_origins = ["*"]
#   }
# }
