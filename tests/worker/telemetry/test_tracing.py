import sys

import pytest

from nophoto.worker.settings import Settings
from nophoto.worker.telemetry.tracing import TelemetryNotInstalledError, check_telemetry_installed

EXPORTER = "opentelemetry.exporter.otlp.proto.http.trace_exporter"


def test_traces_without_what_makes_them_are_refused_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, EXPORTER, None)
    check_telemetry_installed(Settings(_env_file=None))
    with pytest.raises(TelemetryNotInstalledError, match=r"nophoto\[telemetry\]"):
        check_telemetry_installed(Settings(_env_file=None, traces_url="http://collector:4318"))
