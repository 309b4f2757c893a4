create_bucket:
  boto_s3_bucket.present:
    - Bucket: odl-video
    - region: us-east-1
    - CORSRules:
      - AllowedOrigin: ["*"]
        AllowedMethod: ["GET"]
        AllowedHeader: ["Authorization"]
        MaxAgeSeconds: 3000
    - Versioning:
        Status: "Enabled"
