"""The formats that are judged."""

import warnings

import pillow_heif
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

FORMATS = (
    JpegImagePlugin.JpegImageFile.format,  # and MPO, which it hands on to its own plugin
    PngImagePlugin.PngImageFile.format,
    WebPImagePlugin.WebPImageFile.format,
    GifImagePlugin.GifImageFile.format,
    BmpImagePlugin.BmpImageFile.format,
    BmpImagePlugin.DibImageFile.format,
    TiffImagePlugin.TiffImageFile.format,
    AvifImagePlugin.AvifImageFile.format,
    pillow_heif.HeifImageFile.format,
)
"""The only decoders that bytes from outside ever reach, by Pillow's names."""

READABLE = "JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF or HEIC"
"""The same for people."""

# Thumbnails stay unread: they need not show what the picture shows. One thread decodes a picture,
# since the worker decodes several at once.
pillow_heif.register_heif_opener(
    thumbnails=False, depth_images=False, aux_images=False, decode_threads=1
)
AvifImagePlugin.DEFAULT_MAX_THREADS = 1
# Our own limit is checked on every file before it is decoded; Pillow's would only warn.
Image.MAX_IMAGE_PIXELS = None
# Pillow warns of odd metadata, which says nothing of the pixels. Once for the process, because
# `catch_warnings` around each picture would race between the threads that decode.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")
