bucket     = "example"
cors_rules = []
