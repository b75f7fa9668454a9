"""Every table; importing this package makes `Base.metadata` complete."""

from models.records.tables.base import Base
from models.records.tables.embeddings import Embedding
from models.records.tables.model_versions import ModelVersion
from models.records.tables.references import (
    Reference,
    ReferenceOrigin,
    ReferenceSetChange,
    ReferenceSetVersion,
    ReferenceState,
    SetChange,
)
from models.records.tables.reviews import Review
from models.records.tables.runs import Run, RunKind, RunState
from models.records.tables.scores import Score
from models.records.tables.uploads import Lane, Upload, UploadState

__all__ = [
    "Base",
    "Embedding",
    "Lane",
    "ModelVersion",
    "Reference",
    "ReferenceOrigin",
    "ReferenceSetChange",
    "ReferenceSetVersion",
    "ReferenceState",
    "Review",
    "Run",
    "RunKind",
    "RunState",
    "Score",
    "SetChange",
    "Upload",
    "UploadState",
]
