"""Writes the dashboard of Grafana to stdout, for `deploy/grafana/nophoto.json`."""

import json
import sys
from typing import Any

PANELS: list[tuple[str, str, str, list[tuple[str, str]]]] = [
    ("Backlog", "timeseries", "short", [("nophoto_backlog", "{{lane}}")]),
    (
        "Oldest waits",
        "timeseries",
        "s",
        [("nophoto_backlog_oldest_seconds", "{{lane}}")],
    ),
    (
        "Outcomes a second",
        "timeseries",
        "ops",
        [
            ("sum by (verdict) (rate(nophoto_verdicts_total[$__rate_interval]))", "{{verdict}}"),
            ("sum(rate(nophoto_failures_total[$__rate_interval]))", "failed"),
        ],
    ),
    (
        "Failures a second by code",
        "timeseries",
        "ops",
        [("sum by (code) (rate(nophoto_failures_total[$__rate_interval]))", "{{code}}")],
    ),
    (
        "Time of each stage, 95 % below",
        "timeseries",
        "s",
        [
            (
                "histogram_quantile(0.95, sum by (le, stage) "
                "(rate(nophoto_stage_seconds_bucket[$__rate_interval])))",
                "{{stage}}",
            )
        ],
    ),
    (
        "Uploads of a chunk, mean",
        "timeseries",
        "short",
        [
            (
                "sum(rate(nophoto_chunk_uploads_sum[$__rate_interval])) / "
                "sum(rate(nophoto_chunk_uploads_count[$__rate_interval]))",
                "uploads",
            )
        ],
    ),
    (
        "Embeddings known already",
        "timeseries",
        "percentunit",
        [
            (
                "sum(rate(nophoto_recalled_total[$__rate_interval])) / "
                "(sum(rate(nophoto_recalled_total[$__rate_interval])) + "
                "sum(rate(nophoto_embedded_total[$__rate_interval])))",
                "recalled",
            )
        ],
    ),
    (
        "Sent again by the sweep",
        "timeseries",
        "ops",
        [
            ("sum(rate(nophoto_requeued_total[$__rate_interval]))", "all"),
            ("sum(rate(nophoto_leases_lapsed_total[$__rate_interval]))", "worker was lost"),
            ("sum(rate(nophoto_given_up_total[$__rate_interval]))", "given up"),
        ],
    ),
    (
        "Similarity with the nearest reference",
        "heatmap",
        "short",
        [("sum by (le) (increase(nophoto_similarity_bucket[$__rate_interval]))", "{{le}}")],
    ),
    (
        "Share of placeholders, and for review",
        "timeseries",
        "percentunit",
        [
            (
                'sum(rate(nophoto_verdicts_total{verdict="placeholder"}[$__rate_interval])) / '
                "sum(rate(nophoto_verdicts_total[$__rate_interval]))",
                "placeholder",
            ),
            (
                "sum(rate(nophoto_for_review_total[$__rate_interval])) / "
                "sum(rate(nophoto_verdicts_total[$__rate_interval]))",
                "for review",
            ),
        ],
    ),
    (
        "Verdicts a second by model version",
        "timeseries",
        "ops",
        [
            (
                "sum by (model_version) (rate(nophoto_verdicts_total[$__rate_interval]))",
                "{{model_version}}",
            )
        ],
    ),
    ("Runs", "timeseries", "percentunit", [("nophoto_run_progress", "{{kind}} {{run}}")]),
    (
        "Schedule",
        "timeseries",
        "ops",
        [
            ("sum(rate(nophoto_scheduler_ticks_total[$__rate_interval]))", "looks"),
            ("sum(rate(nophoto_scheduler_failed_ticks_total[$__rate_interval]))", "failed looks"),
            ("sum(rate(nophoto_sweeps_total[$__rate_interval]))", "sweeps"),
        ],
    ),
    (
        "Nights of the last week",
        "stat",
        "short",
        [
            (
                "sum by (job, outcome) (increase(nophoto_scheduled_runs_total[7d])) > 0",
                "{{job}} {{outcome}}",
            ),
            ("nophoto_unhealthy", "unhealthy: {{part}}"),
        ],
    ),
    (
        "Console, answers a second",
        "timeseries",
        "ops",
        [
            (
                "sum by (status) (rate(nophoto_console_requests_total[$__rate_interval]))",
                "{{status}}",
            )
        ],
    ),
    (
        "Console, 95 % begin below",
        "timeseries",
        "s",
        [
            (
                "histogram_quantile(0.95, sum by (le, place) "
                "(rate(nophoto_console_seconds_bucket[$__rate_interval])))",
                "{{place}}",
            )
        ],
    ),
    (
        "Console, logins",
        "timeseries",
        "short",
        [
            (
                "sum by (outcome) (increase(nophoto_console_logins_total[$__rate_interval]))",
                "{{outcome}}",
            )
        ],
    ),
    (
        "In force",
        "stat",
        "short",
        [
            ("nophoto_reference_set_version", "set version"),
            ("nophoto_reference_set_size", "references"),
            ("nophoto_threshold", "threshold"),
        ],
    ),
    (
        "Answers",
        "stat",
        "bool_yes_no",
        [("nophoto_database_up", "database"), ("nophoto_broker_up", "broker")],
    ),
]


def dashboard() -> dict[str, Any]:
    """The dashboard as Grafana imports it."""
    return {
        "title": "nophoto",
        "uid": "nophoto",
        "tags": ["nophoto"],
        "schemaVersion": 39,
        "version": 1,
        "editable": True,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {
            "list": [
                {
                    "name": "datasource",
                    "type": "datasource",
                    "query": "prometheus",
                    "label": "Prometheus",
                }
            ]
        },
        "panels": [_panel(place, *panel) for place, panel in enumerate(PANELS)],
    }


def _panel(
    place: int, title: str, kind: str, unit: str, queries: list[tuple[str, str]]
) -> dict[str, Any]:
    source = {"type": "prometheus", "uid": "${datasource}"}
    targets = [
        {
            "refId": chr(ord("A") + number),
            "expr": expression,
            "legendFormat": legend,
            "datasource": source,
            **({"format": "heatmap"} if kind == "heatmap" else {}),
        }
        for number, (expression, legend) in enumerate(queries)
    ]
    return {
        "id": place + 1,
        "title": title,
        "type": kind,
        "datasource": source,
        "gridPos": {"h": 8, "w": 12, "x": 12 * (place % 2), "y": 8 * (place // 2)},
        "fieldConfig": {"defaults": {"unit": unit, "min": 0}, "overrides": []},
        "options": {},
        "targets": targets,
    }


if __name__ == "__main__":
    json.dump(dashboard(), sys.stdout, indent=1)
    sys.stdout.write("\n")
