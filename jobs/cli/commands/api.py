"""`nophoto api`."""

from typing import Annotated, Literal

import typer

from nophoto.jobs.cli.commands.console import LOOPBACK
from nophoto.jobs.cli.rendering.output import say

Host = Annotated[
    str, typer.Option(envvar="NOPHOTO_API_HOST", help="The address that it listens at.")
]
Port = Annotated[int, typer.Option(envvar="NOPHOTO_API_PORT", min=1, max=65535, help="The port.")]


def api(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    score: Annotated[
        bool,
        typer.Option(
            "--score/--no-score",
            help="Whether it opens the network: for POST /v1/score, and to check new references.",
        ),
    ] = True,
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        typer.Option("--log-level", help="How much is logged, on stderr."),
    ] = "info",
) -> None:
    """Serve the HTTP API for backends in any language until Ctrl-C.

    On the loopback address no key is needed until one exists (`nophoto keys add NAME`). Where
    other machines reach it, it starts only if there is a key and NOPHOTO_API_PROXIES names the
    proxy that speaks HTTPS before it. It needs the extra `api`, and no worker: uploads go into the
    database, and the broker tells workers.
    """
    import os
    from importlib import import_module

    from nophoto.jobs.configuration import load_settings
    from nophoto.models.subprocesses import python_module

    check_api_installed()
    is_local = host in LOOPBACK
    # By its name, since the API builds on the jobs and not they on it.
    import_module("nophoto.api.starting").check_start(load_settings(), is_local=is_local)
    name = "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104
    say(f"api       http://{name}:{port}/v1")
    flags = [*(["--judges"] if score else []), *(["--is-local"] if is_local else [])]
    options = ["--host", host, "--port", str(port), "--log-level", log_level, *flags]
    command = python_module("nophoto.api", *options)
    # This process becomes the server: what the command line and the check loaded is gone.
    os.execv(command[0], command)  # noqa: S606 -- our own


def check_api_installed() -> None:
    """Refuse what needs the extra `api` where it is not installed.

    Raises:
        ApiNotInstalledError: with what to install.
    """
    from importlib.util import find_spec

    from nophoto.jobs.operations.api_keys import api_not_installed

    if not all(map(find_spec, ("fastapi", "uvicorn", "limits", "cachetools", "python_multipart"))):
        raise api_not_installed()
