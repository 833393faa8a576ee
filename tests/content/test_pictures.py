"""What is made of pictures: small, upright, without what a camera wrote beside them; and what is refused."""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageCms, ImageDraw
from tests.builders import COURSE, problems, write

from openknowledge.content.pictures import STILL_WIDTHS, PictureRefused, Renditions, make_picture

RED, BLUE = (255, 0, 0), (0, 0, 255)


def photograph(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """Return a picture of many colours: red above on the left, blue below on the right."""
    rng = random.Random(width)
    noise = Image.frombytes("RGB", (16, 16), rng.randbytes(768)).resize((width, height), Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(noise)
    draw.rectangle((0, 0, width // 4, height // 4), fill=RED)
    draw.rectangle((width - width // 4, height - height // 4, width, height), fill=BLUE)
    return noise.convert(mode)


def saved(picture: Image.Image, form: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, form, **options)
    return stream.getvalue()


def opened(done: Renditions, name: str) -> Image.Image:
    return Image.open(io.BytesIO(done.files[name]))


def corner(picture: Image.Image, *, low: bool = False) -> tuple[int, ...]:
    """Return the colour near the first corner, or near the last."""
    x, y = (picture.width - picture.width // 10, picture.height - picture.height // 10) if low else (3, 3)
    return picture.convert("RGBA").getpixel((x, y))  # type: ignore[return-value]


def is_near(color: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return all(abs(one - two) < 40 for one, two in zip(color, other, strict=False))


@pytest.fixture(scope="module")
def photo() -> Renditions:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Camera"  # Turned by a quarter.
    exif.get_ifd(0x8825)[1] = "N"
    data = saved(photograph(1300, 700), "JPEG", exif=exif, comment=b"at home", xmp=b"<x:xmpmeta/>")
    assert b"Camera" in data and b"at home" in data
    return make_picture("a.jpg", data)


def test_a_photograph_is_made_in_the_widths_of_the_layout_and_stands_upright(photo: Renditions) -> None:
    assert (photo.facts.width_px, photo.facts.height_px) == (700, 1300)
    assert photo.facts.widths == (320, 700)
    for name in (name for name in photo.files if name != "copy"):
        picture = opened(photo, name)
        assert picture.width == int(name.partition(".")[0])
        assert abs(picture.height / picture.width - 1300 / 700) < 0.01
        assert is_near(corner(picture.transpose(Image.Transpose.ROTATE_90)), RED)
    assert sorted(photo.files) == ["320.avif", "320.webp", "700.avif", "700.jpg", "700.webp", "copy"]
    assert opened(photo, "copy").format == "JPEG"


def test_nothing_that_a_camera_wrote_is_in_any_file(photo: Renditions) -> None:
    for name, data in photo.files.items():
        assert b"Camera" not in data and b"at home" not in data and b"xmpmeta" not in data
        assert dict(opened(photo, name).getexif()) == {}


@pytest.mark.parametrize("turn", range(1, 9))
def test_each_turn_of_a_camera_is_undone(turn: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = turn
    upright = photograph(80, 40)
    turns = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    shot = upright.transpose(Image.Transpose(turns[turn])) if turn > 1 else upright

    done = make_picture("a.jpeg", saved(shot, "JPEG", exif=exif, quality=95))

    assert (done.facts.width_px, done.facts.height_px) == (80, 40)
    assert is_near(corner(opened(done, "80.jpg")), RED) and is_near(corner(opened(done, "80.jpg"), low=True), BLUE)


def test_equal_bytes_make_equal_files() -> None:
    data = saved(photograph(400, 300), "PNG")

    assert make_picture("a.png", data) == make_picture("b.png", data)


SORTS: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "CMYK": ("a.jpg", lambda: saved(photograph(60, 40, "CMYK"), "JPEG", quality=95), "jpg"),
    "grey": ("a.jpg", lambda: saved(Image.new("L", (60, 40), 128), "JPEG"), "jpg"),
    "palette": ("a.gif", lambda: saved(photograph(60, 40).quantize(32), "GIF"), "png"),
    "one bit": ("a.png", lambda: saved(photograph(60, 40, "1"), "PNG"), "png"),
    "WebP": ("a.webp", lambda: saved(photograph(60, 40), "WEBP"), "jpg"),
    "AVIF": ("a.avif", lambda: saved(photograph(60, 40), "AVIF"), "jpg"),
    "BMP": ("a.bmp", lambda: saved(photograph(60, 40), "BMP"), "png"),
    "an icon": ("a.ico", lambda: saved(photograph(64, 64), "ICO", sizes=[(64, 64)]), "png"),
    "another suffix": ("a.PNG", lambda: saved(photograph(60, 40), "JPEG"), "jpg"),
}


@pytest.mark.parametrize("sort", SORTS)
def test_each_sort_of_picture_is_made_in_all_formats(sort: str) -> None:
    path, data, fallback = SORTS[sort]

    done = make_picture(path, data())

    assert done.facts.fallback.endswith(f".{fallback}")
    assert all(
        opened(done, name).convert("RGB").size == (done.facts.width_px, done.facts.height_px) for name in done.files
    )
    suffix = path[2:].upper()
    assert opened(done, "copy").format == {"JPG": "JPEG"}.get(suffix, suffix)
    if sort == "CMYK":
        assert is_near(corner(opened(done, "60.jpg")), RED)


def test_sixteen_bits_of_grey_become_eight() -> None:
    half = Image.frombytes("I;16", (40, 40), struct.pack("<H", 0x8000) * 1600)

    done = make_picture("a.png", saved(half, "PNG"))

    assert is_near(corner(opened(done, "40.png")), (128, 128, 128))


@pytest.mark.parametrize("mode", ["P", "LA", "RGBA"])
def test_what_shines_through_does_so_in_each_format(mode: str) -> None:
    picture = Image.new("RGBA", (60, 40), (0, 0, 0, 0))
    ImageDraw.Draw(picture).rectangle((30, 0, 60, 40), fill=(*BLUE, 255))
    data = saved(picture.convert(mode), "PNG", **({"transparency": 0} if mode == "P" else {}))
    if mode == "P":
        data = saved(picture.quantize(4), "PNG")

    done = make_picture("a.png", data)

    for name in done.files:
        assert corner(opened(done, name))[3] < 10
        assert corner(opened(done, name), low=True)[3] > 245


def test_colours_of_a_wide_screen_become_those_of_all_screens() -> None:
    swapped = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    broken = saved(photograph(60, 40), "JPEG", icc_profile=b"none at all")
    odd = saved(photograph(60, 40), "JPEG", icc_profile=swapped.tobytes())

    for data in (broken, odd):
        done = make_picture("a.jpg", data)
        assert is_near(corner(opened(done, "60.jpg")), RED)
        assert not any("icc_profile" in opened(done, name).info for name in done.files)


@pytest.mark.parametrize(
    ("size", "widths"), [((1, 1), (1,)), ((200, 9000), (200,)), ((9000, 100), (320, 640, 1024, 1600))]
)
def test_no_file_is_wider_than_its_picture(size: tuple[int, int], widths: tuple[int, ...]) -> None:
    done = make_picture("a.png", saved(Image.new("RGB", size, RED), "PNG"))

    assert done.facts.widths == widths
    assert (done.facts.width_px, done.facts.height_px) == size


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP"])
def test_what_moves_goes_on_moving_and_has_a_still_for_who_asked_for_less_motion(form: str) -> None:
    frames = [photograph(width, 40).resize((60, 40)) for width in (60, 70, 80)]
    data = saved(frames[0], form, save_all=True, append_images=frames[1:], duration=[100, 200, 300], loop=0)

    done = make_picture(f"a.{form.lower()}", data)

    assert done.facts.is_moving and sorted(done.files) == ["60.avif", "60.gif", "60.still.webp", "60.webp", "copy"]
    assert [opened(done, name).n_frames for name in sorted(done.files)] == [3, 3, 1, 3, 3]
    assert opened(done, "copy").format == form


def test_what_moves_is_no_larger_in_a_newer_format_and_stops_where_it_stopped() -> None:
    drawn = [Image.new("RGB", (64, 64), colour) for colour in ("red", "blue")]
    stops = [photograph(width, 40).resize((60, 40)) for width in (60, 70, 80)]

    small = make_picture("a.gif", saved(drawn[0], "GIF", save_all=True, append_images=drawn[1:], loop=0))
    once = make_picture("a.gif", saved(stops[0], "GIF", save_all=True, append_images=stops[1:], loop=2))

    assert all(len(small.files[f"64.{one}"]) < len(small.files["64.gif"]) for one in small.facts.formats)
    assert "avif" not in once.facts.formats and once.facts.formats == ("webp",)


def test_two_pictures_in_a_file_of_a_camera_are_no_film() -> None:
    data = saved(photograph(60, 40), "MPO", save_all=True, append_images=[photograph(60, 40)])

    assert not make_picture("a.jpg", data).facts.is_moving


def test_a_still_of_a_film_loses_its_black_bars() -> None:
    done = make_picture("a.jpg", saved(photograph(480, 360), "JPEG"), STILL_WIDTHS)

    assert (done.facts.width_px, done.facts.height_px) == (480, 270)
    assert "copy" not in done.files and opened(done, "320.avif").size == (320, 180)


@pytest.mark.parametrize(
    ("markup", "size"),
    [
        ('<svg xmlns="http://www.w3.org/2000/svg" width="40px" height="20" viewBox="0 0 4 2"/>', (40, 20)),
        ('<!-- a --><svg xmlns="http://www.w3.org/2000/svg" width="100%" viewBox="0,0 64 48"/>', (64, 48)),
        ('<svg xmlns="http://www.w3.org/2000/svg" width="3em" height="nan"/>', (0, 0)),
    ],
)
def test_a_drawing_stays_one_and_its_size_is_known(markup: str, size: tuple[int, int]) -> None:
    done = make_picture("a.svg", markup.encode())

    assert (done.facts.width_px, done.facts.height_px) == size
    assert done.files == {}


def bomb(width: int, height: int) -> bytes:
    """Return a PNG that says it is large, and has next to nothing in it."""
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"")),
        (b"IEND", b""),
    ]
    packed = (
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


WHOLE = saved(photograph(300, 200), "JPEG")
REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "too many pixels": (lambda: bomb(5001, 5000), "too large: 5,001 × 5,000 pixels, where 25 million are allowed"),
    "a bomb": (lambda: bomb(60_000, 60_000), "too large: 60,000 × 60,000 pixels"),
    "a long film": (lambda: film(50), "moves for too long: 50 pictures of 1500 × 1500 pixels"),
    "cut off": (lambda: WHOLE[: len(WHOLE) // 2], "is damaged or cut off"),
    "a PNG cut off": (lambda: saved(photograph(300, 200), "PNG")[:5000], "is damaged or cut off"),
    "nothing in it": (lambda: b"", "is not a picture that browsers show"),
    "words": (lambda: b"GIF89a is a format", "is not a picture that browsers show"),
    "another format": (lambda: saved(photograph(60, 40), "TIFF"), "is not a picture that browsers show"),
}


def film(count: int) -> bytes:
    """Return a moving picture of so many large pictures, the last of which is there again and again."""
    pictures = [Image.new("P", (1500, 1500), shade) for shade in range(3)]
    two, three = (
        saved(pictures[0], "GIF", save_all=True, append_images=pictures[1:last]).removesuffix(b";") for last in (2, 3)
    )
    return two + (count - 2) * three.removeprefix(two) + b";"


@pytest.mark.parametrize("name", ["a.jpg", "a.PNG", "a.svg"])
def test_a_picture_of_too_many_bytes_is_named_where_it_stands_and_once(tmp_path: Path, name: str) -> None:
    cover = f"image: {{src: {name}, alt: {{it: x, en: x}}}}\nmaterials: [{{title: A, file: {name}}}]\n---\nUn"
    text = f"\n![x]({name})\n\n[y](b.gif)\n"
    files = {
        "courses/a/index.md": COURSE.replace("---\nUn", cover) + text,
        "courses/b/index.md": f"---\ntitle: B\nsubjetc: x\n---\n![x](../a/{name})\n",
    }
    folder = write(tmp_path, files) / "courses/a"
    for one in (name, "b.gif", "unused.webp"):
        with (folder / one).open("wb") as file:
            file.truncate(21 * 1024**2)

    messages = problems(tmp_path, {})

    places = [message.partition("it is too large")[0] for message in messages if "it is too large" in message]
    assert places == sorted(
        [
            f'content/courses/a/index.md:4: image.src: the picture "{name}" is not read: ',
            f'content/courses/a/index.md:5: materials[0].file: the picture "{name}" is not read: ',
            f'content/courses/a/index.md:9: the picture "{name}" is not read: ',
            'content/courses/a/index.md:11: the picture "b.gif" is not read: ',
            "content/courses/a/unused.webp: ",
            f'content/courses/b/index.md:5: the picture "../a/{name}" is not read: ',
        ]
    )
    assert len(messages) == len(places) + 1 and "Make it smaller" in messages[0]


@pytest.mark.parametrize("reason", REFUSED)
def test_what_cannot_be_shown_is_refused_with_a_reason(reason: str) -> None:
    data, message = REFUSED[reason]

    with pytest.raises(PictureRefused) as refusal:
        make_picture("a.jpg", data())

    assert message in refusal.value.message and refusal.value.hint


def test_each_place_that_names_a_broken_picture_is_named_once(tmp_path: Path) -> None:
    cover = "image: {src: a.jpg, alt: {it: x, en: x}}\nmaterials: [{title: A, file: a.jpg}]\n---\nUn"
    text = "\n![x](a.jpg)\n\n[y](../b/c.png)\n\n![z](d.tif)\n"
    files = {
        "courses/a/index.md": COURSE.replace("---\nUn", cover) + text,
        "courses/a/a.jpg": WHOLE[:3000],
        "courses/a/d.tif": b"II*",
        "courses/b/index.md": "---\ntitle: B\nsubjetc: x\n---\n![x](c.png)\n",
        "courses/b/c.png": bomb(6000, 6000),
    }

    messages = problems(tmp_path, files)

    damaged, large = "is damaged or cut off\n    Export it again", "is too large: 6,000 × 6,000 pixels"
    expected = [
        ('a/index.md:4: image.src: the picture "a.jpg"', damaged),
        ('a/index.md:5: materials[0].file: the picture "a.jpg"', damaged),
        ('a/index.md:9: the picture "a.jpg"', damaged),
        ('a/index.md:11: "../b/c.png"', large),
        ('a/index.md:13: "d.tif"', "is not a picture that browsers show\n    Export it as JPEG or PNG."),
        ('b/index.md:3: unknown field "subjetc"', ""),
        ('b/index.md:5: "c.png"', large),
    ]
    for place, reason in expected:
        assert [one for one in messages if place in one and reason in one], (place, messages)
    assert len(messages) == len(expected)
