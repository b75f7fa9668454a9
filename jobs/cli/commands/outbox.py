"""`nophoto notify` and `nophoto outbox`."""

from typing import Annotated

import typer

from nophoto.jobs.cli.parameters.options import Json
from nophoto.jobs.cli.rendering.output import cell, print_json, say, stdout

ChannelName = Annotated[
    str, typer.Argument(help="How the platform is told: webhook, webhook:NAME, or task.")
]

outbox_commands = typer.Typer(
    name="outbox",
    help="Outcomes that the platform was not told of yet, and those that it would not take.",
    no_args_is_help=True,
)


def notify() -> None:
    """Tell the platform of every outcome until Ctrl-C, by webhook or by a Celery task of its own.

    NOPHOTO_WEBHOOK_URL and NOPHOTO_WEBHOOK_SECRET, or NOPHOTO_CALLBACK_TASK, say whom. Every
    outcome from the first start on is told at least once; a receiver that is away finds all of
    them when it is back. Start more than one if you like: they share the work.
    """
    from nophoto.jobs.configuration import load_settings
    from nophoto.worker.notifications.run import run_sender

    run_sender(load_settings())


@outbox_commands.command(name="list")
def list_notices(
    dead: Annotated[
        bool, typer.Option("--dead/--waiting", help="Those given up, or those still to be sent.")
    ] = True,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the oldest first.")] = 20,
    as_json: Json = False,
) -> None:
    """Show how many notices wait or are dead, and some of them with the reason."""
    from rich.table import Table

    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.database import open_database
    from nophoto.jobs.operations.outbox import as_dict, read_outbox

    with open_database(load_settings()) as database:
        channels, rows = read_outbox(database, dead=dead, limit=limit)
    if as_json:
        print_json(
            {
                "channels": {
                    channel: {
                        "waiting": standing.waiting if standing else 0,
                        "oldest_seconds": standing.oldest_seconds if standing else 0.0,
                        "dead": standing.dead if standing else 0,
                    }
                    for channel, standing in channels.items()
                },
                "notices": [as_dict(row) for row in rows],
            }
        )
        return
    summary = Table("Channel", "Waiting", "Dead")
    for channel, standing in channels.items():
        waiting, given_up = (standing.waiting, standing.dead) if standing else (0, 0)
        summary.add_row(cell(channel), cell(f"{waiting:,}"), cell(f"{given_up:,}"))
    stdout().print(summary)
    if rows:
        table = Table("ID", "Key", "Outcome", "Attempts", "Reason")
        table.columns[1].overflow = table.columns[4].overflow = "fold"
        for row in rows:
            data = row.event["data"]
            outcome = data["verdict"] or data["failure"]
            table.add_row(
                cell(row.id), cell(data["key"]), cell(outcome), cell(row.attempts), cell(row.error)
            )
        stdout().print(table)
    if not channels:
        say("no channel is subscribed; `nophoto notify --help` says how")


@outbox_commands.command()
def resend(
    notice_ids: Annotated[
        list[int] | None,
        typer.Argument(metavar="[ID]...", help="Dead notices, as `list` shows them; none: all."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Have dead notices sent again as if they were new."""
    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.database import open_database
    from nophoto.models.records.notifications import notices

    with open_database(load_settings()) as database, database.transaction() as session:
        count = notices.resend(session, notice_ids or None)
    if as_json:
        print_json({"resent": count})
    else:
        say(f"{count:,} notices are sent again by the next or running `nophoto notify`")


@outbox_commands.command(name="open")
def open_again(
    channel: ChannelName,
) -> None:
    """Send again through a channel that was closed because its receiver said that it is gone.

    A webhook is closed by an answer with the status 410. Its notices have waited meanwhile.
    """
    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.database import open_database
    from nophoto.jobs.operations.outbox import open_channel

    with open_database(load_settings()) as database:
        was_closed = open_channel(database, channel)
    say(f"the {channel} is open again" if was_closed else f"the {channel} was not closed")


@outbox_commands.command()
def close(
    channel: ChannelName,
    yes: Annotated[bool, typer.Option("--yes", help="Forget what was not told yet.")] = False,
) -> None:
    """Tell nothing through a channel any more.

    Take its settings away first: a process that has them opens it again when it starts.
    """
    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.database import open_database
    from nophoto.jobs.operations.outbox import close_channel

    with open_database(load_settings()) as database:
        forgotten = close_channel(database, channel, even_if_waiting=yes)
    say(f"nothing is told through the {channel} any more; {forgotten:,} notices are forgotten")
