import boto3

cors_configuration = {
    'CORSRules': [{
        'AllowedHeaders': ['Authorization'],
        'AllowedMethods': ['GET', 'PUT'],
        'AllowedOrigins': ['*'],
        'ExposeHeaders': ['ETag', 'x-amz-request-id'],
        'MaxAgeSeconds': 3000
    }]
}
s3 = boto3.client('s3')
s3.put_bucket_cors(Bucket='my-bucket', CORSConfiguration=cors_configuration)
