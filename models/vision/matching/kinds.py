"""Of which kind a drawn reference is."""

from nophoto.models.vocabulary import Kind

_DRAWINGS = {
    Kind.PERSON: (
        "silhouette",
        "person-icon",
        "person-outline",
        "person-in-circle",
        "portrait",
        "group",
        "full-figure",
        "mystery-person",
    ),
    Kind.INITIALS: ("initials", "question-mark"),
    Kind.CARTOON: ("cartoon-person", "cartoon-creature", "mascot", "smiley", "creature"),
    Kind.IDENTICON: ("identicon-blocks", "identicon-rings", "identicon-quilt"),
    Kind.PICTURE_ICON: ("picture-icon", "crossed-picture", "camera", "crossed-camera"),
    Kind.BROKEN: ("broken-picture", "cross", "prohibition", "crossed-box", "warning"),
    Kind.PLAIN: ("solid", "blank", "gradient", "checkerboard", "pattern", "drop-zone"),
    Kind.COVER: ("bound-book", "plain-cover"),
    Kind.SIZE_LABEL: ("size-label",),
    # An earlier nophoto drew these as references; databases of that time still have them.
    Kind.BRAND: ("emblem", "logo"),
}
_KINDS = {drawing: kind for kind, drawings in _DRAWINGS.items() for drawing in drawings}


def kind_of_drawing(drawing: str) -> Kind:
    """The kind of a drawing, by its name in `nophoto.models.vision.drawing.KINDS`.

    Captions are notices, and what is named nowhere else shows an object.

    Example:
        >>> kind_of_drawing("silhouette").value
        'person'
        >>> kind_of_drawing("caption-de").value
        'notice'
        >>> kind_of_drawing("teapot").value
        'object-icon'
    """
    if drawing.startswith("caption-"):
        return Kind.NOTICE
    return _KINDS.get(drawing, Kind.OBJECT_ICON)
