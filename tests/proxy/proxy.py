"""Tests the example reverse_proxy with real S3 clients, before real stores.

    proxy.py PATH_OF_REVERSE_PROXY PATH_OF_STORE...

A store is moto_server or s3rver. Each is started on a free loopback port, with a proxy before it. The clients change
rules and use objects at the proxy's private address; requests as a page sends them go to the public one. Prints one
line for each check, then "N passed, N failed". The exit status is 1 if any check failed.
"""
import concurrent.futures
import contextlib
import hashlib
import http.client
import json
import os
import queue
import re
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path
from urllib.parse import urlsplit

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "clients"))
import clients  # noqa: E402
from clients import FULL, PLAIN, TIMEOUT, Refused, assert_equal, assert_refused  # noqa: E402

import boto3.s3.transfer  # noqa: E402
import botocore.exceptions  # noqa: E402

ORIGIN = "https://app.example.com"
METHODS = ["GET", "PUT", "POST"]
RULES = [{"AllowedOrigins": [ORIGIN], "AllowedMethods": METHODS, "AllowedHeaders": ["*"], "ExposeHeaders": ["ETag"]}]
ASKED = {"Access-Control-Request-Method": "PUT"}
# s3rver knows one pair of keys, moto takes any, unless it has users.
KEY = "S3RVER"
# The command line programs, and how each store prints where it listens.
STORES = {
    "moto_server": (["-H", "127.0.0.1", "-p", "0"], r"Running on http://(127\.0\.0\.1:\d+)"),
    "s3rver": (["--address", "127.0.0.1", "--port", "0", "--directory"], r"listening on (127\.0\.0\.1:\d+)"),
}


class Boto3(clients.Boto3):
    @staticmethod
    def client(url, style, version="s3v4", **keys):
        """The default for presigned URLs is version 2, which signs the Content-Type that a browser chooses."""
        config = clients.Boto3.client(url, style).meta.config.merge(botocore.config.Config(signature_version=version))
        return boto3.client("s3", endpoint_url=url, region_name="us-east-1", config=config, **keys)

    def call(self, operation, **parameters):
        """The proxy gives its errors no ids, as it writes no log in which to look them up."""
        try:
            return getattr(self.s3, operation)(**parameters)
        except botocore.exceptions.ClientError as error:
            raise Refused(error.response["Error"]["Code"], error.response["Error"]["Message"]) from None

    def put_large(self, bucket, key, path):
        config = boto3.s3.transfer.TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20)
        self.s3.upload_file(str(path), bucket, key, Config=config)


class Awscli(clients.Awscli):
    def put_large(self, bucket, key, path):
        self.run("s3", "cp", path, f"s3://{bucket}/{key}")


class S3cmd(clients.S3cmd):
    def program(self):
        return [*super().program(), f"--access_key={KEY}", f"--secret_key={KEY}", "--region=us-east-1"]

    def put_large(self, bucket, key, path):
        self.run("put", "--multipart-chunk-size-mb=5", path, f"s3://{bucket}/{key}")


@contextlib.contextmanager
def running(command, patterns):
    """Runs a program, and yields the parts of its output that match, in order."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    lines = queue.Queue()

    def read():
        # To the end, because a full pipe would block the program.
        for line in process.stdout:
            lines.put(line)
        lines.put("")

    threading.Thread(target=read, daemon=True).start()
    try:
        found, printed = [], ""
        while len(found) < len(patterns):
            line = lines.get(timeout=TIMEOUT)
            assert line, f"{command[0]} ended before it was ready: {printed!r}"
            printed += line
            if match := re.search(patterns[len(found)], line):
                found.append(match[1])
        yield found
    finally:
        process.terminate()
        try:
            process.wait(TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()


@contextlib.contextmanager
def proxy_before(proxy, store, folder):
    """Starts a store, and a proxy before it. Yields the proxy's public and its private address, and the store's."""
    arguments, pattern = STORES[Path(store).name]
    data = folder / "data"
    data.mkdir()
    arguments = [*arguments, data] if arguments[-1] == "--directory" else arguments
    with running([store, *arguments], [pattern]) as [address]:
        options = ["--store", f"http://{address}", "--rules", folder / "rules", "--domain", "localhost"]
        patterns = [r"listening on http://(.*)", r"rules are changed at http://(.*)"]
        command = [proxy, *options, "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"]
        with running(command, patterns) as [public, admin]:
            yield public, admin, address


def check_large(report, client, folder):
    """An object of several parts, each of which is larger than what the proxy keeps in memory."""
    bucket, path = f"{client.name}-large", folder / "large"
    path.write_bytes(os.urandom(17 << 20))

    def put_and_get():
        client.create_bucket(bucket)
        client.put_large(bucket, "large", path)
        got = client.get_object(bucket, "large")
        assert_equal(hashlib.sha256(got).digest(), hashlib.sha256(path.read_bytes()).digest())

    report.check(client.name, "puts and gets an object of 17 MiB in parts", put_and_get)


class PageChecks:
    """What a page is granted at the public address, with URLs that a server has signed for it."""

    def __init__(self, name, public, admin):
        self.name, self.public = name, public
        self.boto, self.at_public, self.keys = Boto3(admin, None), Boto3(public, None), {"posted", "chunked"}
        self.bucket = f"{name}-page"
        self.boto.create_bucket(self.bucket)

    def check(self, report):
        checks = {
            "page is refused before rules are put": self.refused_without_rules,
            "page uploads with a presigned URL and reads ETag": self.presigned_put,
            "page reads an object with a presigned URL": self.presigned_get,
            "page uploads a presigned form": self.presigned_post,
            "page of another origin is refused": self.other_origin,
            "client uses virtual-hosted style": self.virtual_hosted,
            "client gets a range": self.get_range,
            "rules cannot be changed at the public address": self.public_changes,
        }
        if self.name == "s3rver":
            checks["page reads why a presigned URL is refused"] = self.tampered
        else:
            # s3rver stores the chunks as they are.
            checks["client streams an aws-chunked object"] = self.put_chunked
        checks["deleted bucket loses its rules"] = self.delete_bucket
        for name, check in checks.items():
            report.check(self.name, name, check)

    def presign(self, operation, key):
        parameters = {"Bucket": self.bucket, "Key": key}
        url = self.at_public.s3.generate_presigned_url(operation, Params=parameters)
        self.keys.add(key)
        return url

    def send(self, method, url, origin=ORIGIN, body=None, **headers):
        """Sends a request as a browser does, and returns status, headers and body."""
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.netloc, timeout=TIMEOUT)
        with contextlib.closing(connection):
            target = f"{parts.path}?{parts.query}" if parts.query else parts.path
            connection.request(method, target, body, {"Origin": origin, **headers})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()

    def send_with_preflight(self, method, url, body=None, origin=ORIGIN):
        asked = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": "content-type"}
        status, headers, _ = self.send("OPTIONS", url, origin, **asked)
        assert_equal((status, headers["Access-Control-Allow-Origin"]), (200, origin))
        return self.send(method, url, origin, body, **{"Content-Type": "text/plain"})

    def assert_readable(self, headers):
        assert_equal(headers.get_all("Access-Control-Allow-Origin"), [ORIGIN])
        assert_equal(headers.get_all("Access-Control-Expose-Headers"), ["ETag"])

    def refused_without_rules(self):
        status, headers, body = self.send("OPTIONS", self.presign("put_object", "key"), **ASKED)
        assert_equal((status, headers["Access-Control-Allow-Origin"]), (403, None))
        assert_equal(b"CORS is not enabled for this bucket." in body, True)
        _, headers, _ = self.send("GET", self.presign("get_object", "key"))
        assert_equal([name for name in headers if name.lower().startswith("access-control-")], [])
        self.boto.put_cors(self.bucket, RULES)

    def presigned_put(self):
        content = os.urandom(300_000)
        status, headers, body = self.send_with_preflight("PUT", self.presign("put_object", "key"), content)
        assert_equal((status, headers["ETag"]), (200, f'"{hashlib.md5(content).hexdigest()}"'))
        self.assert_readable(headers)
        assert_equal(self.boto.get_object(self.bucket, "key") == content, True)

    def presigned_get(self):
        self.boto.put_object(self.bucket, "read", b"read", "text/plain", "none")
        status, headers, body = self.send("GET", self.presign("get_object", "read"))
        assert_equal((status, body), (200, b"read"))
        self.assert_readable(headers)

    def tampered(self):
        """s3rver verifies version 2 of presigned URLs. moto verifies none."""
        client = Boto3.client(f"http://{self.public}", "path", "s3")
        url = client.generate_presigned_url("get_object", Params={"Bucket": self.bucket, "Key": "read"})
        assert_equal(self.send("GET", url)[0], 200)
        status, headers, body = self.send("GET", url.replace("Signature=", "Signature=0"))
        assert_equal((status, b"SignatureDoesNotMatch" in body), (403, True))
        self.assert_readable(headers)

    def presigned_post(self):
        form = self.at_public.s3.generate_presigned_post(self.bucket, "posted")
        boundary = uuid.uuid4().hex
        fields = [(f'name="{name}"', value) for name, value in form["fields"].items()]
        fields.append(('name="file"; filename="file"', "posted"))
        parts = [f"--{boundary}\r\nContent-Disposition: form-data; {head}\r\n\r\n{value}\r\n" for head, value in fields]
        body = "".join(parts) + f"--{boundary}--\r\n"
        content_type = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        status, headers, _ = self.send("POST", form["url"], ORIGIN, body, **content_type)
        assert_equal(status, 204)
        self.assert_readable(headers)
        assert_equal(self.boto.get_object(self.bucket, "posted"), b"posted")

    def other_origin(self):
        url = self.presign("get_object", "read")
        status, headers, _ = self.send("GET", url, "https://other.example.com")
        assert_equal((status, headers["Access-Control-Allow-Origin"]), (200, None))
        status, _, _ = self.send("OPTIONS", url, "https://other.example.com", **ASKED)
        assert_equal(status, 403)

    def put_chunked(self):
        """Over TLS, boto3 sends the checksum after the content. The hook makes it do so without TLS."""

        def send_checksum_in_trailer(params, **_):
            params["context"]["checksum"]["request_algorithm"]["in"] = "trailer"

        client, content, sent = Boto3.client(f"http://{self.public}", "path"), os.urandom(3_000_000), {}
        client.meta.events.register("before-call.s3.PutObject", send_checksum_in_trailer)
        client.meta.events.register("before-send.s3.PutObject", lambda request, **_: sent.update(request.headers))
        client.put_object(Bucket=self.bucket, Key="chunked", Body=content)
        assert_equal(sent["Content-Encoding"], b"aws-chunked")
        assert_equal(self.boto.get_object(self.bucket, "chunked") == content, True)

    def virtual_hosted(self):
        port = self.boto.s3.meta.endpoint_url.rsplit(":", 1)[1]
        client = Boto3.client(f"http://localhost:{port}", "virtual")
        client.put_bucket_cors(Bucket=self.bucket, CORSConfiguration={"CORSRules": [FULL]})
        assert_equal(self.boto.get_cors(self.bucket), [FULL])
        self.boto.put_cors(self.bucket, RULES)

    def get_range(self):
        response = self.boto.call("get_object", Bucket=self.bucket, Key="read", Range="bytes=1-2")
        assert_equal((response["Body"].read(), response["ContentRange"]), (b"ea", "bytes 1-2/4"))

    def public_changes(self):
        expected = ("AccessDenied", "The CORS rules are read and changed at the address of --admin only.")
        assert_refused(expected, self.at_public.put_cors, self.bucket, [PLAIN])
        assert_refused(expected, self.at_public.get_cors, self.bucket)
        assert_refused(expected, self.at_public.delete_cors, self.bucket)
        assert_equal(self.boto.get_cors(self.bucket), RULES)

    def delete_bucket(self):
        for key in self.keys:
            self.at_public.delete_object(self.bucket, key)
        self.at_public.delete_bucket(self.bucket)
        no_rules = ("NoSuchCORSConfiguration", "The CORS configuration does not exist")
        assert_refused(no_rules, self.boto.get_cors, self.bucket)


def check_signatures(report, public, admin, store):
    """moto verifies the signatures of headers, once it has users: over method, path, query, headers and content."""
    iam = boto3.client("iam", endpoint_url=f"http://{store}", region_name="us-east-1")
    everything = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}
    iam.create_user(UserName="user")
    iam.put_user_policy(UserName="user", PolicyName="everything", PolicyDocument=json.dumps(everything))
    key = iam.create_access_key(UserName="user")["AccessKey"]
    connection = http.client.HTTPConnection(store, timeout=TIMEOUT)
    with contextlib.closing(connection):
        connection.request("POST", "/moto-api/reset-auth", "0", {"Content-Type": "text/plain"})
        assert_equal(connection.getresponse().status, 200)

    def client(address, secret):
        keys = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": secret}
        return Boto3.client(f"http://{address}", "path", **keys)

    def operations(s3, bucket):
        name = {"Bucket": bucket, "Key": "folder/a b+ü&c%20=?#.txt"}
        return [
            lambda: s3.create_bucket(Bucket=bucket),
            lambda: s3.put_object(**name, Body=b"content", Metadata={"colour": "  green  and   red "}),
            lambda: s3.list_objects_v2(Bucket=bucket, Prefix="folder/a b+ü&c%20=?", Delimiter="/"),
            lambda: s3.get_object(**name, Range="bytes=1-2"),
            lambda: s3.head_object(**name),
            lambda: s3.delete_object(**name),
        ]

    def check(address, bucket):
        for operation in operations(client(address, key["SecretAccessKey"]), bucket):
            operation()
        for operation in operations(client(address, "wrong"), bucket):
            try:
                operation()
            except botocore.exceptions.ClientError as error:
                assert_equal(error.response["ResponseMetadata"]["HTTPStatusCode"], 403)
            else:
                raise AssertionError("a wrong signature is accepted")

    report.check("moto", "signatures are valid at the public address", lambda: check(public, "signed-public"))
    report.check("moto", "signatures are valid at the private address", lambda: check(admin, "signed-private"))


def check_client(client_class, name, report, public, admin, folder):
    folder = folder / client_class.name
    folder.mkdir()
    client = client_class(admin, folder)
    client.name = f"{name}-{client_class.name}"
    if name != "s3rver":
        # s3rver has other words for errors, no policies, and lists no second page with today's OpenSSL.
        clients.check_cors(report, client, public, knows_buckets=False)
        clients.check_objects(report, client)
    check_large(report, client, folder)


def check_store(proxy, store, report, folder):
    name = Path(store).name.removesuffix("_server")
    folder = folder / name
    folder.mkdir()
    with proxy_before(proxy, store, folder) as (public, admin, address):
        with concurrent.futures.ThreadPoolExecutor() as pool:
            running_checks = [
                pool.submit(check_client, client_class, name, report, public, admin, folder)
                for client_class in (Boto3, Awscli, S3cmd)
            ]
            running_checks.append(pool.submit(PageChecks(name, public, admin).check, report))
        for future in running_checks:
            future.result()
        if name == "moto":
            # Last, as no one else may do anything after it.
            check_signatures(report, public, admin, address)


def isolate(folder):
    clients.isolate(folder)
    # moto would otherwise add CORS headers of its own, and answer preflights.
    os.environ.update(AWS_ACCESS_KEY_ID=KEY, AWS_SECRET_ACCESS_KEY=KEY, MOTO_DISABLE_GLOBAL_CORS="true")


def main():
    report = clients.Report()
    proxy, *stores = [str(Path(path).absolute()) for path in sys.argv[1:]]
    with tempfile.TemporaryDirectory() as folder:
        isolate(folder)
        for store in stores:
            check_store(proxy, store, report, Path(folder))
    print(f"finished in {time.monotonic() - report.start:.0f} s")
    print(f"{report.passed} passed, {report.failed} failed")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
