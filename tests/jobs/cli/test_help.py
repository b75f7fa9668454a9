import subprocess
import sys
from importlib.metadata import version
from typing import get_args

import pytest

from nophoto.jobs.cli.parameters.filters import Code, Failure, State, Word
from nophoto.models.records.tables import UploadState
from nophoto.models.vocabulary import FailureCode, Verdict

COMMANDS = (
    "up",
    "worker",
    "beat",
    "notify",
    "allow add",
    "allow list",
    "allow remove",
    "outbox list",
    "outbox resend",
    "outbox close",
    "outbox open",
    "console",
    "users add",
    "users change",
    "users remove",
    "users list",
    "db upgrade",
    "db prune",
    "doctor",
    "health live",
    "health ready",
    "metrics",
    "settings",
    "failures",
    "retry",
    "enqueue",
    "status",
    "results",
    "report",
    "reviews decide",
    "reviews undo",
    "reviews list",
    "references add",
    "references list",
    "references show",
    "references retire",
    "references restore",
    "history",
    "rescore",
    "runs list",
    "runs changes",
    "runs show",
    "runs pause",
    "runs resume",
    "runs cancel",
    "demo",
    "score",
    "evaluate",
    "retrain",
    "model list",
    "model show",
    "model compare",
    "model promote",
    "model rollback",
    "model export",
    "model import",
    "weights fetch",
)


def test_help_teaches_how_to_start(cli):
    result = cli("--help")
    assert result.exit_code == 0
    for command in ("nophoto up", "nophoto enqueue", "nophoto report", "nophoto settings"):
        assert command in result.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(cli, command):
    result = cli(*command.split(), "--help")
    assert result.exit_code == 0
    assert "Usage" in result.stdout


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from nophoto.jobs.cli import app\n"
        "try: app(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'tensorflow', 'keras', 'openvino', 'celery', 'sqlalchemy', 'alembic', 'numpy',"
        " 'PIL', 'pydantic', 'jinja2', 'matplotlib'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_version(cli):
    result = cli("--version")
    assert result.stdout == f"nophoto {version('nophoto')}\n"


def test_unknown_command_is_a_usage_error(cli):
    assert cli("scroe").exit_code == 2


@pytest.mark.parametrize(
    ("option", "words"),
    [(State, UploadState), (Word, Verdict), (Failure, FailureCode), (Code, FailureCode)],
)
def test_filters_offer_the_words_of_the_tables(option, words):
    choices, _ = get_args(get_args(option)[0])
    assert get_args(choices) == tuple(words)


def test_backbones_on_offer_are_those_that_have_weights(cli):
    from nophoto.models.vision.backbones.weights import PACKAGES

    usage = cli("weights", "fetch", "--help").stdout
    assert all(name in usage for name in PACKAGES)
    assert cli("weights", "fetch", "vgg16").exit_code == 2
