"""Filling templates; whatever stands in a key, a name or a message stays text."""

import re
from base64 import b64encode
from functools import cache
from pathlib import Path

from jinja2 import Environment
from markupsafe import Markup

from nophoto.console.i18n.catalogue import Translations, grouped
from nophoto.console.i18n.reasons import reason_in_words
from nophoto.jobs.templating import template_environment

_OWN_LINK = re.compile(r'\b(src|href|action)="/(?!/)')
_TEMPLATES = Path(__file__).parents[1] / "templates"


def render(template: str, texts: Translations, **values: object) -> str:
    """A template of the folder `templates`, in the language of `texts`, which it calls `t`.

    Every link to a page or a picture of ours gets the sub-path here, so that none lacks it. A text
    within the page is no link to this: its quotes are escaped.
    """
    page = _environment().get_template(template).render(t=texts, **values)
    return _OWN_LINK.sub(rf'\1="{texts.sub_path}/', page) if texts.sub_path else page


def data_uri(webp: bytes) -> Markup:
    """A picture as a text that a page holds in itself."""
    return Markup(f"data:image/webp;base64,{b64encode(webp).decode()}")  # noqa: S704 - ASCII


@cache
def _environment() -> Environment:
    environment = template_environment(_TEMPLATES)
    environment.filters["reason"] = reason_in_words
    environment.filters["percent"] = _percent
    environment.filters["count"] = grouped
    environment.filters["cosine"] = lambda value: "–" if value is None else _signed(f"{value:.3f}")
    environment.filters["score"] = lambda value: "–" if value is None else _signed(f"{value:+.3f}")
    environment.filters["share"] = lambda value, digits: _number(value, digits)
    environment.filters["difference"] = lambda value: _signed(f"{value:+.4f}")
    environment.filters["points"] = lambda value: _signed(f"{value:+.1%}")
    environment.filters["time"] = lambda value: f"{value:%Y-%m-%d %H:%M} UTC" if value else "–"
    return environment


def _percent(value: object) -> str:
    return f"{value:.1%}" if isinstance(value, int | float) else "–"


def _number(value: object, digits: int) -> str:
    """A figure of a model version, whose metrics may lack it."""
    return _signed(f"{value:.{digits}f}") if isinstance(value, int | float) else "–"


def _signed(number: str) -> str:
    """A number with a minus as wide as its plus, which no line is broken at."""
    return number.replace("-", "\N{MINUS SIGN}")
