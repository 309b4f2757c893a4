resource "google_storage_bucket" "assets" {
  name     = "assets"
  location = "EU"

  cors {
    origin          = ["https://app.example.com", "https://www.example.org"]
    method          = ["GET", "PUT"]
    response_header = ["Content-Type", "x-goog-resumable"]
    max_age_seconds = 3600
  }
}
