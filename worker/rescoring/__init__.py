"""Rescoring in a worker: plan, compare, decide, write."""

from nophoto.worker.rescoring.runner import HELPERS, Rescoring

__all__ = ["HELPERS", "Rescoring"]
