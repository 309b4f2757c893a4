resource "local_file" "cors" {
  filename = "cors.json"
  content  = <<-EOT
    [{
      "AllowedOrigins": ["https://app.example.com"],
      "AllowedMethods": ["GET"]
    }]
  EOT
}
resource "null_resource" "x" {
  provisioner "local-exec" {
    command = "aws s3api put-bucket-cors --bucket b --cors-configuration '${jsonencode({ CORSRules = [{ AllowedOrigins = ["https://x.example.com"], AllowedMethods = ["PUT"] }] })}'"
  }
}
