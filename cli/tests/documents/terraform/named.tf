module "bucket" {
  source = "./bucket"
  cors_rules = {
    write = {
      allowed_methods = ["PUT"]
      allowed_origins = ["https://a.example"]
    }
    read = {
      allowed_methods = ["GET"]
      allowed_origins = ["*"]
    }
  }
}
