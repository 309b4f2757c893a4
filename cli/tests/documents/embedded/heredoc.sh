cat > cors.json << 'EOF'
[
  {
    "origin": ["*"],
    "method": ["GET", "HEAD", "PUT", "POST"],
    "responseHeader": ["*"],
    "maxAgeSeconds": 3600
  }
]
EOF
gsutil cors set cors.json gs://rayan-media
