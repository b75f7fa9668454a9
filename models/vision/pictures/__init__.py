"""The one loader: from the bytes of a file to the pixels that training and scoring share."""

from models.vision.pictures.decode import decode
from models.vision.pictures.errors import PictureError
from models.vision.pictures.limits import PictureLimits
from models.vision.pictures.prepare import load, prepare

__all__ = ["PictureError", "PictureLimits", "decode", "load", "prepare"]
