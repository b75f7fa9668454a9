import pytest
from pydantic import ValidationError

from nophoto.console.rendering.platform_link import platform_link
from nophoto.worker.settings import Settings

TEMPLATE = "https://shop.example/item?key={key}&seller={seller}"


def test_key_and_metadata_are_put_in_and_cannot_leave_their_place() -> None:
    link = platform_link(TEMPLATE, "a/b&c=d", {"seller": 7, "key": "other"})
    assert link == "https://shop.example/item?key=a%2Fb%26c%3Dd&seller=7"


def test_without_a_template_or_a_name_there_is_no_link() -> None:
    assert platform_link("", "a", {}) is None
    assert platform_link(TEMPLATE, "a", None) is None
    assert platform_link(TEMPLATE, "a", {"seller": {"id": 7}}) is None


@pytest.mark.parametrize(
    "template", ["javascript:alert({key})", "https://shop.example/", "https://shop.example/{key"]
)
def test_what_leads_nowhere_is_refused(template: str) -> None:
    with pytest.raises(ValidationError, match="key"):
        Settings(_env_file=None, link_template=template)
