"""Every setting of nophoto, in one typed class."""

import json
import os
import re
from collections.abc import Mapping
from datetime import time
from functools import lru_cache
from hashlib import sha256
from ipaddress import ip_network
from pathlib import Path
from string import Formatter
from tempfile import gettempdir
from typing import Annotated, Literal, Self
from urllib.parse import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from nophoto.models.processors import processors
from nophoto.models.vocabulary import (
    DEFAULT_FALSE_POSITIVE_RATE,
    DEFAULT_KIND_MODES,
    Kind,
    KindMode,
)
from nophoto.worker.uris import OBJECT_SCHEMES, holds_password

_LONGEST_SOCKET = 100
"""Bytes; the kernels take 104 to 108 with the NUL."""


SECRETS = Path(os.environ.get("NOPHOTO_SECRETS", "/run/secrets"))
"""Folder where containers find secrets as files, each with the name of its variable."""

WebhookEvent = Literal["upload.judged", "upload.failed", "upload.waiting", "upload.refused"]


class WebhookEndpoint(BaseModel):
    """One more receiver of webhooks.

    Attributes:
        name: by which `nophoto outbox` and the metrics call it, after `webhook:`.
        url: where it is told.
        secret: what its webhooks are signed with; the setting `webhook_secret` where it is empty.
        events: types that it is sent; empty: all.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")
    url: SecretStr = Field(min_length=1)
    secret: SecretStr = SecretStr("")
    events: tuple[WebhookEvent, ...] = ()

    @property
    def channel(self) -> str:
        """By which the outbox calls it."""
        return f"webhook:{self.name}"


class Settings(BaseSettings):
    """Settings, read from the environment (prefix `NOPHOTO_`), a file `.env`, and secrets' files.

    The embedded defaults need nothing installed: SQLite and a Valkey server, both under `home`.
    """

    model_config = SettingsConfigDict(
        env_prefix="NOPHOTO_",
        env_file=".env",
        secrets_dir=SECRETS if SECRETS.is_dir() else None,
        extra="ignore",
        frozen=True,
    )

    home: Path = Field(
        default=Path("~/.nophoto"),
        description="Folder of what the embedded servers keep: database, broker socket, schedule.",
    )
    versions: str = Field(
        default="",
        description="Where imported and trained model versions are kept: a folder, which every "
        "worker must see at the same path, or a place such as `s3://bucket/prefix`, `gs://…` or "
        "`az://…`, from which each host copies what it needs to `fetched-versions` in `home`. "
        "Empty: the folder `model-versions` in `home`.",
    )
    database_url: SecretStr = Field(
        default=SecretStr(""),
        description="SQLAlchemy URL of PostgreSQL or SQLite. Empty: SQLite in `home`.",
    )
    broker_url: SecretStr = Field(
        default=SecretStr(""),
        description="Redis or Valkey URL. Empty: the Valkey that `nophoto up` starts in `home`.",
    )
    roots: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Comma-separated folders, and places such as `s3://bucket/prefix`, "
        "`gs://…`, `az://…` or `https://host/prefix`, from which a worker may read uploads. "
        "Empty: none, every upload ends as `forbidden`.",
    )
    private_networks: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Comma-separated networks such as `10.1.0.0/16` in which the hosts of "
        "`https://` roots may be. Empty: none, only public addresses are connected to.",
    )
    fetches: int = Field(
        default=32,
        gt=0,
        le=256,
        description="Pictures that one worker process fetches from remote roots at once.",
    )

    max_bytes: int = Field(
        default=32 * 2**20, gt=0, description="Largest file that is read, in bytes."
    )
    max_pixels: int = Field(
        default=100_000_000, gt=0, description="Largest picture that is decoded, in pixels."
    )
    picture_timeout: float = Field(
        default=20.0, gt=0, description="Seconds after which reading and decoding a picture ends."
    )

    log_format: Literal["text", "json"] = Field(
        default="text", description="Lines of the log: for people, or one JSON object each."
    )

    engine: Literal["openvino", "keras"] = Field(
        default="openvino", description="What runs the network; `keras` needs the extra `train`."
    )
    threads: int = Field(
        default=0, ge=0, description="Threads of one worker process; 0: one per processor."
    )
    processes: int = Field(default=1, gt=0, description="Processes of one `nophoto worker`.")
    chunk_size: int = Field(
        default=128, gt=0, le=1000, description="Uploads in one Celery message, at most."
    )
    chunk_timeout: float = Field(
        default=240.0, gt=0, description="Seconds after which work on one chunk ends."
    )
    lease_seconds: float = Field(
        default=15.0,
        gt=0,
        description="How long after its last sign of life a worker's chunk is sent again.",
    )
    sweep_seconds: float = Field(
        default=10.0, gt=0, description="How often uploads that nobody works on are sent again."
    )
    max_attempts: int = Field(
        default=3, gt=0, description="Claims after which an upload is given up as `crashed`."
    )

    metrics_port: int = Field(
        default=0,
        ge=0,
        le=65535,
        description="Port on which a worker, or `nophoto metrics`, answers Prometheus; 0: none.",
    )
    beat_metrics_port: int = Field(
        default=0, ge=0, le=65535, description="Port on which `nophoto beat` does; 0: none."
    )
    console_metrics_port: int = Field(
        default=0, ge=0, le=65535, description="Port on which `nophoto console` does; 0: none."
    )
    metrics_host: str = Field(
        default="127.0.0.1", description="Address of these ports; 0.0.0.0: all of them."
    )
    console_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("127.0.0.1", "::1"),
        description="Comma-separated addresses and networks such as `10.1.0.0/16` of the proxies "
        "before `nophoto console`, whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed. "
        "Empty: nobody's.",
    )
    console_sub_path: str = Field(
        default="",
        pattern=r"^(/[\w.~-]+)*$",
        description="Path of `nophoto console` on its site, such as `/nophoto` for "
        "https://example.com/nophoto/. Empty: the site is the console's alone.",
    )

    api_metrics_port: int = Field(
        default=0, ge=0, le=65535, description="Port on which `nophoto api` does; 0: none."
    )
    api_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Comma-separated addresses and networks such as `10.1.0.0/16` of the proxies "
        "before `nophoto api` that speak HTTPS, whose `X-Forwarded-For` and `X-Forwarded-Proto` "
        "are believed. Empty: none, and it serves the loopback address alone.",
    )
    api_rate: str = Field(
        default="300/second",
        description="Requests that each key of the HTTP API allows, such as `100/second` or "
        "`100/second;2000/minute`; its processes count together where NOPHOTO_BROKER_URL is Redis "
        "or Valkey, else each for itself. Empty: no limit.",
    )
    api_max_body: int = Field(
        default=16 * 2**20,
        gt=0,
        description="Largest request of the HTTP API that carries no file, in bytes; one with a "
        "file may have `NOPHOTO_MAX_BYTES` and one MiB.",
    )
    api_score_waiting: int = Field(
        default=32,
        ge=0,
        description="Requests that may wait for `POST /v1/score` before it answers 503.",
    )
    oidc_issuer: str = Field(
        default="",
        description="Address of the OpenID Connect provider by which people log in to the console, "
        "such as https://login.example.com/realms/shop. Empty: names and passwords alone.",
    )
    oidc_client_id: str = Field(default="", description="What the provider calls this console.")
    oidc_client_secret: SecretStr = Field(
        default=SecretStr(""), description="The provider's secret for it."
    )
    oidc_scope: str = Field(
        default="openid profile email", description="What the provider is asked for."
    )
    oidc_groups_claim: str = Field(
        default="groups", description="Where the provider tells somebody's groups."
    )
    oidc_name_claim: str = Field(
        default="email", description="Where it tells the name that decisions are kept with."
    )
    oidc_roles: Annotated[Mapping[str, Literal["viewer", "moderator", "engineer"]], NoDecode] = (
        Field(
            default={},
            description='Which group has which role, as JSON such as `{"mods": "moderator"}`; the '
            "highest one counts, and who is in none of them is refused.",
        )
    )
    oidc_collections: Annotated[Mapping[str, str], NoDecode] = Field(
        default={},
        description='Which group sees which collection alone, as JSON such as `{"shop": "shoes"}`; '
        "its people are moderators at most. Who is in none of them sees all collections.",
    )

    traces_url: str = Field(
        default="",
        description="Where traces go by OTLP over HTTP, such as http://collector:4318/v1/traces; "
        "needs the extra `telemetry`. Empty: none are made.",
    )
    celery_events: bool = Field(
        default=False, description="Whether workers send Celery's events, which Flower shows."
    )

    max_backlog: int = Field(
        default=1_000_000,
        ge=0,
        description="Uploads that may wait in a lane before `nophoto enqueue` takes no more; 0: no "
        "bound.",
    )
    source_url: SecretStr = Field(
        default=SecretStr(""),
        description="Database that `nophoto enqueue --sql` asks. Empty: nophoto's own.",
    )
    webhook_url: SecretStr = Field(
        default=SecretStr(""),
        description="Where the platform is told of every outcome by a signed POST; empty: nowhere.",
    )
    webhook_secret: SecretStr = Field(
        default=SecretStr(""),
        description="What webhooks are signed with, `whsec_` and base64; while it changes, the old "
        "and the new one with a comma between.",
    )
    webhook_timeout: float = Field(
        default=20.0, gt=0, description="Seconds that one webhook may take, answer included."
    )
    webhook_events: Annotated[tuple[WebhookEvent, ...], NoDecode] = Field(
        default=(),
        description="Comma-separated types of events that webhooks carry: `upload.judged`, "
        "`upload.failed`, `upload.waiting`, `upload.refused`. Empty: all.",
    )
    webhooks: Annotated[tuple[WebhookEndpoint, ...], NoDecode] = Field(
        default=(),
        description="Further receivers of webhooks, as JSON: a list of objects with `name` and "
        "`url`, and where they differ `secret` and `events`. Empty: none.",
    )
    callback_task: str = Field(
        default="",
        description="Name of the platform's Celery task that is called with every outcome. Empty: "
        "none.",
    )
    callback_queue: str = Field(
        default="verdicts", min_length=1, description="Queue that the platform's task is sent to."
    )
    notice_attempts: int = Field(
        default=36,
        gt=0,
        description="Times that the platform is told of one outcome before it is left to "
        "`nophoto outbox resend`; 36 take a day.",
    )

    rescore_chunk_size: int = Field(
        default=5_000,
        gt=0,
        le=100_000,
        description="Uploads in one chunk of a rescoring, of which a worker compares up to four at "
        "once; an interactive one waits for them.",
    )
    rescore_guard: float = Field(
        default=0.1,
        ge=0,
        le=1,
        description="Share of verdicts that a rescoring may turn over before it stops and asks.",
    )
    false_positive_rate: float = Field(
        default=DEFAULT_FALSE_POSITIVE_RATE,
        ge=0,
        le=1,
        description="Share of real pictures that the reference set may call placeholders; 0: "
        "only changed copies of references are found.",
    )
    kinds: Annotated[Mapping[Kind, KindMode], NoDecode] = Field(
        default={kind: mode for kind, mode in DEFAULT_KIND_MODES.items() if mode != KindMode.ON},
        description='What each kind of reference claims, as JSON such as `{"brand": "off"}`: '
        "`on` all that is like it, `copies` only changed copies of its references, `off` nothing. "
        "Kinds that are not named stay as they are by default.",
    )
    reference_max_share: float = Field(
        default=0.001,
        ge=0,
        le=1,
        description="Share of real pictures and of the last uploads that a new reference may "
        "claim; one that claims more is added only by force.",
    )
    quarantine_factor: float = Field(
        default=10.0,
        ge=1,
        description="How many times as many uploads as before a reference may match.",
    )
    quarantine_minimum: int = Field(
        default=100, ge=0, description="Uploads that a reference may match whatever it did before."
    )

    review_codes: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("logo", "product", "drawing", "portrait", "screen", "default", "blank", "other"),
        max_length=9,
        description="Comma-separated short codes, nine at most, by which moderators say why; the "
        "keys 1 to 9 choose them. Empty: none are asked for.",
    )
    link_template: str = Field(
        default="",
        description="Where the platform shows an upload, such as "
        "`https://shop.example/moderation?item={key}`; `{key}` and the names of its metadata are "
        "replaced. Moderators get the link beside each item. Empty: none.",
    )
    spot_check_share: float = Field(
        default=0.001,
        ge=0,
        le=1,
        description="Share of `real` verdicts that moderators judge without seeing them, which "
        "measures recall; verdicts with a score close to 0 are drawn more often. 0: none.",
    )
    spot_check_flagged_share: float = Field(
        default=0.02,
        ge=0,
        le=1,
        description="Share of `placeholder` verdicts that moderators judge without seeing them, "
        "which measures precision. 0: none.",
    )
    spot_check_second_share: float = Field(
        default=0.1,
        ge=0,
        le=1,
        description="Share of these that a second moderator judges too, which measures how far "
        "moderators agree.",
    )

    shadow_fewest: int = Field(
        default=0,
        ge=0,
        description="Live uploads that a version must have judged in the shadow, not worse than "
        "the active one, before it is promoted; 0: the gate does not ask.",
    )

    history_days: float = Field(
        default=90,
        ge=0,
        description="Days after which a score that only repeats the verdict before it is deleted.",
    )
    erased_days: float = Field(
        default=7.0,
        ge=0,
        description="Days for which a Celery message with an erased key is refused, since it may "
        "have been sent before; 0: it is a new upload.",
    )
    changes_days: float = Field(
        default=30, ge=0, description="Days after which what a rescoring found is deleted."
    )

    timezone: str = Field(
        default="UTC", description="Time zone of the schedule's times, such as Europe/Berlin."
    )
    rescore_at: time | None = Field(
        default=time(3), description="When the night's rescoring begins. Empty: never."
    )
    prune_at: time | None = Field(
        default=time(5), description="When what is no longer needed is deleted. Empty: never."
    )

    @field_validator("kinds", mode="before")
    @classmethod
    def _are_kinds(cls, value: object) -> object:
        if isinstance(value, str):
            try:
                value = json.loads(value or "{}")
            except ValueError:
                value = None
        if not isinstance(value, Mapping):
            raise ValueError('write a JSON object such as {"brand": "off", "cartoon": "copies"}')
        for kind, mode in value.items():
            if kind not in list(Kind):
                raise ValueError(f"there is no kind {kind!r}; the kinds are {', '.join(Kind)}")
            if mode not in list(KindMode):
                modes = ", ".join(KindMode)
                raise ValueError(f"{mode!r} of the kind {kind} is none of {modes}")
        return value

    @field_validator("timezone")
    @classmethod
    def _is_time_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(
                f"{value!r} is no time zone; write UTC, or a name such as Europe/Berlin"
            ) from error
        return value

    @field_validator("rescore_at", "prune_at")
    @classmethod
    def _has_no_zone(cls, value: time | None) -> time | None:
        if value is not None and value.tzinfo is not None:
            raise ValueError("write the time alone, such as 03:00; NOPHOTO_TIMEZONE says where")
        return value

    @field_validator("versions")
    @classmethod
    def _is_folder_or_store(cls, value: str) -> str:
        scheme, separator, rest = value.partition("://")
        if not separator:
            return value
        if scheme not in OBJECT_SCHEMES:
            raise ValueError(
                "write a folder, or a place that begins with one of "
                + ", ".join(f"{scheme}://" for scheme in OBJECT_SCHEMES)
            )
        if not rest.partition("/")[0]:
            raise ValueError(f"name a bucket after {scheme}://, such as {scheme}://bucket/versions")
        if holds_password(value):
            raise ValueError(
                "take the password out, and give nophoto its credentials as the storage's own "
                "tools take them: docs/storage.md"
            )
        return value.rstrip("/")

    @field_validator("rescore_at", "prune_at", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator(
        "roots",
        "private_networks",
        "console_proxies",
        "api_proxies",
        "webhook_events",
        "review_codes",
        mode="before",
    )
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("review_codes")
    @classmethod
    def _are_short(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for code in value:
            if not re.fullmatch(r"[\w-]{1,32}", code):
                raise ValueError(
                    f"the code {code!r} is not short: write up to 32 letters, digits, - and _"
                )
        return value

    @field_validator("link_template")
    @classmethod
    def _leads_somewhere(cls, value: str) -> str:
        if not value:
            return value
        try:
            names = [name for _, name, _, _ in Formatter().parse(value) if name is not None]
        except ValueError as error:
            raise ValueError(f"the braces do not match ({error}); write {{key}}") from None
        if not value.startswith(("https://", "http://")) or "key" not in names:
            raise ValueError(
                "write an address that begins with https:// or http:// and holds {key}, such as "
                "https://shop.example/moderation?item={key}"
            )
        return value

    @field_validator("oidc_roles", "oidc_collections", mode="before")
    @classmethod
    def _maps_groups(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            found = json.loads(value or "{}")
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise ValueError('write a JSON object such as {"shop-mods": "moderator"}')
        return found

    @model_validator(mode="after")
    def _provider_is_whole(self) -> Self:
        if not self.oidc_issuer:
            return self
        if not self.oidc_issuer.startswith(("https://", "http://localhost", "http://127.0.0.1")):
            raise ValueError("NOPHOTO_OIDC_ISSUER must begin with https://")
        if not (self.oidc_client_id and self.oidc_client_secret.get_secret_value()):
            raise ValueError(
                "NOPHOTO_OIDC_ISSUER needs NOPHOTO_OIDC_CLIENT_ID and NOPHOTO_OIDC_CLIENT_SECRET"
            )
        return self

    @field_validator("webhooks", mode="before")
    @classmethod
    def _parse(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value or "[]")
        except json.JSONDecodeError as error:
            raise ValueError(
                f"is no JSON ({error.msg}, character {error.pos}); write "
                '[{"name": "search", "url": "https://host/path"}]'
            ) from None

    @field_validator("webhooks")
    @classmethod
    def _have_names_of_their_own(
        cls, value: tuple[WebhookEndpoint, ...]
    ) -> tuple[WebhookEndpoint, ...]:
        names = [endpoint.name for endpoint in value]
        if len({*names}) < len(names):
            raise ValueError("two webhooks have the same name; give each one of its own")
        return value

    @field_validator("private_networks", "console_proxies", "api_proxies")
    @classmethod
    def _are_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for network in value:
            ip_network(network)  # its ValueError names what is wrong
        return value

    @model_validator(mode="after")
    def _chunk_outlives_the_picture(self) -> Self:
        if self.chunk_timeout <= 2 * self.picture_timeout:
            raise ValueError(
                f"NOPHOTO_CHUNK_TIMEOUT ({self.chunk_timeout:g}) must exceed twice "
                f"NOPHOTO_PICTURE_TIMEOUT ({self.picture_timeout:g}), or a picture that is slow "
                "to read and to decode ends its whole chunk"
            )
        return self

    @property
    def kind_modes(self) -> Mapping[Kind, KindMode]:
        """What each kind claims, those that `kinds` does not name too."""
        return {**DEFAULT_KIND_MODES, **self.kinds}

    @property
    def home_folder(self) -> Path:
        """`home` with `~` expanded; it need not exist yet."""
        return self.home.expanduser().absolute()

    @property
    def versions_store(self) -> str | None:
        """`versions` where it is a place in an object store, without a slash at its end."""
        return self.versions if "://" in self.versions else None

    @property
    def versions_folder(self) -> Path:
        """The folder of this host in which new versions are put; it need not exist yet."""
        if self.versions_store:
            return self.fetched_folder
        if not self.versions:
            return self.home_folder / "model-versions"
        return Path(self.versions).expanduser().absolute()

    @property
    def fetched_folder(self) -> Path:
        """The folder of this host's copies of versions in object stores; it may be emptied."""
        return self.home_folder / "fetched-versions"

    @property
    def thread_count(self) -> int:
        """`threads`, or the number of processors that this process may use."""
        return self.threads or processors()

    @property
    def is_database_embedded(self) -> bool:
        """Whether the database is the SQLite file in `home`."""
        return not self.database_url.get_secret_value()

    @property
    def is_broker_embedded(self) -> bool:
        """Whether the broker is the Valkey server that `nophoto up` starts."""
        return not self.broker_url.get_secret_value()

    @property
    def effective_database_url(self) -> str:
        """The SQLAlchemy URL in force, password included."""
        if self.is_database_embedded:
            return f"sqlite:///{self.home_folder / 'nophoto.db'}"
        return self.database_url.get_secret_value()

    @property
    def valkey_socket(self) -> Path:
        """The Unix socket of the embedded Valkey server, in `home` unless its path is too long."""
        socket = self.home_folder / "valkey.sock"
        if len(os.fsencode(socket)) <= _LONGEST_SOCKET:
            return socket
        name = sha256(os.fsencode(socket)).hexdigest()[:16]
        # A folder of one's own: in a shared one anybody could put a socket of this name.
        return Path(gettempdir()) / f"nophoto-{os.getuid()}" / f"{name}.sock"

    @property
    def effective_broker_url(self) -> str:
        """The Celery broker URL in force, password included."""
        if self.is_broker_embedded:
            return f"redis+socket://{quote(str(self.valkey_socket))}"
        return self.broker_url.get_secret_value()


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
