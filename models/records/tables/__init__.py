"""Every table; importing this package makes `Base.metadata` complete."""

from nophoto.models.records.tables.allowed_pictures import AllowedPicture
from nophoto.models.records.tables.api_keys import ApiKey, IdempotentAnswer, Scope
from nophoto.models.records.tables.audit import AuditAction, AuditEntry
from nophoto.models.records.tables.base import Base
from nophoto.models.records.tables.cohort import CohortPicture
from nophoto.models.records.tables.collections import Collection, ReferenceCollection
from nophoto.models.records.tables.embeddings import Embedding
from nophoto.models.records.tables.erased_keys import ErasedKey, ErasureSecret
from nophoto.models.records.tables.logins import ConsoleSession, PendingLogin
from nophoto.models.records.tables.model_versions import ModelVersion
from nophoto.models.records.tables.notices import Channel, Notice, Subscription
from nophoto.models.records.tables.promotions import Promotion, PromotionKind
from nophoto.models.records.tables.references import (
    Reference,
    ReferenceOrigin,
    ReferenceSetChange,
    ReferenceSetVersion,
    ReferenceState,
    SetChange,
)
from nophoto.models.records.tables.refusals import RefusalCount
from nophoto.models.records.tables.rescoring import RunChange, RunChunk
from nophoto.models.records.tables.reviews import Review
from nophoto.models.records.tables.runs import Run, RunKind, RunState
from nophoto.models.records.tables.scheduled_runs import Job, ScheduledRun, ScheduledRunOutcome
from nophoto.models.records.tables.scores import Score
from nophoto.models.records.tables.shadows import Shadow, ShadowVerdict
from nophoto.models.records.tables.shared_work import Appeal, ReviewLease
from nophoto.models.records.tables.spot_checks import SpotCheck, SpotCheckAnswer, SpotCheckPurpose
from nophoto.models.records.tables.uploads import Lane, Upload, UploadState
from nophoto.models.records.tables.users import Role, User
from nophoto.models.records.tables.workers import Worker

__all__ = [
    "AllowedPicture",
    "ApiKey",
    "Appeal",
    "AuditAction",
    "AuditEntry",
    "Base",
    "Channel",
    "CohortPicture",
    "Collection",
    "ConsoleSession",
    "Embedding",
    "ErasedKey",
    "ErasureSecret",
    "IdempotentAnswer",
    "Job",
    "Lane",
    "ModelVersion",
    "Notice",
    "PendingLogin",
    "Promotion",
    "PromotionKind",
    "Reference",
    "ReferenceCollection",
    "ReferenceOrigin",
    "ReferenceSetChange",
    "ReferenceSetVersion",
    "ReferenceState",
    "RefusalCount",
    "Review",
    "ReviewLease",
    "Role",
    "Run",
    "RunChange",
    "RunChunk",
    "RunKind",
    "RunState",
    "ScheduledRun",
    "ScheduledRunOutcome",
    "Scope",
    "Score",
    "SetChange",
    "Shadow",
    "ShadowVerdict",
    "SpotCheck",
    "SpotCheckAnswer",
    "SpotCheckPurpose",
    "Subscription",
    "Upload",
    "UploadState",
    "User",
    "Worker",
]
