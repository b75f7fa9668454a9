"""A receiver in a process of its own: checks signatures, and notes what it took in a file.

`python -m benchmarks.webhooks.receiver FILE PORT PERIOD` refuses everything in every other PERIOD
of seconds; with 0 it never does.
"""

import base64
import hmac
import json
import sys
from hashlib import sha256
from pathlib import Path
from time import monotonic

from aiohttp import web

SECRET = "whsec_" + base64.b64encode(b"the secret of a benchmark, 32 by").decode()
_KEY = base64.b64decode(SECRET.removeprefix("whsec_"))


def main(file: Path, port: int, period: float) -> None:
    """Serve until the process is ended."""
    began = monotonic()
    with file.open("a", buffering=1) as taken:

        async def receive(request: web.Request) -> web.Response:
            body = await request.read()
            signed = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}."
            made = base64.b64encode(hmac.digest(_KEY, signed.encode() + body, sha256)).decode()
            if request.headers["webhook-signature"] != f"v1,{made}":
                return web.Response(status=401)
            if period and int((monotonic() - began) / period) % 2:
                return web.Response(status=500)
            taken.write(json.loads(body)["data"]["key"] + "\n")
            return web.Response(status=204)

        application = web.Application()
        application.router.add_post("/", receive)
        web.run_app(application, host="127.0.0.1", port=port, print=lambda _: None, access_log=None)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
