"""The names of formats that are not judged, by what their files begin with."""

import re

_AT_THE_START = (
    # RAW of cameras; most of it is in TIFF, and `raw.py` tells that
    (b"FUJIFILMCCD-RAW", "RAW (RAF)"),
    (b"IIRO", "RAW (ORF)"),
    (b"IIRS", "RAW (ORF)"),
    (b"MMOR", "RAW (ORF)"),
    (b"IIU\0", "RAW (RW2)"),
    (b"FOVb", "RAW (X3F)"),
    (b"\0MRM", "RAW (MRW)"),
    (b"II\x1a\0\0\0HEAPCCDR", "RAW (CRW)"),
    (b"ARRI", "RAW (ARRI)"),
    # films and sound
    (b"FLV\1", "Flash video"),
    (b"FWS", "Flash"),
    (b"CWS", "Flash"),
    (b"ZWS", "Flash"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "Windows Media (WMV)"),
    (b"\0\0\1\xba", "MPEG video"),
    (b"\0\0\1\xb3", "MPEG video"),
    (b"OggS", "Ogg"),
    (b".RMF", "RealMedia"),
    (b"\x06\x0e\x2b\x34\x02\x05\x01\x01", "MXF video"),
    (b"\x8aMNG\r\n\x1a\n", "MNG"),
    (b"\x8bJNG\r\n\x1a\n", "JNG"),
    (b"ID3", "MP3"),
    (b"fLaC", "FLAC"),
    # documents and archives
    (b"%!PS", "PostScript"),
    (b"\x04%!PS", "PostScript"),
    (b"\xc5\xd0\xd3\xc6", "PostScript (EPS)"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Office (doc, xls or ppt)"),
    (b"{\\rtf", "RTF"),
    (b"AT&TFORM", "DjVu"),
    (b"PK\5\6", "ZIP"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\7", "RAR"),
    (b"\x1f\x8b\x08", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"\x06\x06\xed\xf5\xd8\x1d\x46\xe5", "InDesign"),
    (b"AC10", "AutoCAD (DWG)"),
    # pictures of other programs
    (b"8BPS", "Photoshop (PSD)"),
    (b"gimp xcf", "GIMP (XCF)"),
    (b"Paint Shop Pro Image File", "Paint Shop Pro"),
    (b"\x00\x00\x00\x0cjP  ", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"\x00\x00\x00\x0cJXL ", "JPEG XL"),
    (b"\xff\x0a", "JPEG XL"),
    (b"II\xbc", "JPEG XR"),
    (b"BPG\xfb", "BPG"),
    (b"FLIF", "FLIF"),
    (b"qoif", "QOI"),
    (b"farbfeld", "farbfeld"),
    (b"\xabKTX", "KTX"),
    (b"DDS ", "DDS"),
    (b"VTF\0", "VTF"),
    (b"BLP1", "BLP"),
    (b"BLP2", "BLP"),
    (b"v/1\1", "OpenEXR"),
    (b"#?RADIANCE", "Radiance HDR"),
    (b"#?RGBE", "Radiance HDR"),
    (b"SDPX", "DPX"),
    (b"XPDS", "DPX"),
    (b"\x80\x2a\x5f\xd7", "Cineon"),
    (b"SIMPLE  =", "FITS"),
    # old bitmaps
    (b"icns", "ICNS"),
    (b"\0\0\1\0", "ICO"),
    (b"\x59\xa6\x6a\x95", "Sun raster"),
    (b"\1\xda\0", "SGI"),
    (b"\1\xda\1", "SGI"),
    (b"/* XPM */", "XPM"),
    (b"\xd7\xcd\xc6\x9a", "WMF"),
    (b"DanM", "Microsoft Paint (MSP)"),
    (b"LinS", "Microsoft Paint (MSP)"),
)
_INSIDE = (
    (4, b"RED1", "RAW (R3D)"),
    (4, b"RED2", "RAW (R3D)"),
    (4, b"moov", "QuickTime"),
    (4, b"mdat", "QuickTime"),
    (4, b"wide", "QuickTime"),
    (4, b"pnot", "QuickTime"),
    (4, b"\x11\xaf", "FLI video"),
    (4, b"\x12\xaf", "FLC video"),
    (8, b"ILBM", "IFF (ILBM)"),
    (8, b"PBM ", "IFF (PBM)"),
    (40, b" EMF", "EMF"),
    (128, b"DICM", "DICOM"),
    (257, b"ustar", "tar"),
)
"""What stands further in, and where."""

_PATTERNS = (
    (re.compile(rb"\0\0\x02\0(?!\0\0)"), "CUR"),  # not a TGA
    (re.compile(rb"P[1-6]\s"), "PBM, PGM or PPM"),
    (re.compile(rb"P7\nWIDTH|P7 332"), "PAM"),
    (re.compile(rb"P[Ff]\n"), "PFM"),
    (re.compile(rb"\n[\x00\x02-\x05]\x01[\x01\x02\x04\x08]"), "PCX"),
    (re.compile(rb"#define\s+\S+_width\s"), "XBM"),
    (re.compile(rb"\x1a\x45\xdf\xa3.{0,60}webm", re.DOTALL), "WebM"),
    (re.compile(rb"\x1a\x45\xdf\xa3"), "Matroska"),
    (re.compile(rb"(?:G.{187}){2}G|.{4}(?:G.{191}){2}G", re.DOTALL), "MPEG video"),
    # Readers take a header within the first KiB.
    (re.compile(rb".{0,1020}%PDF-", re.DOTALL), "PDF"),
    # One kind and depth of picture, and a size that is not zero. It has no signature of its own.
    (
        re.compile(
            rb".[\x00\x01][\x01-\x03\x09-\x0b].{9}(?!\0\0)..(?!\0\0)..[\x08\x0f\x10\x18\x20][\x00-\x3f]",
            re.DOTALL,
        ),
        "TGA",
    ),
)

_RIFF = {b"AVI ": "AVI", b"WAVE": "WAV", b"ACON": "ANI", b"CDR": "CorelDRAW", b"RMID": "MIDI"}
_ZIPPED = (
    (b"word/", "Word"),
    (b"xl/", "Excel"),
    (b"ppt/", "PowerPoint"),
    (b"[Content_Types].xml", "Office (docx, xlsx or pptx)"),
    (b"mimetypeapplication/vnd.oasis", "OpenDocument"),
    (b"mimetypeapplication/epub", "EPUB"),
)
_JUDGED_BRANDS = frozenset(
    (b"avif", b"avis", b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
)
"""What follows `ftyp` in AVIF and HEIC, whose container films share."""

_BYTE_ORDERS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"<\0": "utf-16-le", b"\0<": "utf-16"}
# Possessive: what is matched is kept, or a file of one long word would take gigabytes to give up.
_BEFORE_ROOT = re.compile(
    rb"(?:\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE\s(?:[^\[>]++|\[.*?\]\s*+(?=>))*+>)", re.DOTALL | re.I
)
_SVG = re.compile(rb"<(?:[\w.-]+:)?svg[\s/>]", re.I)


def other_format(data: bytes) -> str | None:
    """The name of a format outside the allow-list; None where nothing is known of `data`.

    Only a failure's code and message depend on it, so that no decoder is asked.
    """
    for signature, name in _AT_THE_START:
        if data.startswith(signature):
            return name
    for place, signature, name in _INSIDE:
        if data.startswith(signature, place):
            return name
    if data.startswith(b"RIFF"):
        return _RIFF.get(data[8:12]) or _RIFF.get(data[8:11])
    if data.startswith(b"PK\3\4"):
        return next((name for part, name in _ZIPPED if part in data[:4096]), "ZIP")
    if data.startswith(b"ftyp", 4):
        return _film(data)
    if data[-18:-2] == b"TRUEVISION-XFILE":
        return "TGA"
    if _is_svg(data):
        return "SVG"
    return next((name for pattern, name in _PATTERNS if pattern.match(data)), None)


def _film(data: bytes) -> str | None:
    end = min(int.from_bytes(data[:4], "big"), 1024)
    brands = {data[8:12], *(data[place : place + 4] for place in range(16, end, 4))}
    if b"crx " in brands:
        return "RAW (CR3)"
    return None if brands & _JUDGED_BRANDS else "MP4 or QuickTime"


def _is_svg(data: bytes) -> bool:
    """Whether the first element is `svg`, whatever stands before it."""
    coding = _BYTE_ORDERS.get(data[:2])
    if coding is not None:
        data = data.decode(coding, errors="replace").encode()
    place = len(b"\xef\xbb\xbf") if data.startswith(b"\xef\xbb\xbf") else 0
    while before := _BEFORE_ROOT.match(data, place):
        place = before.end()
    return _SVG.match(data, place) is not None
