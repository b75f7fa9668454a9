"""Writes the reference of settings from the class that holds them."""

import json

import mkdocs_gen_files

from nophoto.worker.settings import Settings

INTRODUCTION = """# Settings

Every setting is an environment variable, a line `NAME=value` in a file `.env` in the folder where
nophoto is started, or a file of the variable's name in `/run/secrets` (`NOPHOTO_SECRETS` names
another folder), where Docker and Kubernetes put secrets. The environment wins over `.env`, and both
over secrets. `nophoto settings` shows what is in force and where each value comes from,
`nophoto settings --changed` only what is not at its default. Every command warns of a `NOPHOTO_…`
variable that is no setting, with the nearest one.

This page is made from the code.

| variable | default | meaning |
|---|---|---|
"""


def page() -> str:
    """The page as Markdown."""
    rows = []
    for name, field in Settings.model_fields.items():
        default = field.default
        if hasattr(default, "get_secret_value"):
            default = default.get_secret_value()
        if isinstance(default, tuple):
            default = ",".join(default)
        if isinstance(default, dict):
            default = json.dumps(default)
        shown = f"`{default}`" if default not in ("", None) else "–"
        rows.append(f"| `NOPHOTO_{name.upper()}` | {shown} | {field.description} |")
    return INTRODUCTION + "\n".join(rows) + "\n"


with mkdocs_gen_files.open("settings.md", "w") as file:
    file.write(page())
