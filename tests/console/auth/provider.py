"""A provider of OpenID Connect on a real socket: it signs, and checks codes and PKCE."""

import secrets
import socket
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from threading import Thread
from time import sleep, time
from typing import Any
from urllib.parse import urlencode

import uvicorn
from fastapi import FastAPI, Form, HTTPException
from fastapi.responses import RedirectResponse
from joserfc import jwt
from joserfc.jwk import RSAKey


@dataclass
class Provider:
    """Who logs in at it next, and what it says of them.

    Attributes:
        claims: of the identity; what a test changes.
        ahead: seconds by which its clock is ahead.
    """

    url: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    ahead: float = 0.0
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/.well-known/openid-configuration")
        def configuration() -> dict[str, str]:
            return {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
            }

        @app.get("/keys")
        def keys() -> dict[str, Any]:
            return {"keys": [self.key.as_dict(private=False)]}

        @app.get("/authorize")
        def authorize(
            redirect_uri: str, state: str, nonce: str, code_challenge: str, client_id: str
        ) -> RedirectResponse:
            code = secrets.token_urlsafe(8)
            self.codes[code] = {
                "nonce": nonce,
                "challenge": code_challenge,
                "redirect": redirect_uri,
                "client": client_id,
            }
            return RedirectResponse(f"{redirect_uri}?{urlencode({'code': code, 'state': state})}")

        @app.post("/token")
        def token(
            code: str = Form(), redirect_uri: str = Form(), code_verifier: str = Form()
        ) -> dict[str, str]:
            known = self.codes.pop(code, None)
            hashed = sha256(code_verifier.encode()).digest()
            challenge = urlsafe_b64encode(hashed).rstrip(b"=").decode()
            if known is None or known["challenge"] != challenge:
                raise HTTPException(400, {"error": "invalid_grant"})
            assert known["redirect"] == redirect_uri
            now = int(time() + self.ahead)
            claims = {
                "iss": self.url,
                "aud": known["client"],
                "sub": "7",
                "iat": now,
                "exp": now + 300,
                "nonce": known["nonce"],
            } | self.claims
            signed = jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)
            return {"access_token": "x", "token_type": "Bearer", "id_token": signed}

        return app


@contextmanager
def provider() -> Iterator[Provider]:
    """A provider that answers."""
    found = Provider()
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        found.url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        server = uvicorn.Server(uvicorn.Config(found.app(), log_level="warning"))
        thread = Thread(target=server.run, args=([bound],))
        thread.start()
        try:
            while not server.started:
                sleep(0.02)
            yield found
        finally:
            server.should_exit = True
            thread.join()
