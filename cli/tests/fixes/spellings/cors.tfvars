cors_rules = [
  {
    allowed_methods = ["{method}"]
    allowed_origins = ["{origin}"]
    allowed_headers = ["*"]
    max_age_seconds = {age}
  },
]
