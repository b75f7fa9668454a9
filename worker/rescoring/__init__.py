"""Rescoring in a worker: plan, compare, decide, write."""

from nophoto.worker.rescoring.runner import Rescoring

__all__ = ["Rescoring"]
