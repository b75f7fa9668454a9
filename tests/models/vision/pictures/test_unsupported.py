"""What is not judged is named by its signature, wherever that stands."""

import io
import struct
import subprocess
import sys
import zipfile
from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, TiffImagePlugin

from nophoto.models.vision.pictures import PictureError
from nophoto.models.vision.pictures.decode import decode
from nophoto.models.vocabulary import FailureCode

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"/>'


def ftyp(brand: bytes, *more: bytes) -> bytes:
    body = brand + bytes(4) + b"".join(more)
    return struct.pack(">I", 8 + len(body)) + b"ftyp" + body + bytes(range(256)) * 8


def zipped(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, b"application/vnd.oasis.opendocument.text")
    return file.getvalue()


def saved(form: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (40, 30), (9, 90, 200)).save(file, form)
    return file.getvalue()


REST = bytes(range(256)) * 2
FILES = {
    "RAW (CR3)": ftyp(b"crx ", b"crx ", b"isom"),
    "RAW (RAF)": b"FUJIFILMCCD-RAW 0201" + REST,
    "RAW (ORF)": b"IIRO\x08\0\0\0" + REST,
    "RAW (RW2)": b"IIU\0\x18\0\0\0" + REST,
    "RAW (X3F)": b"FOVb" + REST,
    "RAW (MRW)": b"\0MRM" + REST,
    "RAW (CRW)": b"II\x1a\0\0\0HEAPCCDR" + REST,
    "MP4 or QuickTime": ftyp(b"iso5", b"iso5", b"isom"),
    "MP4 or QuickTime.": ftyp(b"3gp5"),
    "MP4 or QuickTime..": ftyp(b"dash", b"iso6"),
    "QuickTime": b"\0\0\0\x08wide\0\0\x10\0mdat" + REST,
    "WebM": b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\1\x42\x82\x84webm" + REST,
    "Matroska": b"\x1a\x45\xdf\xa3\xa3\x42\x86\x81\1\x42\x82\x88matroska" + REST,
    "AVI": b"RIFF\0\0\1\0AVI LIST" + REST,
    "Flash video": b"FLV\1\5\0\0\0\x09" + REST,
    "Windows Media": b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9" + REST,
    "MPEG video": b"\0\0\1\xba\x44" + REST,
    "MPEG video.": (b"G" + bytes(187)) * 5,
    "MPEG video..": (bytes(4) + b"G" + bytes(187)) * 5,
    "Ogg": b"OggS\0\2" + REST,
    "PDF": b"\n\n%PDF-1.4\n%%EOF",
    "PDF.": b"\xef\xbb\xbf" + b"junk\n" * 100 + b"%PDF-1.7\n",
    "PDF..": saved("PDF"),
    "PostScript": b"%!PS-Adobe-3.0\n",
    "PostScript (EPS)": b"\xc5\xd0\xd3\xc6\x20\0\0\0" + REST,
    "Word": zipped("[Content_Types].xml", "word/document.xml"),
    "Excel": zipped("[Content_Types].xml", "xl/workbook.xml"),
    "PowerPoint": zipped("ppt/presentation.xml"),
    "OpenDocument": zipped("mimetype"),
    "ZIP": zipped("a.txt"),
    "Office": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + REST,
    "RTF": b"{\\rtf1\\ansi}",
    "DjVu": b"AT&TFORM\0\0\1\0DJVU",
    "gzip": b"\x1f\x8b\x08\0" + REST,
    "Photoshop": b"8BPS\0\1" + REST,
    "JPEG 2000": saved("JPEG2000"),
    "JPEG XL": b"\0\0\0\x0cJXL \r\n\x87\n" + REST,
    "DDS": saved("DDS"),
    "ICO": saved("ICO"),
    "PCX": saved("PCX"),
    "TGA": saved("TGA"),
    "TGA.": saved("TGA").removesuffix(b"TRUEVISION-XFILE.\0"),
    "PBM, PGM or PPM": saved("PPM"),
    "SGI": saved("SGI"),
    "ICNS": b"icns\0\0\1\0" + REST,
    "IFF": b"FORM\0\0\1\0ILBMBMHD" + REST,
    "XPM": b'/* XPM */\nstatic char *x[] = {"1 1 1 1"};',
    "XBM": b"#define x_width 16\n#define x_height 7\n",
    "Sun raster": b"\x59\xa6\x6a\x95" + REST,
    "OpenEXR": b"v/1\1\2\0\0\0" + REST,
    "FITS": b"SIMPLE  =                    T" + REST,
    "DICOM": bytes(128) + b"DICM" + REST,
    "WMF": b"\xd7\xcd\xc6\x9a" + REST,
    "EMF": b"\1\0\0\0" + bytes(36) + b" EMF" + REST,
}


@pytest.mark.parametrize("name", FILES)
def test_a_format_outside_the_list_is_unsupported(name: str) -> None:
    assert name.rstrip(".") in refused(FILES[name])


def refused(data: bytes) -> str:
    with pytest.raises(PictureError, match=r"not judged; send JPEG") as raised:
        decode(data, at_least=16)
    assert raised.value.code == FailureCode.UNSUPPORTED
    return str(raised.value)


BEFORE_SVG = (
    b" ",
    b"\r\n\t",
    b"<!-- " + b"x" * 5000 + b" -->",
    b"<!-- <svg> -- > -->",
    b'<?xml version="1.0" encoding="utf-8"?>',
    b'<?xml-stylesheet href="a.css"?>',
    b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/x.dtd">',
    b'<!DOCTYPE svg [ <!ENTITY a "b>c"> ]>',
)


@given(
    before=st.lists(st.sampled_from(BEFORE_SVG), max_size=5),
    coding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le"]),
    name=st.sampled_from([b"svg", b"s:svg", b"SVG"]),
)
def test_svg_is_told_whatever_stands_before_it(
    before: list[bytes], coding: str, name: bytes
) -> None:
    # Only a mark of byte order, or markup, tells UTF-16.
    pieces = [b"<?xml version='1.0'?>", *before] if coding == "utf-16-le" else before
    text = b"".join([*pieces, SVG.replace(b"svg", name, 1)]).decode()
    assert "SVG" in refused(text.encode(coding))


@pytest.mark.parametrize(
    "data",
    [
        b"<html><body>404 <svg></svg></body></html>",
        b"<!-- an svg, <svg>, which is none -->",
        b"<?xml version='1.0'?><rss/>",
        b"<!--" * 100_000,
        b"<!DOCTYPE " + b"[" * 100_000,
        b" " * 3_000_000,
        ftyp(b"mif1", b"heic"),
        ftyp(b"avif"),
        b"\xff\xd8\xff\xe0 cut short",
        b"Sehr geehrte Damen und Herren",
    ],
    ids=["html", "comment", "rss", "comments", "doctype", "spaces", "heic", "avif", "jpeg", "text"],
)
def test_what_only_looks_like_one_of_them_is_unreadable(data: bytes) -> None:
    with pytest.raises(PictureError) as raised:
        decode(data, at_least=16)
    assert raised.value.code == FailureCode.UNREADABLE


PROGRAM = """
import resource
from nophoto.models.vision.pictures import PictureError
from nophoto.models.vision.pictures.prepare import load
starts = ("<!DOCTYPE ", "<!--", "<?", "<!DOCTYPE [", "#define ", "%", "\\xff\\xfe<\\0")
ends = ("a", " ", "-", "[]", "] ", "<!---->", "<")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for start in starts:
    for end in ends:
        try:
            load((start.encode("latin-1") + end.encode() * 4_000_000)[:4_000_000], 16)
        except PictureError:
            continue
        raise SystemExit(f"{start} was decoded")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_no_long_text_takes_long_or_much_memory() -> None:
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    kibibytes = int(done.stdout) / (1024 if sys.platform == "darwin" else 1)
    assert kibibytes < 64 * 1024


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("first", "below", "name"),
    [
        ({50706: (1, b"\1\4\0\0")}, None, "RAW (DNG)"),
        ({262: 32803}, None, "RAW"),
        ({254: 1}, {262: 32803}, "RAW"),
        ({254: 1}, {259: 34713}, "RAW"),
        ({254: 1}, {259: 32767}, "RAW"),
        ({254: 1, 259: 7}, {262: 34892}, "RAW"),
    ],
    ids=["DNG", "CFA", "CFA below", "NEF", "ARW", "linear"],
)
def test_raw_in_tiff_is_not_judged_by_its_thumbnail(
    order: str, first: dict[int, object], below: dict[int, object] | None, name: str
) -> None:
    assert name in refused(tiff(order, first, below))


def test_marked_raw_is_told_without_its_directories() -> None:
    assert "CR2" in refused(b"II*\0\x10\0\0\0CR\2\0" + bytes(40))


def test_raw_in_a_big_tiff_is_told() -> None:
    entry = struct.pack("<HHQHxxxxxx", 262, 3, 1, 32803)
    data = b"II+\0\x08\0\0\0" + struct.pack("<QQ", 16, 1) + entry + bytes(8)
    assert "RAW" in refused(data)


@pytest.mark.parametrize("order", ["<", ">"])
def test_other_tiff_is_judged(order: str) -> None:
    assert decode(tiff(order, {}, {262: 1}), at_least=16).size == (16, 12)


@given(places=st.lists(st.integers(0, 2**32 - 1), max_size=3), data=st.binary(max_size=200))
def test_directories_that_lead_anywhere_harm_nothing(places: Iterable[int], data: bytes) -> None:
    file = b"II*\0" + struct.pack("<I", 8) + data + b"".join(struct.pack("<I", p) for p in places)
    with pytest.raises(PictureError):
        decode(file, at_least=16)


def test_a_directory_that_leads_to_itself_ends() -> None:
    entries = b"".join(struct.pack("<HHII", 330, 4, 1, 8) for _ in range(3))
    with pytest.raises(PictureError):
        decode(b"II*\0\x08\0\0\0\3\0" + entries + struct.pack("<I", 8), at_least=16)


def tiff(order: str, first: dict[int, object], below: dict[int, object] | None) -> bytes:
    """A grey 16 x 12 TIFF; tags of its directory, and of one below it."""
    pixels = np.full(16 * 12, 238, np.uint8).tobytes()
    start = 8 + len(pixels)
    tags = {256: 16, 257: 12, 258: 8, 259: 1, 262: 1, 273: 8, 277: 1, 278: 12, 279: len(pixels)}
    tags |= {254: 0, **first}  # type: ignore[dict-item]
    if below is not None:
        tags[330] = start + 2 + 12 * (len(tags) + 1) + 4
    directories = directory(order, tags)
    if below is not None:
        directories += directory(order, {254: 0, **below})
    mark = b"II*\0" if order == "<" else b"MM\0*"
    return mark + struct.pack(f"{order}I", start) + pixels + directories


def directory(order: str, tags: dict[int, object]) -> bytes:
    parts = [struct.pack(f"{order}H", len(tags))]
    for tag, value in sorted(tags.items()):
        if isinstance(value, tuple):
            parts.append(struct.pack(f"{order}HHI4s", tag, value[0], 4, value[1]))
        elif tag in (TiffImagePlugin.COMPRESSION, TiffImagePlugin.PHOTOMETRIC_INTERPRETATION):
            parts.append(struct.pack(f"{order}HHIHxx", tag, 3, 1, value))
        else:
            parts.append(struct.pack(f"{order}HHII", tag, 4, 1, value))
    return b"".join([*parts, bytes(4)])
