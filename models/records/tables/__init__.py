"""Every table; importing this package makes `Base.metadata` complete."""

from models.records.tables.allowed_pictures import AllowedPicture
from models.records.tables.base import Base
from models.records.tables.embeddings import Embedding
from models.records.tables.model_versions import ModelVersion
from models.records.tables.notices import Channel, Notice, Subscription
from models.records.tables.promotions import Promotion, PromotionKind
from models.records.tables.references import (
    Reference,
    ReferenceOrigin,
    ReferenceSetChange,
    ReferenceSetVersion,
    ReferenceState,
    SetChange,
)
from models.records.tables.rescoring import RunChange, RunChunk
from models.records.tables.reviews import Review
from models.records.tables.runs import Run, RunKind, RunState
from models.records.tables.scores import Score
from models.records.tables.slots import Job, Slot, SlotOutcome
from models.records.tables.uploads import Lane, Upload, UploadState
from models.records.tables.users import Role, User
from models.records.tables.workers import Worker

__all__ = [
    "AllowedPicture",
    "Base",
    "Channel",
    "Embedding",
    "Job",
    "Lane",
    "ModelVersion",
    "Notice",
    "Promotion",
    "PromotionKind",
    "Reference",
    "ReferenceOrigin",
    "ReferenceSetChange",
    "ReferenceSetVersion",
    "ReferenceState",
    "Review",
    "Role",
    "Run",
    "RunChange",
    "RunChunk",
    "RunKind",
    "RunState",
    "Score",
    "SetChange",
    "Slot",
    "SlotOutcome",
    "Subscription",
    "Upload",
    "UploadState",
    "User",
    "Worker",
]
