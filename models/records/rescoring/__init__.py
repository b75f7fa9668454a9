"""Rescoring: judged uploads a chunk at a time, and what is said otherwise of them now."""

from nophoto.models.records.rescoring.blocks import (
    Block,
    Scope,
    Unembedded,
    judged_digests,
    read_block,
    unembedded,
)
from nophoto.models.records.rescoring.changes import Changes, joined
from nophoto.models.records.rescoring.found import ChangeRow, count_flips, find_changes
from nophoto.models.records.rescoring.parameters import RescoreParameters, RescoreParametersError
from nophoto.models.records.rescoring.survey import Survey, asks_for_failures, survey
from nophoto.models.records.rescoring.writing import Source, Written, write_changes

__all__ = [
    "Block",
    "ChangeRow",
    "Changes",
    "RescoreParameters",
    "RescoreParametersError",
    "Scope",
    "Source",
    "Survey",
    "Unembedded",
    "Written",
    "asks_for_failures",
    "count_flips",
    "find_changes",
    "joined",
    "judged_digests",
    "read_block",
    "survey",
    "unembedded",
    "write_changes",
]
