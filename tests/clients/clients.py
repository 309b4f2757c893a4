"""Tests the example bucket_server with real S3 clients. The server is started on a free loopback port.

    clients.py PATH_OF_BUCKET_SERVER

Each client creates a bucket, writes and reads CORS configurations and objects, and reports the errors that it
gets. Prints one line for each check, then "N passed, N failed". The exit status is 1 if any check failed.
"""
import concurrent.futures
import contextlib
import hashlib
import http.client
import json
import os
import re
import select
import socket
import subprocess
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree as ET
from pathlib import Path
from xml.sax.saxutils import escape

import boto3
import botocore.config
import botocore.exceptions

BIN = Path(sys.executable).parent
TIMEOUT = 30
NAMESPACE = "{http://s3.amazonaws.com/doc/2006-03-01/}"
LISTS = {
    "AllowedOrigins": "AllowedOrigin",
    "AllowedMethods": "AllowedMethod",
    "AllowedHeaders": "AllowedHeader",
    "ExposeHeaders": "ExposeHeader",
}


class Refused(Exception):
    """An error of the server, as a client reports it."""

    def __init__(self, code, message):
        super().__init__(f"{code}: {message}")
        self.error = (code, message)


# Configurations, and the errors for the invalid ones.

PLAIN = {"AllowedOrigins": ["https://app.example.com"], "AllowedMethods": ["GET"]}
FULL = {
    "ID": "web <&> grün",
    "AllowedOrigins": ["https://*.example.com", "http://localhost:*", "https", ""],
    "AllowedMethods": ["GET", "PUT", "POST", "DELETE", "HEAD"],
    "AllowedHeaders": ["*", "x-amz-*", "Content-MD5"],
    "ExposeHeaders": ["ETag", "x-amz-version-id"],
    "MaxAgeSeconds": 0,
}
VALID = {
    "one rule": [PLAIN],
    "every field": [FULL, PLAIN],
    "any origin": [{**PLAIN, "AllowedOrigins": ["*"], "MaxAgeSeconds": -1}],
    "100 rules": [{**PLAIN, "ID": f"rule {number}"} for number in range(100)],
}

MALFORMED = (
    "MalformedXML",
    "The XML you provided was not well-formed or did not validate against our published schema",
)


def invalid_request(message):
    return ("InvalidRequest", message)


def plain_with(**fields):
    return [{**PLAIN, **fields}]


INVALID = {
    "no rules": ([], MALFORMED),
    "no origin": (plain_with(AllowedOrigins=[]), MALFORMED),
    "no method": (plain_with(AllowedMethods=[]), MALFORMED),
    "an unsupported method": (
        plain_with(AllowedMethods=["GET", "PATCH"]),
        invalid_request("Found unsupported HTTP method in CORS config. Unsupported method is PATCH"),
    ),
    "a method in lower case": (
        plain_with(AllowedMethods=["get"]),
        invalid_request("Found unsupported HTTP method in CORS config. Unsupported method is get"),
    ),
    "two wildcards in an origin": (
        plain_with(AllowedOrigins=["https://*.*.example.com"]),
        invalid_request('AllowedOrigin "https://*.*.example.com" can not have more than one wildcard.'),
    ),
    "two wildcards in a header": (
        plain_with(AllowedHeaders=["x-*-*"]),
        invalid_request('AllowedHeader "x-*-*" can not have more than one wildcard.'),
    ),
    "an invalid header name": (
        plain_with(AllowedHeaders=["x header"]),
        invalid_request('AllowedHeader "x header" contains invalid character.'),
    ),
    "an invalid exposed header name": (
        plain_with(ExposeHeaders=["x(header)"]),
        invalid_request('AllowedHeader "x(header)" contains invalid character.'),
    ),
    "a wildcard in an exposed header": (
        plain_with(ExposeHeaders=["x-*"]),
        invalid_request('ExposeHeader "x-*" contains wildcard. We currently do not support wildcard for ExposeHeader.'),
    ),
    "101 rules": (
        [PLAIN] * 101,
        invalid_request("The number of CORS rules should not exceed allowed limit of 100 rules."),
    ),
    "a long ID": (
        plain_with(ID="i" * 256),
        invalid_request("The ID of a CORS rule should not exceed 255 characters."),
    ),
    "over 64 KB": (plain_with(AllowedOrigins=["https://" + "o" * 700] * 100), MALFORMED),
}

RULE = "<CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod>{}</CORSRule>"
RULES = "<CORSConfiguration>" + RULE + "</CORSConfiguration>"
# Only a client that sends a file unchanged can send these.
DOCUMENTS = {
    "text that is not XML": "not XML",
    "JSON": json.dumps({"CORSRules": [PLAIN]}),
    "an open element": RULES.format("")[:-1],
    "two roots": RULES.format("") * 2,
    "another root": RULE.format(""),
    "a document type": "<!DOCTYPE CORSConfiguration>" + RULES.format(""),
    "an unknown element": RULES.format("<AllowedOrigins>*</AllowedOrigins>"),
    "two IDs": RULES.format("<ID>a</ID><ID>b</ID>"),
    "an age that is not a number": RULES.format("<MaxAgeSeconds>soon</MaxAgeSeconds>"),
}


def to_xml(rules):
    elements = []
    for rule in rules:
        fields = [f"<ID>{escape(rule['ID'])}</ID>"] if "ID" in rule else []
        for name, element in LISTS.items():
            fields += [f"<{element}>{escape(value)}</{element}>" for value in rule.get(name, [])]
        if "MaxAgeSeconds" in rule:
            fields.append(f"<MaxAgeSeconds>{rule['MaxAgeSeconds']}</MaxAgeSeconds>")
        elements.append("<CORSRule>" + "".join(fields) + "</CORSRule>")
    return "<CORSConfiguration>" + "".join(elements) + "</CORSConfiguration>"


def from_xml(document):
    names = {element: name for name, element in LISTS.items()}
    rules = []
    for element in ET.fromstring(document):
        rule = {}
        for child in element:
            name, text = child.tag.removeprefix(NAMESPACE), child.text or ""
            if name in names:
                rule.setdefault(names[name], []).append(text)
            else:
                rule[name] = int(text) if name == "MaxAgeSeconds" else text
        rules.append(rule)
    return rules


# The clients. Each has the same methods.


class Boto3:
    name = "boto3"

    def __init__(self, address, _folder):
        self.s3 = self.client(f"http://{address}", "path")

    @staticmethod
    def client(url, style):
        config = botocore.config.Config(
            s3={"addressing_style": style},
            connect_timeout=TIMEOUT,
            read_timeout=TIMEOUT,
            retries={"total_max_attempts": 1},
        )
        return boto3.client("s3", endpoint_url=url, region_name="us-east-1", config=config)

    def call(self, operation, **parameters):
        try:
            return getattr(self.s3, operation)(**parameters)
        except botocore.exceptions.ClientError as error:
            metadata = error.response["ResponseMetadata"]
            assert metadata["RequestId"] and metadata["HostId"], "the ids of the request are missing"
            raise Refused(error.response["Error"]["Code"], error.response["Error"]["Message"]) from None

    def create_bucket(self, bucket):
        self.call("create_bucket", Bucket=bucket)

    def delete_bucket(self, bucket):
        self.call("delete_bucket", Bucket=bucket)

    def list_buckets(self):
        return [bucket["Name"] for bucket in self.call("list_buckets")["Buckets"]]

    def put_cors(self, bucket, rules):
        self.call("put_bucket_cors", Bucket=bucket, CORSConfiguration={"CORSRules": rules})

    def get_cors(self, bucket):
        return self.call("get_bucket_cors", Bucket=bucket)["CORSRules"]

    def delete_cors(self, bucket):
        self.call("delete_bucket_cors", Bucket=bucket)

    def put_object(self, bucket, key, content, content_type, colour):
        self.call(
            "put_object", Bucket=bucket, Key=key, Body=content, ContentType=content_type, Metadata={"colour": colour}
        )

    def get_object(self, bucket, key):
        return self.call("get_object", Bucket=bucket, Key=key)["Body"].read()

    def object_metadata(self, bucket, key):
        response = self.call("head_object", Bucket=bucket, Key=key)
        return response["ContentType"], response["Metadata"]["colour"], response["ETag"].strip('"')

    def list_objects(self, bucket):
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, PaginationConfig={"PageSize": 1})
        return [item["Key"] for page in pages for item in page.get("Contents", [])]

    def delete_object(self, bucket, key):
        self.call("delete_object", Bucket=bucket, Key=key)


class Command:
    """A client that is a command line program."""

    def __init__(self, address, folder):
        self.address, self.folder = address, folder

    def write_file(self, name, content):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def run(self, *arguments):
        process = subprocess.run(
            [str(argument) for argument in self.program() + list(arguments)],
            capture_output=True,
            timeout=TIMEOUT,
            text=True,
            cwd=self.folder,
        )
        if process.returncode == 0:
            return process.stdout
        error = re.search(self.error, process.stderr)
        assert error, f"exit {process.returncode}: {process.stdout}{process.stderr}"
        raise Refused(error["code"], error["message"].strip())


class Awscli(Command):
    name = "awscli"
    error = r"An error occurred \((?P<code>\w+)\) when calling the \w+ operation[^:]*: (?P<message>.*)"

    def program(self):
        return [BIN / "aws", "--endpoint-url", f"http://{self.address}", "--output", "json"]

    def api(self, operation, bucket, *arguments):
        answer = self.run("s3api", operation, "--bucket", bucket, *arguments)
        return json.loads(answer) if answer.strip() else {}

    def create_bucket(self, bucket):
        self.run("s3", "mb", f"s3://{bucket}")

    def delete_bucket(self, bucket):
        self.api("delete-bucket", bucket)

    def list_buckets(self):
        return [bucket["Name"] for bucket in json.loads(self.run("s3api", "list-buckets"))["Buckets"]]

    def put_cors(self, bucket, rules):
        document = self.write_file("cors.json", json.dumps({"CORSRules": rules}))
        self.api("put-bucket-cors", bucket, "--cors-configuration", f"file://{document}")

    def get_cors(self, bucket):
        return self.api("get-bucket-cors", bucket)["CORSRules"]

    def delete_cors(self, bucket):
        self.api("delete-bucket-cors", bucket)

    def put_object(self, bucket, key, content, content_type, colour):
        content = self.write_file("content", content)
        metadata = ("--content-type", content_type, "--metadata", f"colour={colour}")
        self.run("s3", "cp", content, f"s3://{bucket}/{key}", *metadata)

    def get_object(self, bucket, key):
        self.run("s3", "cp", f"s3://{bucket}/{key}", "got")
        return (self.folder / "got").read_bytes()

    def object_metadata(self, bucket, key):
        response = self.api("head-object", bucket, "--key", key)
        return response["ContentType"], response["Metadata"]["colour"], response["ETag"].strip('"')

    def list_objects(self, bucket):
        listed = self.run("s3", "ls", "--recursive", "--page-size", "1", f"s3://{bucket}")
        return [line.split(None, 3)[3] for line in listed.splitlines()]

    def delete_object(self, bucket, key):
        self.run("s3", "rm", f"s3://{bucket}/{key}")


class S3cmd(Command):
    name = "s3cmd"
    error = r"S3 error: \d+ \((?P<code>\w+)\)(: (?P<message>.*))?"

    def program(self):
        hosts = [f"--host={self.address}", f"--host-bucket={self.address}", "--no-ssl"]
        keys = ["--access_key=key", "--secret_key=secret", "--config=/dev/null"]
        return [BIN / "s3cmd", "--no-progress", "--max-retries=1", *hosts, *keys]

    def create_bucket(self, bucket):
        self.run("mb", f"s3://{bucket}")

    def delete_bucket(self, bucket):
        self.run("rb", f"s3://{bucket}")

    def list_buckets(self):
        return [line.rsplit("s3://", 1)[1] for line in self.run("ls").splitlines()]

    def put_document(self, bucket, document):
        self.run("setcors", self.write_file("cors.xml", document), f"s3://{bucket}")

    def put_cors(self, bucket, rules):
        self.put_document(bucket, to_xml(rules))

    def get_cors(self, bucket):
        """s3cmd prints the rules together with other settings of the bucket, which it requests one by one."""
        info = self.run("info", f"s3://{bucket}")
        assert re.search(r"Policy: +none", info) and re.search(r"Location: +us-east-1", info), info
        cors = re.search(r"CORS: +(<\?xml.*?</CORSConfiguration>|none)", info, re.DOTALL)[1]
        if cors == "none":
            raise Refused("NoSuchCORSConfiguration", "The CORS configuration does not exist")
        return from_xml(cors.encode())

    def delete_cors(self, bucket):
        self.run("delcors", f"s3://{bucket}")

    def put_object(self, bucket, key, content, content_type, colour):
        header = f"--add-header=x-amz-meta-colour:{colour}"
        content = self.write_file("content", content)
        self.run("put", "--no-guess-mime-type", f"--mime-type={content_type}", header, content, f"s3://{bucket}/{key}")

    def get_object(self, bucket, key):
        self.run("get", "--force", f"s3://{bucket}/{key}", "got")
        return (self.folder / "got").read_bytes()

    def object_metadata(self, bucket, key):
        info = self.run("info", f"s3://{bucket}/{key}")
        return tuple(
            re.search(rf"{name}: +(\S+)", info)[1] for name in ("MIME type", "x-amz-meta-colour", "MD5 sum")
        )

    def list_objects(self, bucket):
        listed = self.run("ls", "--recursive", f"s3://{bucket}")
        return [line.split(f"s3://{bucket}/", 1)[1] for line in listed.splitlines()]

    def delete_object(self, bucket, key):
        self.run("del", f"s3://{bucket}/{key}")


# The checks.


class Report:
    def __init__(self):
        self.passed = self.failed = 0
        self.start = time.monotonic()
        self.lock = threading.Lock()

    def check(self, client, name, check):
        failure = None
        try:
            check()
        except Exception as error:  # Any failure of one check must not stop the others.
            failure = f"{type(error).__name__}: {error}"
        with self.lock:
            self.passed += failure is None
            self.failed += failure is not None
            print(f"FAIL  {client}: {name}: {failure}" if failure else f"ok    {client}: {name}", flush=True)


def assert_equal(actual, expected):
    assert actual == expected, f"got {actual!r}, expected {expected!r}"


def assert_refused(expected, operation, *arguments):
    try:
        operation(*arguments)
    except Refused as error:
        return assert_equal(error.error, expected)
    raise AssertionError(f"was not refused, expected {expected!r}")


def preflight(address, target, origin):
    connection = http.client.HTTPConnection(address, timeout=TIMEOUT)
    with contextlib.closing(connection):
        connection.request(
            "OPTIONS", target, headers={"Origin": origin, "Access-Control-Request-Method": "PUT"}
        )
        answer = connection.getresponse()
        return answer.status, answer.headers["Access-Control-Allow-Origin"]


def check_cors(report, client, address, knows_buckets=True):
    """Checks the operations on rules. Preflights go to the address."""
    bucket = f"{client.name}-cors"
    no_rules = ("NoSuchCORSConfiguration", "The CORS configuration does not exist")
    no_bucket = ("NoSuchBucket", "The specified bucket does not exist")

    def round_trip(rules):
        client.put_cors(bucket, rules)
        assert_equal(client.get_cors(bucket), rules)

    def delete_twice():
        client.delete_cors(bucket)
        client.delete_cors(bucket)
        assert_refused(no_rules, client.get_cors, bucket)

    def check(name, function, *arguments):
        report.check(client.name, name, lambda: function(*arguments))

    check("creates a bucket", client.create_bucket, bucket)
    check("gets an error if there are no rules", assert_refused, no_rules, client.get_cors, bucket)
    if knows_buckets:
        missing = f"no-{bucket}"
        check("cannot put rules for a missing bucket", assert_refused, no_bucket, client.put_cors, missing, [PLAIN])
    for name, rules in VALID.items():
        check(f"puts and gets {name}", round_trip, rules)
    check("puts and gets the rules that stay", round_trip, [FULL])
    for name, (rules, error) in INVALID.items():
        check(f"cannot put {name}", assert_refused, error, client.put_cors, bucket, rules)
    if hasattr(client, "put_document"):
        for name, document in DOCUMENTS.items():
            check(f"cannot put {name}", assert_refused, MALFORMED, client.put_document, bucket, document)
    check("still gets the valid rules", lambda: assert_equal(client.get_cors(bucket), [FULL]))
    origin = "https://www.example.com"
    target = f"/{bucket}/key"
    check("has a preflight granted", lambda: assert_equal(preflight(address, target, origin), (200, origin)))
    check("has a preflight refused", lambda: assert_equal(preflight(address, target, "http://evil.net"), (403, None)))
    check("deletes the rules twice", delete_twice)
    check("deletes the bucket", client.delete_bucket, bucket)
    check("does not list the deleted bucket", lambda: assert_equal(bucket in client.list_buckets(), False))


def check_objects(report, client):
    bucket = f"{client.name}-objects"
    key = "folder/grün & <two> 100%+.txt"
    content = bytes(range(256)) * 300
    not_empty = ("BucketNotEmpty", "The bucket you tried to delete is not empty")

    def put_objects():
        client.create_bucket(bucket)
        client.put_object(bucket, key, content, "text/x-colour", "green")
        client.put_object(bucket, "empty", b"", "text/plain", "none")

    def check_metadata():
        assert_equal(client.object_metadata(bucket, key), ("text/x-colour", "green", hashlib.md5(content).hexdigest()))

    def delete_all():
        client.delete_object(bucket, key)
        client.delete_object(bucket, "empty")
        assert_equal(client.list_objects(bucket), [])
        client.delete_bucket(bucket)

    def check(name, function, *arguments):
        report.check(client.name, name, lambda: function(*arguments))

    check("puts objects", put_objects)
    check("gets an object", lambda: assert_equal(client.get_object(bucket, key), content))
    check("gets an empty object", lambda: assert_equal(client.get_object(bucket, "empty"), b""))
    check("gets type, metadata and MD5", check_metadata)
    check("lists objects", lambda: assert_equal(client.list_objects(bucket), ["empty", key]))
    check("lists its bucket", lambda: assert_equal(bucket in client.list_buckets(), True))
    check("cannot delete a bucket with objects", assert_refused, not_empty, client.delete_bucket, bucket)
    check("deletes objects and bucket", delete_all)


class SdkChecks:
    """Checks that need an SDK."""

    bucket = "boto3-sdk"
    object = {"Bucket": bucket, "Key": "key"}

    def __init__(self, boto, address):
        self.boto, self.address = boto, address
        self.port = address.rsplit(":", 1)[1]
        boto.create_bucket(self.bucket)

    def check(self, report):
        for name, check in {
            "gets an error for a missing object": self.get_missing,
            "gets a range": self.get_range,
            "cannot put an object that is too large": self.put_too_large,
            "cannot put an object with a key that is too long": self.put_long_key,
            "puts an aws-chunked object": self.put_chunked,
            "uses virtual-hosted style": self.virtual_hosted,
        }.items():
            report.check(self.boto.name, name, check)

    def put(self, key, content):
        self.boto.put_object(self.bucket, key, content, "text/plain", "none")

    def get_missing(self):
        expected = ("NoSuchKey", "The specified key does not exist.")
        assert_refused(expected, self.boto.get_object, self.bucket, "none")

    def get_range(self):
        self.put("key", b"0123456789")
        response = self.boto.call("get_object", **self.object, Range="bytes=2-4")
        assert_equal((response["Body"].read(), response["ContentRange"]), (b"234", "bytes 2-4/10"))
        expected = ("InvalidRange", "The requested range is not satisfiable")
        assert_refused(expected, lambda: self.boto.call("get_object", **self.object, Range="bytes=10-"))

    def put_too_large(self):
        expected = ("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
        assert_refused(expected, self.put, "key", bytes(16 * 1024 * 1024 + 1))

    def put_long_key(self):
        assert_refused(("KeyTooLongError", "Your key is too long"), self.put, "k" * 1025, b"")

    def put_chunked(self):
        """Over TLS, boto3 sends the checksum after the content. The hook makes it do so without TLS."""

        def send_checksum_in_trailer(params, **_):
            params["context"]["checksum"]["request_algorithm"]["in"] = "trailer"

        sent_headers = {}
        client = Boto3.client(f"http://{self.address}", "path")
        client.meta.events.register("before-call.s3.PutObject", send_checksum_in_trailer)
        client.meta.events.register(
            "before-send.s3.PutObject", lambda request, **_: sent_headers.update(request.headers)
        )
        content = os.urandom(3_000_000)
        client.put_object(**self.object, Body=content)
        assert_equal(sent_headers["Content-Encoding"], b"aws-chunked")
        assert_equal(self.boto.get_object(self.bucket, "key") == content, True)
        assert_equal("ContentEncoding" in self.boto.call("head_object", **self.object), False)

    def virtual_hosted(self):
        hosts = []
        client = Boto3.client(f"http://localhost:{self.port}", "virtual")
        client.meta.events.register("before-send.s3.*", lambda request, **_: hosts.append(request.url.split("/")[2]))
        client.put_object(**self.object, Body=b"virtual")
        client.put_bucket_cors(Bucket=self.bucket, CORSConfiguration={"CORSRules": [FULL]})
        assert_equal(set(hosts), {f"{self.bucket}.localhost:{self.port}"})
        assert_equal((self.boto.get_object(self.bucket, "key"), self.boto.get_cors(self.bucket)), (b"virtual", [FULL]))


@contextlib.contextmanager
def running_server(binary):
    process = subprocess.Popen([binary, "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
    try:
        ready, _, _ = select.select([process.stdout], [], [], TIMEOUT)
        line = process.stdout.readline() if ready else ""
        assert line.startswith("listening on http://"), f"unexpected first line of the server: {line!r}"
        yield line.strip().removeprefix("listening on http://")
    finally:
        process.terminate()
        try:
            process.wait(TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()


def isolate(folder):
    """Ignores the settings and proxies of this machine, and resolves `BUCKET.localhost` without DNS."""
    environment = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    os.environ.clear()
    os.environ.update(environment)
    os.environ.update(
        HOME=folder,
        LC_ALL="C.UTF-8",
        AWS_ACCESS_KEY_ID="key",
        AWS_SECRET_ACCESS_KEY="secret",
        AWS_DEFAULT_REGION="us-east-1",
        AWS_EC2_METADATA_DISABLED="true",
        AWS_MAX_ATTEMPTS="1",
    )
    original = socket.getaddrinfo

    def resolve(host, *arguments, **options):
        name = host.decode() if isinstance(host, bytes) else host
        return original("127.0.0.1" if name.endswith("localhost") else host, *arguments, **options)

    socket.getaddrinfo = resolve


def check_client(client_class, report, address, folder):
    folder = folder / client_class.name
    folder.mkdir()
    client = client_class(address, folder)
    check_cors(report, client, address)
    check_objects(report, client)
    if client_class is Boto3:
        SdkChecks(client, address).check(report)


def main():
    report = Report()
    with tempfile.TemporaryDirectory() as folder, running_server(sys.argv[1]) as address:
        isolate(folder)
        with concurrent.futures.ThreadPoolExecutor() as pool:
            running = [
                pool.submit(check_client, client_class, report, address, Path(folder))
                for client_class in (Boto3, Awscli, S3cmd)
            ]
        for future in running:
            future.result()
    print(f"finished in {time.monotonic() - report.start:.0f} s")
    print(f"{report.passed} passed, {report.failed} failed")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
