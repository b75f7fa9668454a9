"""Schemas of the custom resources that we apply, by hand after KEDA 2 and Prometheus's operator.

Of each they know the fields that we use, their types and what must be there; a field beyond them is
refused, since a cluster would drop it without a word.
"""

from typing import Any

_NAME = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
_COUNT = {"type": "integer", "minimum": 0}


def _object(required: list[str], **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": required,
        "properties": properties,
        "additionalProperties": False,
    }


def _resource(version: str, kind: str, spec: dict[str, Any]) -> dict[str, Any]:
    return _object(
        ["apiVersion", "kind", "metadata", "spec"],
        apiVersion={"const": version},
        kind={"const": kind},
        metadata=_NAME,
        spec=spec,
    )


_PROMETHEUS = _object(
    ["serverAddress", "query", "threshold"],
    serverAddress={"type": "string", "pattern": "^https?://"},
    query={"type": "string"},
    # All of a trigger's values are strings, numbers too.
    threshold={"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?$"},
)

SCHEMAS = {
    "ScaledObject": _resource(
        "keda.sh/v1alpha1",
        "ScaledObject",
        _object(
            ["scaleTargetRef", "triggers"],
            scaleTargetRef=_NAME,
            minReplicaCount=_COUNT,
            maxReplicaCount=_COUNT,
            pollingInterval=_COUNT,
            cooldownPeriod=_COUNT,
            triggers={
                "type": "array",
                "minItems": 1,
                "items": _object(
                    ["type", "metadata"], type={"const": "prometheus"}, metadata=_PROMETHEUS
                ),
            },
        ),
    ),
    "PodMonitor": _resource(
        "monitoring.coreos.com/v1",
        "PodMonitor",
        _object(
            ["selector", "podMetricsEndpoints"],
            selector=_object(
                ["matchLabels"],
                matchLabels={"type": "object", "additionalProperties": {"type": "string"}},
            ),
            podMetricsEndpoints={
                "type": "array",
                "minItems": 1,
                "items": _object(
                    ["port"],
                    port={"type": "string"},
                    interval={"type": "string", "pattern": "^([0-9]+m)?([0-9]+s)?$"},
                ),
            },
        ),
    ),
}
