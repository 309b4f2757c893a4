{% set suffixes = ['ci', 'rc'] %}
{% for s in suffixes %}
create_{{ s }}:
  boto_s3_bucket.present:
    - Bucket: odl-{{ s }}
    - CORSRules:
      - AllowedOrigin: ["*"]
        AllowedMethod: ["GET"]
{% endfor %}
