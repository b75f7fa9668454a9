"""The server's process, which `nophoto api` becomes: without what the command line needs."""

import argparse
import sys

from nophoto.api.server import serve
from nophoto.jobs.configuration import load_settings
from nophoto.models.errors import NophotoError
from nophoto.worker.telemetry import logs


def main() -> None:
    """Serve until Ctrl-C or SIGTERM."""
    parser = argparse.ArgumentParser(prog="nophoto.api")
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--log-level", default="info")
    parser.add_argument("--judges", action="store_true")
    parser.add_argument("--is-local", action="store_true")
    chosen = parser.parse_args()
    settings = load_settings()
    logs.configure(settings.log_format, chosen.log_level.upper())
    try:
        serve(settings, chosen.host, chosen.port, judges=chosen.judges, is_local=chosen.is_local)
    except NophotoError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
