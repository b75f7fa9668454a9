"""The way back to the platform that an upload came from."""

from collections.abc import Mapping
from string import Formatter
from typing import Any
from urllib.parse import quote


def platform_link(template: str, key: str, metadata: Mapping[str, Any] | None) -> str | None:
    """Where the platform shows an upload; None without a template, or where a name is missing.

    Args:
        template: such as `https://shop.example/item/{key}?seller={seller}`.
        key: of the upload.
        metadata: what the platform told of it; a name takes its text or number.
    """
    if not template:
        return None
    # The platform's own fields may not change where the key leads.
    values = {**(metadata or {}), "key": key}
    parts = []
    for text, name, _, _ in Formatter().parse(template):
        parts.append(text)
        if name is None:
            continue
        value = values.get(name)
        if not isinstance(value, str | int | float):
            return None
        parts.append(quote(str(value), safe=""))
    return "".join(parts)
