module "assets" {
  source = "../modules/s3"
  cors_rules = {
    allowed_methods = ["GET"]
    allowed_origins = ["*"]
  }
}
