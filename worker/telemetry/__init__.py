"""Logs, metrics, traces and liveness."""
