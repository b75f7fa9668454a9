"""`nophoto console`."""

from typing import Annotated

import typer

from nophoto.jobs.cli.rendering.output import say, warn
from nophoto.models.extras import install_command

Host = Annotated[
    str, typer.Option(envvar="NOPHOTO_CONSOLE_HOST", help="The address that it listens at.")
]
Port = Annotated[
    int, typer.Option(envvar="NOPHOTO_CONSOLE_PORT", min=1, max=65535, help="The port.")
]

LOOPBACK = ("127.0.0.1", "::1", "localhost")


def console(
    host: Host = "127.0.0.1",
    port: Port = 7860,
    login: Annotated[
        bool | None,
        typer.Option(
            "--login/--no-login",
            help="Whether people log in; by default they do wherever other machines reach it.",
        ),
    ] = None,
) -> None:
    """Serve the web pages for moderators and engineers until Ctrl-C.

    Try a picture, review what was flagged, look after references, queue and model versions, in
    English and Russian. It needs the extra `console`, and no worker: what is decided goes into
    the database. `nophoto users add NAME` lets somebody log in. Put a proxy that speaks HTTPS
    before it where others reach it.
    """
    from importlib import import_module

    from nophoto.jobs.configuration import load_settings

    check_console_installed()
    settings = load_settings()
    asks_for_login = host not in LOOPBACK if login is None else login
    name = "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104
    say(f"console   http://{name}:{port}{settings.console_sub_path}")
    say(f"login     {'on' if asks_for_login else 'off: only this machine reaches it'}")
    # By its name, since the console builds on the commands and not they on it.
    import_module("nophoto.console.server").serve(settings, host, port, asks_for_login, warn)


def check_console_installed() -> None:
    """Refuse what needs the extra `console` where it is not installed.

    Raises:
        ConsoleNotInstalledError: with what to install.
    """
    from importlib.util import find_spec

    from nophoto.jobs.operations.users import ConsoleNotInstalledError

    if any(find_spec(name) is None for name in ("gradio", "argon2", "babel")):
        raise ConsoleNotInstalledError(
            f"the console is not installed here. Run `{install_command('console')}`"
        )
