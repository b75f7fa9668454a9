"""Every setting of nophoto, in one typed class."""

import os
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from tempfile import gettempdir
from typing import Annotated, Literal, Self
from urllib.parse import quote

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_LONGEST_SOCKET = 100
"""Bytes; the kernels take 104 to 108 with the NUL."""


class Settings(BaseSettings):
    """Settings, read from the environment (prefix `NOPHOTO_`) and from a file `.env` beside it.

    The embedded defaults need nothing installed: SQLite and a Valkey server, both under `home`.
    """

    model_config = SettingsConfigDict(
        env_prefix="NOPHOTO_", env_file=".env", extra="ignore", frozen=True
    )

    home: Path = Field(
        default=Path("~/.nophoto"),
        description="Folder of what the embedded servers keep: database, broker socket, schedule.",
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
        description="Comma-separated folders (or `s3://bucket/prefix`) from which a worker may "
        "read uploads. Empty: none, every upload ends as `forbidden`.",
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

    engine: Literal["openvino", "keras"] = Field(
        default="openvino", description="What runs the network; `keras` needs the extra `train`."
    )
    threads: int = Field(
        default=0, ge=0, description="Threads of one worker process; 0: one per processor."
    )
    processes: int = Field(default=1, gt=0, description="Processes of one `nophoto worker`.")
    chunk_size: int = Field(
        default=64, gt=0, le=1000, description="Uploads in one Celery message, at most."
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

    @field_validator("roots", mode="before")
    @classmethod
    def _split_roots(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
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
    def home_folder(self) -> Path:
        """`home` with `~` expanded; it need not exist yet."""
        return self.home.expanduser().absolute()

    @property
    def thread_count(self) -> int:
        """`threads`, or the number of processors that this process may use."""
        if self.threads:
            return self.threads
        if hasattr(os, "sched_getaffinity"):
            return len(os.sched_getaffinity(0))
        return os.cpu_count() or 1

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
