"""Rescoring: judged uploads a chunk at a time, and what is said otherwise of them now."""

from models.records.rescoring.blocks import Block, Scope, Unembedded, read_block, unembedded
from models.records.rescoring.changes import Changes, Source, Written
from models.records.rescoring.found import ChangeRow, count_flips, find_changes
from models.records.rescoring.parameters import RescoreParameters, RescoreParametersError
from models.records.rescoring.survey import Survey, asks_for_failures, survey

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
    "read_block",
    "survey",
    "unembedded",
]
