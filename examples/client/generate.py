"""Makes the types of the client of a server's schema.

`python -m examples.client.generate http://127.0.0.1:8000/v1/openapi.json`
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import httpx

HERE = Path(__file__).with_name("schema.py")

_HEADER = '"""The types of the API, made of its schema by `examples/client/generate.py`."""'

_OPTIONS = (
    ("--input-file-type", "openapi"),
    ("--openapi-scopes", "schemas"),
    ("--output-model-type", "typing.TypedDict"),
    ("--enum-field-as-literal", "all"),
    ("--target-python-version", "3.11"),
    ("--formatters", "builtin"),
    ("--custom-file-header", _HEADER),
)
_FLAGS = (
    "--disable-timestamp",
    "--no-use-closed-typed-dict",
    "--use-double-quotes",
    "--use-schema-description",
    "--use-standard-collections",
    "--use-union-operator",
)


def generate(url: str, to: Path = HERE) -> None:
    """Write the types of the schema at `url`."""
    schema = httpx.get(url, timeout=30).raise_for_status().text
    with tempfile.TemporaryDirectory() as folder:
        known = Path(folder) / "openapi.json"
        known.write_text(schema)
        options = [word for option in _OPTIONS for word in option]
        subprocess.run(
            [
                *(sys.executable, "-P", "-m", "datamodel_code_generator"),
                *("--input", str(known), "--output", str(to)),
                *options,
                *_FLAGS,
            ],
            check=True,
        )


if __name__ == "__main__":
    generate(sys.argv[1])
