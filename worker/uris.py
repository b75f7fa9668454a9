"""What the URIs of uploads and stores may look like."""

import re

OBJECT_SCHEMES = ("s3", "gs", "az")
"""Of the object stores. fsspec knows more schemes, some of which lead to this host's files."""

_PASSWORD = re.compile(r"//[^/?#]*:[^/?#]*@")


def holds_password(uri: str) -> bool:
    """Whether `uri` names a user with a password, which would be shown wherever it is."""
    return _PASSWORD.search(uri) is not None
