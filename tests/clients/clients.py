"""Real S3 clients against the example bucket_server, which is started on a free loopback port.

    clients.py PATH_OF_BUCKET_SERVER

Each client makes a bucket, writes and reads CORS configurations and objects, and tells the errors as it sees
them. One line for each check, last "N passed, N failed"; exit status 1 if any failed.
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
PATIENCE = 30
NAMESPACE = "{http://s3.amazonaws.com/doc/2006-03-01/}"
LISTS = {
    "AllowedOrigins": "AllowedOrigin",
    "AllowedMethods": "AllowedMethod",
    "AllowedHeaders": "AllowedHeader",
    "ExposeHeaders": "ExposeHeader",
}


class Refused(Exception):
    """An error as a client tells it."""

    def __init__(self, code, message):
        super().__init__(f"{code}: {message}")
        self.said = (code, message)


# What is put, and what must come back.

PLAIN = {"AllowedOrigins": ["https://app.example.com"], "AllowedMethods": ["GET"]}
FULL = {
    "ID": "web <&> grün",
    "AllowedOrigins": ["https://*.example.com", "http://localhost:*", "https", ""],
    "AllowedMethods": ["GET", "PUT", "POST", "DELETE", "HEAD"],
    "AllowedHeaders": ["*", "x-amz-*", "Content-MD5"],
    "ExposeHeaders": ["ETag", "x-amz-version-id"],
    "MaxAgeSeconds": 0,
}
LAWFUL = {
    "one rule": [PLAIN],
    "every field": [FULL, PLAIN],
    "any origin": [{**PLAIN, "AllowedOrigins": ["*"], "MaxAgeSeconds": -1}],
    "100 rules": [{**PLAIN, "ID": f"rule {number}"} for number in range(100)],
}

MALFORMED = (
    "MalformedXML",
    "The XML you provided was not well-formed or did not validate against our published schema",
)


def invalid(message):
    return ("InvalidRequest", message)


def plain_with(**fields):
    return [{**PLAIN, **fields}]


UNLAWFUL = {
    "no rules": ([], MALFORMED),
    "no origin": (plain_with(AllowedOrigins=[]), MALFORMED),
    "no method": (plain_with(AllowedMethods=[]), MALFORMED),
    "an unsupported method": (
        plain_with(AllowedMethods=["GET", "PATCH"]),
        invalid("Found unsupported HTTP method in CORS config. Unsupported method is PATCH"),
    ),
    "a method in lower case": (
        plain_with(AllowedMethods=["get"]),
        invalid("Found unsupported HTTP method in CORS config. Unsupported method is get"),
    ),
    "two wildcards in an origin": (
        plain_with(AllowedOrigins=["https://*.*.example.com"]),
        invalid('AllowedOrigin "https://*.*.example.com" can not have more than one wildcard.'),
    ),
    "two wildcards in a header": (
        plain_with(AllowedHeaders=["x-*-*"]),
        invalid('AllowedHeader "x-*-*" can not have more than one wildcard.'),
    ),
    "a header that is no name": (
        plain_with(AllowedHeaders=["x header"]),
        invalid('AllowedHeader "x header" contains invalid character.'),
    ),
    "an exposed header that is no name": (
        plain_with(ExposeHeaders=["x(header)"]),
        invalid('AllowedHeader "x(header)" contains invalid character.'),
    ),
    "a wildcard in an exposed header": (
        plain_with(ExposeHeaders=["x-*"]),
        invalid('ExposeHeader "x-*" contains wildcard. We currently do not support wildcard for ExposeHeader.'),
    ),
    "101 rules": (
        [PLAIN] * 101,
        invalid("The number of CORS rules should not exceed allowed limit of 100 rules."),
    ),
    "a long ID": (
        plain_with(ID="i" * 256),
        invalid("The ID of a CORS rule should not exceed 255 characters."),
    ),
    "over 64 KB": (plain_with(AllowedOrigins=["https://" + "o" * 700] * 100), MALFORMED),
}

RULE = "<CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod>{}</CORSRule>"
RULES = "<CORSConfiguration>" + RULE + "</CORSConfiguration>"
# What only a client that sends a file byte for byte can send.
DOCUMENTS = {
    "no XML": "no XML",
    "JSON": json.dumps({"CORSRules": [PLAIN]}),
    "an open element": RULES.format("")[:-1],
    "two roots": RULES.format("") * 2,
    "another root": RULE.format(""),
    "a document type": "<!DOCTYPE CORSConfiguration>" + RULES.format(""),
    "an unknown element": RULES.format("<AllowedOrigins>*</AllowedOrigins>"),
    "two IDs": RULES.format("<ID>a</ID><ID>b</ID>"),
    "an age that is no number": RULES.format("<MaxAgeSeconds>soon</MaxAgeSeconds>"),
}


def to_xml(rules):
    written = []
    for rule in rules:
        fields = [f"<ID>{escape(rule['ID'])}</ID>"] if "ID" in rule else []
        for name, element in LISTS.items():
            fields += [f"<{element}>{escape(value)}</{element}>" for value in rule.get(name, [])]
        if "MaxAgeSeconds" in rule:
            fields.append(f"<MaxAgeSeconds>{rule['MaxAgeSeconds']}</MaxAgeSeconds>")
        written.append("<CORSRule>" + "".join(fields) + "</CORSRule>")
    return "<CORSConfiguration>" + "".join(written) + "</CORSConfiguration>"


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


# The clients: the same few deeds, each in its own way.


class Boto3:
    name = "boto3"

    def __init__(self, address, _folder):
        self.s3 = self.client(f"http://{address}", "path")

    @staticmethod
    def client(url, style):
        config = botocore.config.Config(
            s3={"addressing_style": style},
            connect_timeout=PATIENCE,
            read_timeout=PATIENCE,
            retries={"total_max_attempts": 1},
        )
        return boto3.client("s3", endpoint_url=url, region_name="us-east-1", config=config)

    def call(self, operation, **parameters):
        try:
            return getattr(self.s3, operation)(**parameters)
        except botocore.exceptions.ClientError as error:
            told = error.response["ResponseMetadata"]
            assert told["RequestId"] and told["HostId"], "the ids of the request are missing"
            raise Refused(error.response["Error"]["Code"], error.response["Error"]["Message"]) from None

    def make_bucket(self, bucket):
        self.call("create_bucket", Bucket=bucket)

    def remove_bucket(self, bucket):
        self.call("delete_bucket", Bucket=bucket)

    def buckets(self):
        return [bucket["Name"] for bucket in self.call("list_buckets")["Buckets"]]

    def put_cors(self, bucket, rules):
        self.call("put_bucket_cors", Bucket=bucket, CORSConfiguration={"CORSRules": rules})

    def get_cors(self, bucket):
        return self.call("get_bucket_cors", Bucket=bucket)["CORSRules"]

    def delete_cors(self, bucket):
        self.call("delete_bucket_cors", Bucket=bucket)

    def put(self, bucket, key, content, kind, colour):
        self.call(
            "put_object", Bucket=bucket, Key=key, Body=content, ContentType=kind, Metadata={"colour": colour}
        )

    def get(self, bucket, key):
        return self.call("get_object", Bucket=bucket, Key=key)["Body"].read()

    def about(self, bucket, key):
        got = self.call("head_object", Bucket=bucket, Key=key)
        return got["ContentType"], got["Metadata"]["colour"], got["ETag"].strip('"')

    def keys(self, bucket):
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, PaginationConfig={"PageSize": 1})
        return [item["Key"] for page in pages for item in page.get("Contents", [])]

    def remove(self, bucket, key):
        self.call("delete_object", Bucket=bucket, Key=key)


class Command:
    """A client that is a program."""

    def __init__(self, address, folder):
        self.address, self.folder = address, folder

    def file(self, name, content):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def run(self, *arguments):
        done = subprocess.run(
            [str(argument) for argument in self.program() + list(arguments)],
            capture_output=True,
            timeout=PATIENCE,
            text=True,
            cwd=self.folder,
        )
        if done.returncode == 0:
            return done.stdout
        told = re.search(self.error, done.stderr)
        assert told, f"exit {done.returncode}: {done.stdout}{done.stderr}"
        raise Refused(told["code"], told["message"].strip())


class Awscli(Command):
    name = "awscli"
    error = r"An error occurred \((?P<code>\w+)\) when calling the \w+ operation[^:]*: (?P<message>.*)"

    def program(self):
        return [BIN / "aws", "--endpoint-url", f"http://{self.address}", "--output", "json"]

    def api(self, operation, bucket, *arguments):
        answer = self.run("s3api", operation, "--bucket", bucket, *arguments)
        return json.loads(answer) if answer.strip() else {}

    def make_bucket(self, bucket):
        self.run("s3", "mb", f"s3://{bucket}")

    def remove_bucket(self, bucket):
        self.api("delete-bucket", bucket)

    def buckets(self):
        return [bucket["Name"] for bucket in json.loads(self.run("s3api", "list-buckets"))["Buckets"]]

    def put_cors(self, bucket, rules):
        document = self.file("cors.json", json.dumps({"CORSRules": rules}))
        self.api("put-bucket-cors", bucket, "--cors-configuration", f"file://{document}")

    def get_cors(self, bucket):
        return self.api("get-bucket-cors", bucket)["CORSRules"]

    def delete_cors(self, bucket):
        self.api("delete-bucket-cors", bucket)

    def put(self, bucket, key, content, kind, colour):
        content = self.file("content", content)
        metadata = ("--content-type", kind, "--metadata", f"colour={colour}")
        self.run("s3", "cp", content, f"s3://{bucket}/{key}", *metadata)

    def get(self, bucket, key):
        self.run("s3", "cp", f"s3://{bucket}/{key}", "got")
        return (self.folder / "got").read_bytes()

    def about(self, bucket, key):
        got = self.api("head-object", bucket, "--key", key)
        return got["ContentType"], got["Metadata"]["colour"], got["ETag"].strip('"')

    def keys(self, bucket):
        listed = self.run("s3", "ls", "--recursive", "--page-size", "1", f"s3://{bucket}")
        return [line.split(None, 3)[3] for line in listed.splitlines()]

    def remove(self, bucket, key):
        self.run("s3", "rm", f"s3://{bucket}/{key}")


class S3cmd(Command):
    name = "s3cmd"
    error = r"S3 error: \d+ \((?P<code>\w+)\)(: (?P<message>.*))?"

    def program(self):
        hosts = [f"--host={self.address}", f"--host-bucket={self.address}", "--no-ssl"]
        keys = ["--access_key=key", "--secret_key=secret", "--config=/dev/null"]
        return [BIN / "s3cmd", "--no-progress", "--max-retries=1", *hosts, *keys]

    def make_bucket(self, bucket):
        self.run("mb", f"s3://{bucket}")

    def remove_bucket(self, bucket):
        self.run("rb", f"s3://{bucket}")

    def buckets(self):
        return [line.rsplit("s3://", 1)[1] for line in self.run("ls").splitlines()]

    def put_document(self, bucket, document):
        self.run("setcors", self.file("cors.xml", document), f"s3://{bucket}")

    def put_cors(self, bucket, rules):
        self.put_document(bucket, to_xml(rules))

    def get_cors(self, bucket):
        """s3cmd tells the rules among all that it knows of a bucket, which it asks for one by one."""
        told = self.run("info", f"s3://{bucket}")
        assert re.search(r"Policy: +none", told) and re.search(r"Location: +us-east-1", told), told
        cors = re.search(r"CORS: +(<\?xml.*?</CORSConfiguration>|none)", told, re.DOTALL)[1]
        if cors == "none":
            raise Refused("NoSuchCORSConfiguration", "The CORS configuration does not exist")
        return from_xml(cors.encode())

    def delete_cors(self, bucket):
        self.run("delcors", f"s3://{bucket}")

    def put(self, bucket, key, content, kind, colour):
        header = f"--add-header=x-amz-meta-colour:{colour}"
        content = self.file("content", content)
        self.run("put", "--no-guess-mime-type", f"--mime-type={kind}", header, content, f"s3://{bucket}/{key}")

    def get(self, bucket, key):
        self.run("get", "--force", f"s3://{bucket}/{key}", "got")
        return (self.folder / "got").read_bytes()

    def about(self, bucket, key):
        told = self.run("info", f"s3://{bucket}/{key}")
        return tuple(
            re.search(rf"{name}: +(\S+)", told)[1] for name in ("MIME type", "x-amz-meta-colour", "MD5 sum")
        )

    def keys(self, bucket):
        listed = self.run("ls", "--recursive", f"s3://{bucket}")
        return [line.split(f"s3://{bucket}/", 1)[1] for line in listed.splitlines()]

    def remove(self, bucket, key):
        self.run("del", f"s3://{bucket}/{key}")


# The checks.


class Report:
    def __init__(self):
        self.passed = self.failed = 0
        self.start = time.monotonic()
        self.lock = threading.Lock()

    def check(self, client, what, check):
        fault = None
        try:
            check()
        except Exception as error:  # Whatever it is, the next check runs.
            fault = f"{type(error).__name__}: {error}"
        with self.lock:
            self.passed += fault is None
            self.failed += fault is not None
            print(f"FAIL  {client}: {what}: {fault}" if fault else f"ok    {client}: {what}", flush=True)


def equal(got, wanted):
    assert got == wanted, f"got {got!r}, wanted {wanted!r}"


def refused(said, deed, *arguments):
    try:
        deed(*arguments)
    except Refused as error:
        return equal(error.said, said)
    raise AssertionError(f"was not refused, wanted {said!r}")


def preflight(address, target, origin):
    connection = http.client.HTTPConnection(address, timeout=PATIENCE)
    with contextlib.closing(connection):
        connection.request(
            "OPTIONS", target, headers={"Origin": origin, "Access-Control-Request-Method": "PUT"}
        )
        answer = connection.getresponse()
        return answer.status, answer.headers["Access-Control-Allow-Origin"]


def check_cors(report, client, address):
    bucket = f"{client.name}-cors"
    none = ("NoSuchCORSConfiguration", "The CORS configuration does not exist")
    no_bucket = ("NoSuchBucket", "The specified bucket does not exist")

    def round_trip(rules):
        client.put_cors(bucket, rules)
        equal(client.get_cors(bucket), rules)

    def delete():
        client.delete_cors(bucket)
        client.delete_cors(bucket)
        refused(none, client.get_cors, bucket)

    def check(what, deed, *arguments):
        report.check(client.name, what, lambda: deed(*arguments))

    check("makes a bucket", client.make_bucket, bucket)
    check("reads no rules", refused, none, client.get_cors, bucket)
    check("puts no rules where no bucket is", refused, no_bucket, client.put_cors, f"no-{bucket}", [PLAIN])
    for what, rules in LAWFUL.items():
        check(f"puts and gets {what}", round_trip, rules)
    check("puts and gets rules that bind", round_trip, [FULL])
    for what, (rules, said) in UNLAWFUL.items():
        check(f"is refused {what}", refused, said, client.put_cors, bucket, rules)
    if hasattr(client, "put_document"):
        for what, document in DOCUMENTS.items():
            check(f"is refused {what}", refused, MALFORMED, client.put_document, bucket, document)
    check("finds its rules in force", lambda: equal(client.get_cors(bucket), [FULL]))
    origin = "https://www.example.com"
    check("lets a page in", lambda: equal(preflight(address, f"/{bucket}/key", origin), (200, origin)))
    check("keeps a page out", lambda: equal(preflight(address, f"/{bucket}/key", "http://evil.net"), (403, None)))
    check("deletes the rules, twice", delete)
    check("deletes the bucket", client.remove_bucket, bucket)
    check("sees it gone", lambda: equal(bucket in client.buckets(), False))


def check_objects(report, client):
    bucket = f"{client.name}-objects"
    key = "folder/grün & <two> 100%+.txt"
    content = bytes(range(256)) * 300
    not_empty = ("BucketNotEmpty", "The bucket you tried to delete is not empty")

    def put():
        client.make_bucket(bucket)
        client.put(bucket, key, content, "text/x-colour", "green")
        client.put(bucket, "empty", b"", "text/plain", "none")

    def told():
        equal(client.about(bucket, key), ("text/x-colour", "green", hashlib.md5(content).hexdigest()))

    def remove():
        client.remove(bucket, key)
        client.remove(bucket, "empty")
        equal(client.keys(bucket), [])
        client.remove_bucket(bucket)

    def check(what, deed, *arguments):
        report.check(client.name, what, lambda: deed(*arguments))

    check("puts objects", put)
    check("gets an object", lambda: equal(client.get(bucket, key), content))
    check("gets an empty object", lambda: equal(client.get(bucket, "empty"), b""))
    check("is told type, metadata and MD5", told)
    check("lists objects", lambda: equal(client.keys(bucket), ["empty", key]))
    check("lists its bucket", lambda: equal(bucket in client.buckets(), True))
    check("cannot delete a bucket with objects", refused, not_empty, client.remove_bucket, bucket)
    check("deletes objects and bucket", remove)


class Sdk:
    """What an SDK can do and the programs do not."""

    bucket = "boto3-sdk"
    object = {"Bucket": bucket, "Key": "key"}

    def __init__(self, boto, address):
        self.boto, self.address = boto, address
        self.port = address.rsplit(":", 1)[1]
        boto.make_bucket(self.bucket)

    def check(self, report):
        for what, check in {
            "gets no object that is not there": self.get_missing,
            "gets a range": self.get_range,
            "puts no object that is too large": self.put_too_large,
            "puts no object under a long key": self.put_long_key,
            "puts an object in chunks": self.put_chunked,
            "speaks virtual-hosted style": self.virtual_hosted,
        }.items():
            report.check(self.boto.name, what, check)

    def put(self, key, content):
        self.boto.put(self.bucket, key, content, "text/plain", "none")

    def get_missing(self):
        said = ("NoSuchKey", "The specified key does not exist.")
        refused(said, self.boto.get, self.bucket, "none")

    def get_range(self):
        self.put("key", b"0123456789")
        got = self.boto.call("get_object", **self.object, Range="bytes=2-4")
        equal((got["Body"].read(), got["ContentRange"]), (b"234", "bytes 2-4/10"))
        beyond = ("InvalidRange", "The requested range is not satisfiable")
        refused(beyond, lambda: self.boto.call("get_object", **self.object, Range="bytes=10-"))

    def put_too_large(self):
        said = ("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
        refused(said, self.put, "key", bytes(16 * 1024 * 1024 + 1))

    def put_long_key(self):
        refused(("KeyTooLongError", "Your key is too long"), self.put, "k" * 1025, b"")

    def put_chunked(self):
        """Over TLS, boto3 sends the checksum behind the content; here it is told to do so without."""

        def into_trailer(params, **_):
            params["context"]["checksum"]["request_algorithm"]["in"] = "trailer"

        sent = {}
        client = Boto3.client(f"http://{self.address}", "path")
        client.meta.events.register("before-call.s3.PutObject", into_trailer)
        client.meta.events.register("before-send.s3.PutObject", lambda request, **_: sent.update(request.headers))
        content = os.urandom(3_000_000)
        client.put_object(**self.object, Body=content)
        equal(sent["Content-Encoding"], b"aws-chunked")
        equal(self.boto.get(self.bucket, "key") == content, True)
        equal("ContentEncoding" in self.boto.call("head_object", **self.object), False)

    def virtual_hosted(self):
        hosts = []
        client = Boto3.client(f"http://localhost:{self.port}", "virtual")
        client.meta.events.register("before-send.s3.*", lambda request, **_: hosts.append(request.url.split("/")[2]))
        client.put_object(**self.object, Body=b"virtual")
        client.put_bucket_cors(Bucket=self.bucket, CORSConfiguration={"CORSRules": [FULL]})
        equal(set(hosts), {f"{self.bucket}.localhost:{self.port}"})
        equal((self.boto.get(self.bucket, "key"), self.boto.get_cors(self.bucket)), (b"virtual", [FULL]))


@contextlib.contextmanager
def server(binary):
    process = subprocess.Popen([binary, "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
    try:
        ready, _, _ = select.select([process.stdout], [], [], PATIENCE)
        line = process.stdout.readline() if ready else ""
        assert line.startswith("listening on http://"), f"the server says {line!r}"
        yield line.strip().removeprefix("listening on http://")
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()


def isolate(folder):
    """No settings of this machine, no proxy, and no look-up of names for `BUCKET.localhost`."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    os.environ.clear()
    os.environ.update(kept)
    os.environ.update(
        HOME=folder,
        LC_ALL="C.UTF-8",
        AWS_ACCESS_KEY_ID="key",
        AWS_SECRET_ACCESS_KEY="secret",
        AWS_DEFAULT_REGION="us-east-1",
        AWS_EC2_METADATA_DISABLED="true",
        AWS_MAX_ATTEMPTS="1",
    )
    look_up = socket.getaddrinfo

    def on_loopback(host, *arguments, **options):
        name = host.decode() if isinstance(host, bytes) else host
        return look_up("127.0.0.1" if name.endswith("localhost") else host, *arguments, **options)

    socket.getaddrinfo = on_loopback


def check_client(kind, report, address, folder):
    folder = folder / kind.name
    folder.mkdir()
    client = kind(address, folder)
    check_cors(report, client, address)
    check_objects(report, client)
    if kind is Boto3:
        Sdk(client, address).check(report)


def main():
    report = Report()
    with tempfile.TemporaryDirectory() as folder, server(sys.argv[1]) as address:
        isolate(folder)
        with concurrent.futures.ThreadPoolExecutor() as pool:
            running = [
                pool.submit(check_client, kind, report, address, Path(folder)) for kind in (Boto3, Awscli, S3cmd)
            ]
        for client in running:
            client.result()
    print(f"all within {time.monotonic() - report.start:.0f} s")
    print(f"{report.passed} passed, {report.failed} failed")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
