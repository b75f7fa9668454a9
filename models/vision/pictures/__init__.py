"""The one loader: from the bytes of a file to the pixels that training and scoring share.

`decode` and `prepare` are modules to be imported by their names: they load Pillow, and of the
processes that speak of pictures and their errors only those that decode need it.
"""

from nophoto.models.vision.pictures.errors import PictureError
from nophoto.models.vision.pictures.limits import PictureLimits

__all__ = ["PictureError", "PictureLimits"]
