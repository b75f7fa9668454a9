from nophoto.models.vision.drawing import KINDS
from nophoto.models.vision.matching import NOT_REFERENCES, kind_of_drawing
from nophoto.models.vision.matching.kinds import _DRAWINGS
from nophoto.models.vocabulary import Kind


def test_every_name_in_the_table_is_a_drawing() -> None:
    named = {drawing for drawings in _DRAWINGS.values() for drawing in drawings}
    assert named <= set(KINDS)
    assert set(KINDS) >= NOT_REFERENCES


def test_drawings_have_the_kind_that_a_person_would_give_them() -> None:
    kinds = {name: kind_of_drawing(name) for name in KINDS}
    assert kinds["silhouette"] == kinds["portrait"] == Kind.PERSON
    assert kinds["caption-en"] == kinds["caption-de"] == Kind.NOTICE
    assert kinds["crossed-camera"] == Kind.PICTURE_ICON
    assert kinds["house"] == kinds["bottle"] == kinds["empty-state"] == Kind.OBJECT_ICON
    assert {kinds[name] for name in NOT_REFERENCES} == {Kind.BRAND}
    # What people add has these, and no drawing.
    assert set(Kind) - set(kinds.values()) == {Kind.PHOTO, Kind.OWN}
