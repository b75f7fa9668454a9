from nophoto.models.vision.drawing import KINDS
from nophoto.models.vision.matching import kind_of_drawing
from nophoto.models.vision.matching.kinds import _DRAWINGS
from nophoto.models.vocabulary import Kind


def test_every_name_in_the_table_is_a_drawing() -> None:
    named = {drawing for drawings in _DRAWINGS.values() for drawing in drawings}
    assert named - set(KINDS) == set(_DRAWINGS[Kind.BRAND])


def test_drawings_have_the_kind_that_a_person_would_give_them() -> None:
    kinds = {name: kind_of_drawing(name) for name in KINDS}
    assert kinds["silhouette"] == kinds["portrait"] == Kind.PERSON
    assert kinds["caption-en"] == kinds["caption-de"] == Kind.NOTICE
    assert kinds["crossed-camera"] == Kind.PICTURE_ICON
    assert kinds["house"] == kinds["bottle"] == kinds["empty-state"] == Kind.OBJECT_ICON
    # Databases of an earlier nophoto have drawn brands.
    assert kind_of_drawing("logo") == kind_of_drawing("emblem") == Kind.BRAND
    # What people add has these, and no drawing.
    assert set(Kind) - set(kinds.values()) == {Kind.BRAND, Kind.PHOTO, Kind.OWN}
