"""The table of embeddings."""

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from nophoto.models.records.tables.base import Base, Digest


class Embedding(Base):
    """What one model version's network makes of one picture, so that it is embedded only once.

    Keyed by the picture's content: the same bytes under another key share the row. `vector` is
    L2-normalised, little-endian float16, 2 bytes a number.
    """

    __tablename__ = "embeddings"

    digest: Mapped[Digest] = mapped_column(primary_key=True)
    model_version_id: Mapped[str] = mapped_column(ForeignKey("model_versions.id"), primary_key=True)
    vector: Mapped[bytes]

    __table_args__ = (CheckConstraint("length(digest) = 64", name="digest_length"),)
