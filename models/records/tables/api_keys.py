"""The tables of the HTTP API: its keys, and answers that are given again."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from nophoto.models.records.tables.base import Base, Digest, RowId


class Scope(StrEnum):
    """What a key of the HTTP API allows."""

    UPLOADS_READ = "uploads:read"
    UPLOADS_WRITE = "uploads:write"
    UPLOADS_ERASE = "uploads:erase"
    SCORE = "score"
    REFERENCES_READ = "references:read"
    REFERENCES_WRITE = "references:write"
    ALLOW_READ = "allow:read"
    ALLOW_WRITE = "allow:write"
    REVIEWS_READ = "reviews:read"
    REVIEWS_WRITE = "reviews:write"
    RUNS_READ = "runs:read"
    RUNS_WRITE = "runs:write"
    MODELS_READ = "models:read"
    MODELS_WRITE = "models:write"


class ApiKey(Base):
    """A key of the HTTP API; of the secret only its SHA-256 is stored.

    The secret has 256 random bits, so that a fast hash is as safe as a slow one. A revoked key
    keeps its name: the audit names it.
    """

    __tablename__ = "api_keys"

    id: Mapped[RowId]
    name: Mapped[str] = mapped_column(String(64), unique=True)
    prefix: Mapped[str] = mapped_column(String(16))
    """The first characters of the secret, by which people recognise it."""
    digest: Mapped[Digest] = mapped_column(unique=True)
    scopes: Mapped[str] = mapped_column(Text)
    """With spaces between them."""
    rate: Mapped[str | None] = mapped_column(Text)
    """Requests that it allows, such as `100/second`; None: `NOPHOTO_API_RATE`."""
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(255))
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    """Exact to a minute."""
    revoked_at: Mapped[datetime | None]

    __table_args__ = (CheckConstraint("length(digest) = 64", name="digest_length"),)


class IdempotentAnswer(Base):
    """The answer to a request with an `Idempotency-Key`, for the same request again.

    Without a status the request is still being worked on.
    """

    __tablename__ = "idempotent_answers"

    caller: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    request: Mapped[Digest]
    """Of method, path, query, type and body."""
    status: Mapped[int | None]
    media_type: Mapped[str | None] = mapped_column(Text)
    body: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("length(request) = 64", name="request_length"),
        CheckConstraint("(status IS NULL) = (body IS NULL)", name="answered_has_body"),
        Index("ix_idempotent_answers_created_at", "created_at"),
    )
