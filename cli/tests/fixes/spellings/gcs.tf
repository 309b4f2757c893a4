resource "google_storage_bucket" "assets" {
  name = "assets"
  cors {
    origin          = ["{origin}"]
    method          = ["{method}"] # uploads
    response_header = ["*"]
    max_age_seconds = {age}
  }
}
