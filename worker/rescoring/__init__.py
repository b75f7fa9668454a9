"""Rescoring in a worker: plan, compare, decide, write."""

from worker.rescoring.steps import HELPERS, Rescoring

__all__ = ["HELPERS", "Rescoring"]
