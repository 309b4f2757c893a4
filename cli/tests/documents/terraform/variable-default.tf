variable "cors_rules" {
  description = "rules"
  type = list(object({
    allowed_origins = list(string)
    allowed_methods = list(string)
    max_age_seconds = optional(number, 3000)
  }))
  default = [
    { allowed_origins = ["*"], allowed_methods = ["GET", "HEAD"] }
  ]
}
variable "cors_rule_inputs" {
  type = any
  default = null
}
