resource "google_storage_bucket" "b" {
  name = "b"
  dynamic "cors" {
    for_each = var.cors
    content {
      origin = cors.value.origin
      method = cors.value.method
    }
  }
}
