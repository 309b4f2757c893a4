cors_rule {
  allowed_methods = ["GET"]
  allowed_origins = [
    "*", # everyone
  ]
}
