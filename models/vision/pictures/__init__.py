"""The one loader: from the bytes of a file to the pixels that training and scoring share."""

from nophoto.models.vision.pictures.decode import decode
from nophoto.models.vision.pictures.errors import PictureError
from nophoto.models.vision.pictures.limits import PictureLimits
from nophoto.models.vision.pictures.prepare import load, prepare

__all__ = ["PictureError", "PictureLimits", "decode", "load", "prepare"]
