resource "google_storage_bucket" "b" {
  name     = "b"
  location = "EU"
  dynamic "cors" {
    for_each = [["https://a.example"], ["https://b.example", "https://c.example"]]
    content {
      origin          = cors.value
      method          = ["GET"]
      response_header = ["*"]
      max_age_seconds = 60
    }
  }
}
