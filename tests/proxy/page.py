"""Starts moto with a reverse_proxy before it, and signs URLs for a page.

    page.py PATH_OF_REVERSE_PROXY PATH_OF_MOTO_SERVER

Prints one line of JSON: the proxy's private address, and presigned URLs to put and to get an object. Runs until it is ended.
"""
import json
import signal
import sys
import tempfile
from pathlib import Path

import proxy


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    paths = [str(Path(path).absolute()) for path in sys.argv[1:]]
    with tempfile.TemporaryDirectory() as folder:
        proxy.isolate(folder)
        with proxy.proxy_before(*paths, Path(folder)) as (public, admin, _):
            s3 = proxy.Boto3(public, None).s3
            s3.create_bucket(Bucket="photos")
            key = {"Bucket": "photos", "Key": "key"}
            put, get = (s3.generate_presigned_url(operation, Params=key) for operation in ("put_object", "get_object"))
            print(json.dumps({"admin": admin, "put": put, "get": get}), flush=True)
            signal.pause()


if __name__ == "__main__":
    main()
