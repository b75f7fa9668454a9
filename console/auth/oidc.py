"""Logging in by a firm's own provider: OpenID Connect with the authorisation code and PKCE."""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oauth2 import OAuth2Error
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from nophoto.models.errors import NophotoError
from nophoto.models.records.tables import Role
from nophoto.worker.settings import Settings

LEEWAY = 60
"""Seconds by which the clocks of the provider and of this host may differ."""

_TIMEOUT = 10.0
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]
"""Those with a public key: anybody who has a shared secret could log in as anybody."""

_RANK = {role: rank for rank, role in enumerate(Role)}


class ProviderAwayError(NophotoError):
    """The provider does not answer as it should."""


class IdentityRefusedError(NophotoError):
    """The provider's answer is not one that lets somebody in."""


class GroupsRefusedError(NophotoError):
    """Somebody's groups give them no role here, or several collections."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody whom the provider vouches for.

    Attributes:
        name: that decisions are kept with.
        role: the highest of their groups'.
        collection: whose uploads alone they see; None: those of all.
    """

    name: str
    role: Role
    collection: str | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """A login that begins: where to send the browser, and what its answer is checked against."""

    url: str
    state: str
    nonce: str
    verifier: str


class Provider:
    """A provider of OpenID Connect; any thread may call it.

    Args:
        settings: its address, and which groups have which roles and collections.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._issuer = settings.oidc_issuer.rstrip("/")
        self._metadata: Mapping[str, Any] | None = None

    @property
    def issuer(self) -> str:
        """By which users of this provider are known."""
        return self._issuer

    def begin(self, redirect: str) -> Attempt:
        """Begin a login whose answer comes to `redirect`.

        Raises:
            ProviderAwayError: if the provider does not answer.
        """
        nonce, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
        with self._client(redirect) as client:
            url, state = client.create_authorization_url(
                self._find("authorization_endpoint"), nonce=nonce, code_verifier=verifier
            )
        return Attempt(url, state, nonce, verifier)

    def finish(self, code: str, redirect: str, nonce: str, verifier: str) -> Identity:
        """Who came back with `code`.

        Raises:
            ProviderAwayError: if the provider does not answer.
            IdentityRefusedError: if its answer does not hold.
            GroupsRefusedError: if none of their groups has a role, or several have collections.
        """
        endpoint = self._find("token_endpoint")
        try:
            with self._client(redirect) as client:
                token = client.fetch_token(
                    endpoint, code=code, code_verifier=verifier, grant_type="authorization_code"
                )
        except OAuth2Error as error:
            raise IdentityRefusedError(f"the provider refuses the code ({error.error})") from error
        except httpx.HTTPError as error:
            raise _away(self._issuer, error) from error
        return self._identity(self._claims(str(token.get("id_token") or ""), nonce))

    def _claims(self, id_token: str, nonce: str) -> dict[str, Any]:
        keys = self._get(self._find("jwks_uri"))
        registry = jwt.JWTClaimsRegistry(
            leeway=LEEWAY,
            iss={"essential": True, "value": self._find("issuer")},
            aud={"essential": True, "value": self._settings.oidc_client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            token = jwt.decode(
                id_token,
                KeySet.import_key_set(keys),  # type: ignore[arg-type]
                algorithms=_ALGORITHMS,
            )
            registry.validate(token.claims)
        except (JoseError, ValueError) as error:
            raise IdentityRefusedError(
                f"the provider's word does not hold ({error}). Do the clocks agree?"
            ) from error
        return token.claims

    def _identity(self, claims: Mapping[str, Any]) -> Identity:
        name = claims.get(self._settings.oidc_name_claim)
        if not isinstance(name, str) or not name.strip() or not name.isprintable():
            raise IdentityRefusedError(
                f"the provider tells no {self._settings.oidc_name_claim}; correct "
                "NOPHOTO_OIDC_NAME_CLAIM"
            )
        if len(name) > 64 or claims.get("email_verified") is False:
            raise IdentityRefusedError(f"{name:.64} cannot be taken for a name")
        told = claims.get(self._settings.oidc_groups_claim) or []
        groups = {
            group for group in ([told] if isinstance(told, str) else told) if isinstance(group, str)
        }
        role = self._role(name, groups)
        collection = self._collection(name, groups)
        if collection is not None:
            # An engineer works on what serves all collections.
            role = min(role, Role.MODERATOR, key=_RANK.__getitem__)
        return Identity(name, role, collection)

    def _role(self, name: str, groups: Collection[str]) -> Role:
        roles = [Role(role) for group, role in self._settings.oidc_roles.items() if group in groups]
        if not roles:
            raise GroupsRefusedError(
                f"{name} is in no group that has a role here; NOPHOTO_OIDC_ROLES maps them"
            )
        return max(roles, key=_RANK.__getitem__)

    def _collection(self, name: str, groups: Collection[str]) -> str | None:
        known = self._settings.oidc_collections
        found = sorted({known[group] for group in groups if group in known})
        if len(found) > 1:
            raise GroupsRefusedError(
                f"the groups of {name} belong to several collections: {', '.join(found)}. Leave "
                "them one, or take the groups out of NOPHOTO_OIDC_COLLECTIONS"
            )
        return found[0] if found else None

    def _client(self, redirect: str) -> OAuth2Client:
        settings = self._settings
        return OAuth2Client(
            client_id=settings.oidc_client_id,
            client_secret=settings.oidc_client_secret.get_secret_value(),
            scope=settings.oidc_scope,
            redirect_uri=redirect,
            code_challenge_method="S256",
            timeout=_TIMEOUT,
        )

    def _find(self, name: str) -> str:
        if self._metadata is None:
            found = self._get(f"{self._issuer}/.well-known/openid-configuration")
            if str(found.get("issuer", "")).rstrip("/") != self._issuer:
                raise ProviderAwayError(
                    f"the provider at {self._issuer} calls itself {found.get('issuer')}; correct "
                    "NOPHOTO_OIDC_ISSUER"
                )
            self._metadata = found
        value = self._metadata.get(name)
        if not isinstance(value, str):
            raise ProviderAwayError(f"the provider at {self._issuer} names no {name}")
        return value

    def _get(self, url: str) -> dict[str, Any]:
        try:
            answer = httpx.get(url, timeout=_TIMEOUT).raise_for_status().json()
        except (httpx.HTTPError, ValueError) as error:
            raise _away(self._issuer, error) from error
        if not isinstance(answer, dict):
            raise ProviderAwayError(f"{url} answers something else than an object")
        return answer


def _away(issuer: str, error: Exception) -> ProviderAwayError:
    return ProviderAwayError(f"the provider at {issuer} does not answer ({error})")
