"""What is made of a picture of the content: the same in small, in formats that browsers load quickly, and nothing else.

What a camera or a program wrote beside the pixels (places, names, previews) is in none of the files.
"""

import io
import warnings
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.parsers import expat

from openknowledge.engine.digest import digest_bytes, package_version, read_sources
from openknowledge.problems import Message

from .cpu_limit import CpuLimitExceeded, cpu_limit
from .media_files import is_drawing

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = [
    *("COPY", "NO_PICTURE", "STILL_WIDTHS", "WIDTHS", "Renditions", "PictureFacts", "PictureRefused", "is_picture"),
    *("make_picture", "measure_picture", "name_target", "recipe_digest"),
]

FORMATS = ("AVIF", "BMP", "GIF", "ICO", "JPEG", "PNG", "WEBP")
"""What browsers show, in the names of the library; its other plugins start programs, or are hardly ever tried."""
SUFFIXES = {
    **{"avif": "AVIF", "bmp": "BMP", "gif": "GIF", "ico": "ICO", "png": "PNG", "webp": "WEBP"},
    **{"jpeg": "JPEG", "jpg": "JPEG"},
}
"""The format of a picture's copy by the suffix of its name."""
MAX_PIXELS = 25_000_000
"""The most pixels of a picture: more take seconds and gigabytes to open."""
MAX_FRAMES_PIXELS = 100_000_000
"""The most pixels of all frames of a moving picture together."""
LEAST_FRAME_PIXELS = 10_000
"""As how many pixels a frame counts at least: each is written in several formats."""
MAX_SCAN_PIXELS = 1_000_000_000
"""The most pixels of all scans of a JPEG: a progressive one has some ten scans, each of all its pixels."""
SPARE_PIXELS = 20_000_000
PIXELS_BY_BYTE = 100
"""How many pixels are drawn for a picture: `SPARE_PIXELS`, and so many for each of its bytes; of frames a third."""
SPARE_BYTES = 1_000_000
MAX_GROWTH = 10
"""How many bytes are written for a picture: `SPARE_BYTES`, and so many times its own."""
SAMPLES, SAMPLE_PX = 8, 128
"""How many squares of a picture tell what it grows to where already the least width is large, and how wide each is."""
MAX_CPU_S = 60
WIDTHS = (320, 640, 1024, 1600)
"""The widths of the layout: a row or phone, a card or large phone, a text at twice its pixels, a whole page."""
STILL_WIDTHS = (320, 640, 1280)
MAX_MOVING_WIDTH = 1024
FALLBACK_WIDTH = 1024
COPY_SIZE = 2560, 16_000
"""What a picture is reduced to where it is downloaded, and by everything that knows one address of it."""
NEAR = 1.2
"""A width is left out where the next one is less than so many times as large."""
START_OF_SCAN = b"\xff\xda"
"""What begins a scan of a JPEG, and stands nowhere in the data of one."""
COPY = "copy"
NO_PICTURE = Message('"%(target)s" is not a picture that browsers show'), Message("Export it as JPEG or PNG.")
UNFOLDS = Message('"%(target)s" unfolds to far more than its file has in it')
UNFOLDS_HINT = Message("Make it smaller, or export it again as JPEG or PNG.")
LOSSLESS = frozenset(("BMP", "GIF", "ICO", "PNG"))
FEW_COLORS = 4096
"""What has no more colours in such a format is drawn: sharp edges matter in it."""
PHOTOGRAPH: dict[str, dict[str, Any]] = {
    "avif": {"quality": 50, "speed": 8},
    "webp": {"quality": 76, "method": 4},
    "jpg": {"quality": 80, "optimize": True, "progressive": True},
    "png": {"optimize": True},
}
DRAWING: dict[str, dict[str, Any]] = {
    **PHOTOGRAPH,
    "avif": {"quality": 80, "speed": 8, "subsampling": "4:4:4"},
    "webp": {"lossless": True, "quality": 75, "method": 4},
}


MOVING: dict[str, dict[str, Any]] = {
    "avif": {"quality": 60, "speed": 8, "max_threads": 1, "autotiling": False},
    "webp": {"quality": 75, "method": 2},
}


class PictureRefused(Exception):
    """Nothing is made of a picture; `message` says why (`name_target` fills in whose), `hint` what to do instead."""

    def __init__(self, message: Message, hint: Message) -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


class PictureFacts(NamedTuple):
    """A picture as it is shown, upright, and which files there are of it.

    `widths` are those of each of the `formats`: `640.avif`; `fallback` is the one file for other browsers. A picture
    that `is_moving` has a still of each width, too: `640.still.webp`. `copy_b` is the size of the copy. `digests` are
    the first digits of each file's SHA-256 but the copy's. Of a drawing there is a copy alone.
    """

    width_px: int
    height_px: int
    copy_b: int
    widths: tuple[int, ...] = ()
    formats: tuple[str, ...] = ()
    fallback: str = ""
    is_moving: bool = False
    digests: tuple[tuple[str, str], ...] = ()

    def file_name(self, name: str) -> str:
        """Return the end of the published name of a file, which changes with its bytes: `640.1a2b3c4d.avif`."""
        stem, dot, suffix = name.rpartition(".")
        return f"{stem}.{dict(self.digests)[name]}{dot}{suffix}"


class Renditions(NamedTuple):
    """What was made of a picture: its facts, and the bytes of its files by their width and format."""

    facts: PictureFacts
    files: dict[str, bytes]


@cache
def recipe_digest() -> bytes:
    """Return the digest of all that decides what is made of the same bytes."""
    return digest_bytes(b"\0".join((package_version("pillow").encode(), *read_sources(("content/pictures.py",)))))


def is_picture(path: str) -> bool:
    """Return whether a file is a picture by its name, of which others are made or which is cleaned."""
    return path.rpartition(".")[2].lower() in SUFFIXES or is_drawing(path)


def is_whole_picture(data: bytes, least_px: int) -> bool:
    """Return whether bytes are a photograph that can be read to its end and is no narrower than that."""
    from PIL import Image

    try:
        with warnings.catch_warnings(action="ignore"), Image.open(io.BytesIO(data), formats=("JPEG",)) as picture:
            is_fit = picture.width >= least_px and picture.width * picture.height <= MAX_PIXELS
            return is_fit and picture.load() is not None
    except Exception:
        return False


def name_target(message: Message, target: str) -> Message:
    """Return what is wrong with a picture, with its path as an editor has written it."""
    return (
        Message(message.message_id, **{**message.values, "target": target})
        if "(target)" in message.message_id
        else message
    )


def measure_picture(data: bytes) -> tuple[int, int]:
    """Return the width and height of a picture in pixels, upright; nothing where it is none."""
    from PIL import Image

    limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            # Some formats are read as a whole before they say how they lie.
            is_large = picture.width * picture.height > MAX_PIXELS
            return picture.size if is_large else _upright_size(picture)
    except Exception:
        # Pillow's plugins raise whatever a broken file has them stumble over.
        return 0, 0
    finally:
        Image.MAX_IMAGE_PIXELS = limit


def make_picture(path: str, data: bytes, widths: tuple[int, ...] = WIDTHS) -> Renditions:
    """Return what is made of the bytes of a picture. Raises `PictureRefused` where nothing can be.

    A still of a film (`STILL_WIDTHS`) loses the black bars that make it 4:3, and has no copy.
    """
    if is_drawing(path):
        return Renditions(_measure_drawing(data), {})
    try:
        with cpu_limit(MAX_CPU_S), warnings.catch_warnings(action="ignore"):
            return _make(data, SUFFIXES[path.rpartition(".")[2].lower()], widths)
    except CpuLimitExceeded:
        message = Message('the picture "%(target)s" takes too long to open')
        raise PictureRefused(message, Message("Export it again, as JPEG or PNG.")) from None


def _make(data: bytes, copy_format: str, widths: tuple[int, ...]) -> Renditions:
    from PIL import Image

    try:
        picture = Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError:
        raise _too_large(*measure_picture(data)) from None
    except Exception:
        raise PictureRefused(*NO_PICTURE) from None
    with picture:
        if picture.width * picture.height > MAX_PIXELS:
            raise _too_large(*picture.size)
        if not picture.width or not picture.height:
            raise PictureRefused(*NO_PICTURE)
        if picture.format == "JPEG" and data.count(START_OF_SCAN) * picture.width * picture.height > MAX_SCAN_PIXELS:
            raise PictureRefused(UNFOLDS, UNFOLDS_HINT)
        is_still = widths == STILL_WIDTHS
        try:
            may_move = not is_still and picture.format in ("AVIF", "GIF", "PNG", "WEBP")
            if may_move and _count_frames(picture, _most_pixels(data) // 3) > 1:
                return _make_moving(picture, copy_format)
            size = _upright_size(picture)
            is_drawn = picture.format in LOSSLESS
            upright = _reduce(picture)
        except PictureRefused:
            raise
        except Exception:
            hint = Message("Export it again as JPEG or PNG, and see that it is copied as a whole.")
            raise PictureRefused(Message('the picture "%(target)s" is damaged or cut off'), hint) from None
    if is_still:
        upright = _without_bars(upright)
        size = upright.size
    return _make_still(upright, size, widths, is_drawn, "" if is_still else copy_format, data)


def _most_pixels(data: bytes) -> int:
    return SPARE_PIXELS + PIXELS_BY_BYTE * len(data)


def _too_large(width: int, height: int) -> PictureRefused:
    message = Message(
        '"%(target)s" is too large: %(width)s × %(height)s pixels, where %(limit)s million are allowed',
        target="",
        width=f"{width:,}",
        height=f"{height:,}",
        limit=MAX_PIXELS // 10**6,
    )
    return PictureRefused(message, Message("Make it smaller."))


def _upright_size(picture: "Image") -> tuple[int, int]:
    width, height = picture.size
    return (height, width) if picture.getexif().get(0x0112) in (5, 6, 7, 8) else (width, height)


def _reduce(picture: "Image") -> "Image":
    """Return a picture upright, in sRGB, no larger than its copy will be, and without anything beside its pixels."""
    from PIL import Image, ImageOps

    profile = picture.info.get("icc_profile")
    if picture.mode in ("1", "P", "PA", "LA", "La") or "transparency" in picture.info:
        picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    picture.thumbnail(
        COPY_SIZE[::-1] if _upright_size(picture) != picture.size else COPY_SIZE, Image.Resampling.LANCZOS
    )
    picture = ImageOps.exif_transpose(picture)
    if picture.mode.startswith(("I", "F")):
        picture = picture.point(lambda value: value / 256).convert("L")
    picture = _in_srgb(picture, profile)
    picture.info = {}
    return picture


def _in_srgb(picture: "Image", profile: bytes | None) -> "Image":
    from PIL import ImageCms

    mode = "RGBA" if picture.mode in ("RGBA", "RGBa") else "RGB"
    if profile and picture.mode in ("RGB", "RGBA", "CMYK"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode=mode)
        except (ImageCms.PyCMSError, OSError, ValueError):
            converted = None  # Browsers show a picture with a broken profile as if it had none.
        if converted is not None:
            return converted
    return picture.convert(mode)


def _without_bars(picture: "Image") -> "Image":
    """Return the middle of a picture, in the shape of a film."""
    height = min(picture.height, max(1, round(picture.width * 9 / 16)))
    top = (picture.height - height) // 2
    return picture.crop((0, top, picture.width, top + height))


def _choose_widths(width: int, widths: tuple[int, ...]) -> tuple[int, ...]:
    """Return the widths that a picture is renditions in; none is larger than it is."""
    largest = min(width, widths[-1])
    return (*(one for one in widths if one * NEAR < largest), largest)


def _resize(picture: "Image", width: int) -> "Image":
    from PIL import Image

    if width == picture.width:
        return picture
    height = max(1, round(picture.height * width / picture.width))
    return picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3)


def _make_still(
    picture: "Image", size: tuple[int, int], widths: tuple[int, ...], is_drawn: bool, copy_format: str, data: bytes
) -> Renditions:
    is_drawn = is_drawn and picture.getcolors(FEW_COLORS) is not None
    encoding = DRAWING if is_drawn else PHOTOGRAPH
    chosen = _choose_widths(picture.width, widths)
    fallback = "png" if is_drawn or picture.mode == "RGBA" else "jpg"
    fallback_px = max((one for one in chosen if one <= FALLBACK_WIDTH), default=chosen[0])
    files: dict[str, bytes] = {}
    drawn, pixels = 0, sum(width * width * picture.height // picture.width for width in (*chosen, picture.width))
    if pixels > _most_pixels(data):
        raise PictureRefused(UNFOLDS, UNFOLDS_HINT)
    _check_samples(picture if chosen[0] == picture.width else _resize(picture, chosen[0]), encoding["avif"], data)
    for width in chosen:
        resized = _resize(picture, width)
        files[f"{width}.avif"] = _encode(resized, "avif", max_threads=1, autotiling=False, **encoding["avif"])
        files[f"{width}.webp"] = _encode(resized, "webp", **encoding["webp"])
        if width == fallback_px:
            files[f"{width}.{fallback}"] = _encode(resized, fallback, **encoding[fallback])
        drawn += resized.width * resized.height
        if width < chosen[-1]:
            _check_growth(files, drawn / pixels, data)
    if copy_format:
        files = {COPY: _encode_copy(picture, copy_format), **files}
    return _describe(files, size, chosen, ("avif", "webp"), f"{fallback_px}.{fallback}")


def _check_samples(picture: "Image", options: dict[str, Any], data: bytes) -> None:
    """Refuse a large picture of which some squares tell that it would be far more than its file.

    Where they lie follows from the digest of the file, so no picture can be flat in just these.
    """
    from PIL import Image

    side, places = min(SAMPLE_PX, *picture.size), sha256(data).digest()
    if picture.width * picture.height < 4 * SAMPLES * SAMPLE_PX**2:
        return
    sheet = Image.new(picture.mode, (side * SAMPLES, side))
    for number in range(SAMPLES):
        part = int.from_bytes(places[4 * number : 4 * number + 4], "big")
        left, top = part % (picture.width - side + 1), part // 7 % (picture.height - side + 1)
        sheet.paste(picture.crop((left, top, left + side, top + side)), (side * number, 0))
    encoded = _encode(sheet, "avif", max_threads=1, autotiling=False, **options)
    _check_growth({"": encoded}, sheet.width * sheet.height / (picture.width * picture.height), data)


def _check_growth(files: dict[str, bytes], share: float, data: bytes) -> None:
    """Refuse a picture of which the files so far, a share of all pixels, tell that all would be far more than it."""
    if sum(map(len, files.values())) / share > SPARE_BYTES + MAX_GROWTH * len(data):
        raise PictureRefused(UNFOLDS, UNFOLDS_HINT)


def _describe(
    files: dict[str, bytes],
    size: tuple[int, int],
    widths: tuple[int, ...],
    formats: tuple[str, ...],
    fallback: str,
    *,
    is_moving: bool = False,
) -> Renditions:
    digests = tuple((name, sha256(data).hexdigest()[:8]) for name, data in files.items() if name != COPY)
    facts = PictureFacts(*size, len(files.get(COPY, b"")), widths, formats, fallback, is_moving, digests)
    return Renditions(facts, files)


def _encode(picture: "Image", suffix: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, SUFFIXES[suffix], **options)
    return stream.getvalue()


def _encode_copy(picture: "Image", copy_format: str) -> bytes:
    """Return a picture in the format that the name of its file says."""
    options: dict[str, Any] = {"quality": 85, "optimize": True, "progressive": True}
    if copy_format == "JPEG" and picture.mode == "RGBA":
        picture = _on_white(picture)
    if copy_format == "ICO":
        options = {"sizes": [picture.size]} if max(picture.size) <= 256 else {}
    elif copy_format == "AVIF":
        options = {"quality": 70, "speed": 8, "max_threads": 1, "autotiling": False}
    elif copy_format != "JPEG":
        options = {"quality": 85} if copy_format == "WEBP" else {"optimize": True} if copy_format == "PNG" else {}
    stream = io.BytesIO()
    picture.save(stream, copy_format, **options)
    return stream.getvalue()


def _on_white(picture: "Image") -> "Image":
    from PIL import Image

    paper = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(paper, picture).convert("RGB")


# Moving pictures


def _count_frames(picture: "Image", most_pixels: int) -> int:
    count = getattr(picture, "n_frames", 1)
    pixels = max(LEAST_FRAME_PIXELS, picture.width * picture.height)
    if count > 1 and count * pixels > min(MAX_FRAMES_PIXELS, most_pixels):
        message = Message(
            '"%(target)s" moves for too long: %(count)s pictures of %(width)s × %(height)s pixels',
            target="",
            count=count,
            width=picture.width,
            height=picture.height,
        )
        raise PictureRefused(message, Message("Make it smaller or shorter, or publish it as a video."))
    return count


def _make_moving(picture: "Image", copy_format: str) -> Renditions:
    """Return what is made of a picture that moves: also stills, for readers who asked for less motion."""
    from PIL import ImageSequence

    size = picture.size
    width = min(size[0], MAX_MOVING_WIDTH)
    frames, durations = [], []
    loop = picture.info.get("loop", 1 if picture.format == "GIF" else 0)
    for frame in ImageSequence.Iterator(picture):
        durations.append(max(20, round(frame.info.get("duration", 0) or 100)))
        frames.append(_resize(frame.convert("RGBA"), width))
        frames[-1].info = {}
    moving: dict[str, Any] = {"save_all": True, "append_images": frames[1:], "duration": durations, "loop": loop}
    files = {
        f"{width}.gif": _encode(frames[0], "gif", disposal=2, **moving),
        f"{width}.still.webp": _encode(frames[0], "webp", **PHOTOGRAPH["webp"]),
    }
    # Some drawings are larger in a newer format; and what is AVIF moves for ever.
    others = {suffix: options for suffix, options in MOVING.items() if suffix != "avif" or loop == 0}
    encoded = {suffix: _encode(frames[0], suffix, **options, **moving) for suffix, options in others.items()}
    smaller = {suffix: data for suffix, data in encoded.items() if len(data) < len(files[f"{width}.gif"])}
    files |= {f"{width}.{suffix}": data for suffix, data in smaller.items()}
    if copy_format == "AVIF":
        moving |= {"speed": 8, "max_threads": 1, "autotiling": False}
    moving_copy = copy_format in ("GIF", "WEBP", "PNG", "AVIF")
    files[COPY] = (
        _encode(frames[0], copy_format.lower(), **moving) if moving_copy else _encode_copy(frames[0], copy_format)
    )
    return _describe(files, size, (width,), tuple(smaller), f"{width}.gif", is_moving=True)


# Drawings


def _measure_drawing(data: bytes) -> PictureFacts:
    """Return the size of an SVG: that of its element, else of its view box, else of none that is known."""
    found: dict[str, str] = {}

    def begin(_name: str, attributes: dict[str, str]) -> None:
        if not found:
            found.update({"": "seen", **attributes})

    parser = expat.ParserCreate()
    parser.StartElementHandler = begin
    try:
        parser.Parse(data, True)
    except expat.ExpatError:
        return PictureFacts(0, 0, len(data))
    sizes = [_pixels(found.get(name, "")) for name in ("width", "height")]
    box = found.get("viewBox", "").replace(",", " ").split()
    if not all(sizes) and len(box) == 4:
        sizes = [_pixels(part) for part in box[2:]]
    width, height = sizes if all(sizes) else (0, 0)
    return PictureFacts(width, height, len(data))


def _pixels(text: str) -> int:
    """Return a length as whole pixels; 0 where it is none, or relative."""
    try:
        return max(0, round(float(text.strip().removesuffix("px"))))
    except (ValueError, OverflowError):
        return 0
