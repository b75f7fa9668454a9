"""A real S3 server, and a gate before it that can be shut."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from urllib.parse import urlsplit
from urllib.request import Request, urlopen
from uuid import uuid4

import boto3
from moto.server import ThreadedMotoServer

KEY, SECRET = "an-access-key", "a-secret-key"


@contextmanager
def s3_server() -> Iterator[str]:
    """The URL of an S3 server without buckets."""
    moto = ThreadedMotoServer("127.0.0.1", 0)
    moto.start()
    host, port = moto.get_host_and_port()
    yield f"http://{host}:{port}"
    moto.stop()


def environment(url: str) -> dict[str, str]:
    """What an operator sets for S3's own tools."""
    return {
        "AWS_ENDPOINT_URL_S3": url,
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": "us-east-1",
    }


@contextmanager
def users(url: str, **actions: str) -> Iterator[dict[str, dict[str, str]]]:
    """Has a server check who asks, and gives the environments of users by their names.

    Args:
        url: of the server, which lets anybody do anything otherwise.
        actions: what each user may do, such as `s3:Get*`.
    """
    admin = {"aws_access_key_id": KEY, "aws_secret_access_key": SECRET, "region_name": "us-east-1"}
    iam = boto3.client("iam", endpoint_url=url, **admin)
    found = {}
    for user, action in actions.items():
        name = f"{user}-{uuid4().hex}"
        iam.create_user(UserName=name)
        statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        iam.put_user_policy(UserName=name, PolicyName="may", PolicyDocument=json.dumps(policy))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        found[user] = {
            "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
        }
    _let_unknown_ask(url, "0")
    try:
        yield found
    finally:
        _let_unknown_ask(url, "inf")


def _let_unknown_ask(url: str, times: str) -> None:
    headers = {"Content-Type": "text/plain"}  # a form's body would not reach it
    with urlopen(Request(f"{url}/moto-api/reset-auth", times.encode(), headers)):
        pass


class Bucket:
    """A bucket, as its owner sees it."""

    def __init__(self, url: str, name: str) -> None:
        self.uri = f"s3://{name}"
        self.url = url
        self._name = name
        self._client = boto3.client(
            "s3",
            endpoint_url=url,
            aws_access_key_id=KEY,
            aws_secret_access_key=SECRET,
            region_name="us-east-1",
        )
        self._client.create_bucket(Bucket=name)

    def put(self, key: str, data: bytes) -> None:
        self._client.put_object(Bucket=self._name, Key=key, Body=data)

    def get(self, key: str) -> bytes:
        body: bytes = self._client.get_object(Bucket=self._name, Key=key)["Body"].read()
        return body

    def remove(self, key: str) -> None:
        self._client.delete_object(Bucket=self._name, Key=key)

    @property
    def keys(self) -> list[str]:
        found = self._client.list_objects_v2(Bucket=self._name).get("Contents", [])
        return [entry["Key"] for entry in found]


class Gate:
    """Stands before a server, and hands on what is read there while it is open."""

    def __init__(self, url: str) -> None:
        self.opened = Event()
        self.asked = 0
        gate, behind = self, urlsplit(url).netloc

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                gate.asked += 1
                gate.opened.wait(60)
                connection = HTTPConnection(behind)
                connection.request("GET", self.path, headers=dict(self.headers))
                answer = connection.getresponse()
                body = answer.read()
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in ("content-length", "connection", "transfer-encoding"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
                connection.close()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
