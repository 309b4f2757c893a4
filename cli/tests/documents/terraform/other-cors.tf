resource "aws_s3_bucket_cors_configuration" "a" {
  bucket = "a"
  cors_rule {
    allowed_methods = ["GET"]
    allowed_origins = ["https://a.example"]
  }
}
resource "aws_apigatewayv2_api" "x" {
  name = "x"
  protocol_type = "HTTP"
  cors_configuration {
    allow_origins = ["*"]
    allow_methods = ["GET"]
  }
}
resource "aws_lambda_function_url" "u" {
  cors {
    allow_origins = ["*"]
    allow_methods = ["GET"]
  }
}
