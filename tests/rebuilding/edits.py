"""Edits of a site between two builds: each is a function of the workshop and of a number to choose by."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from tests.rebuilding.workshop import Workshop, a_picture, sync_text, video_row

from openknowledge.manifest import MANIFEST

__all__ = ["EDITS", "MISTAKES", "SETTINGS"]

T = TypeVar("T")
Edit = Callable[[Workshop, int], None]

LINE = re.compile(r"^(title|abstract): (.*)$", re.M)
MESSAGE = re.compile(r'^msgstr "([^"\\%]{4,})"$', re.M)

SETTINGS: tuple[tuple[str, Any], ...] = (
    ("PAGE_SIZE", 24),
    ("PAGE_SIZE", 2),
    ("SITENAMES", {"it": "Prova", "en": "Trial"}),
    ("TAGLINES", {"it": "Una prova", "en": "A trial"}),
    ("FEEDS_CONTENT", "summary"),
    ("FEEDS_CONTENT", "full"),
    ("FEEDS_MAX_ITEMS", 2),
    ("HOME_FIGURES", ["figure:sito.lettori", "total:courses"]),
    ("COUNTERS_STALE_AFTER_DAYS", 3),
    ("SEARCH_TEXT_LENGTH", 5),
    ("SITEURL", "https://example.edu/sapere"),
    ("SITEURL", "http://127.0.0.1:8000"),
    ("COURSE_URL", "insegnamenti/{slug}/"),
    ("LOCALES", {"it": "it_CH", "en": "en_US"}),
    ("TIMEZONE", "America/New_York"),
    ("LICENSE_URL", "https://example.edu/licence"),
    ("JINJA_ENVIRONMENT", {"autoescape": True, "trim_blocks": False, "lstrip_blocks": False}),
    ("LANGUAGES", ["en", "it"]),
    ("LANGUAGES", ["it", "en"]),
    ("MARKDOWN_READER", "fast"),
    ("MARKDOWN_READER", "markdown"),
    ("TWINS", True),
    ("TWINS", False),
)


def chosen(among: Sequence[T], number: int) -> T:
    return among[number % len(among)]


def texts(shop: Workshop) -> list[str]:
    """Return all Markdown files."""
    found = (path.relative_to(shop.content).as_posix() for path in shop.content.rglob("*.md"))
    return sorted(found)


def a_word(shop: Workshop, number: int) -> None:
    name = chosen(texts(shop), number)
    shop.write(name, f"{shop.read(name)}\nAltra parola {number}.\n")


def a_word_less(shop: Workshop, number: int) -> None:
    name = chosen(texts(shop), number)
    front, mark, body = shop.read(name).rpartition("---\n")
    shop.write(name, front + mark + body[: number % (len(body) + 1)])


def a_title_or_abstract(shop: Workshop, number: int) -> None:
    name = chosen(texts(shop), number)
    text = shop.read(name)
    found = list(LINE.finditer(text))
    if found:
        match = chosen(found, number // 7)
        shop.write(name, f"{text[: match.start()]}{match[1]}: {match[2]} {number}{text[match.end() :]}")


def a_new_item(shop: Workshop, number: int) -> None:
    front = {
        "courses/nuovo-{}/index.md": "teaching_langs: [it]\nstrand: matematica\ntopics: [numeri]",
        "people/nuova-{}.md": "abstract: Nuova.",
        "topics/tema-{}.md": "abstract: Nuovo tema.",
        "partners/socio-{}.md": "abstract: Nuovo.",
        "press/2025/nota-{}.md": "published: 2025-11-11\nstandfirst: Una nota.",
        "press/2026/presto-{}.md": "published: 2026-01-12\nembargo: 2026-01-12\nmentions: [course/algebra]",
        "hub/article/altro-{}.md": "initiative: imparare\npublished: 2020-06-01\nabstract: Altro.",
        "pages/pagina-{}.md": "abstract: Altro.",
    }
    pattern, facts = chosen(list(front.items()), number)
    shop.write(pattern.format(number % 3), f"---\ntitle: Nuovo {number}\n{facts}\n---\nTesto {number}.\n")


def an_item_less(shop: Workshop, number: int) -> None:
    shop.remove(chosen(texts(shop), number))


def another_name(shop: Workshop, number: int) -> None:
    name = chosen(texts(shop), number)
    path = shop.content / name
    if path.name.startswith("index."):
        folder = path.parent
        if not folder.with_name(f"{folder.name}-bis").exists():
            folder.rename(folder.with_name(f"{folder.name}-bis"))
    else:
        path.rename(path.with_name(f"bis-{path.name}"))


def a_translation(shop: Workshop, number: int) -> None:
    """Write an English file where there is none, and remove it where there is one."""
    name = chosen([one for one in texts(shop) if not one.endswith(".en.md")], number)
    other = name.removesuffix(".md") + ".en.md"
    if (shop.content / other).exists():
        shop.remove(other)
    else:
        shop.write(other, f"---\ntitle: In English {number}\n---\nEnglish text.\n")


def a_relation(shop: Workshop, number: int) -> None:
    """Have a field of a course, a video or a press release refer to something else."""
    changes = (
        ("courses/{}/index.md", "topics", ("[]", "[numeri]", "[forme, numeri]")),
        ("courses/{}/index.md", "strand", ("matematica", "fisica", "niente")),
        ("courses/{}/index.md", "partners", ("[]", "[ateneo]", "[impresa, ateneo]")),
        ("courses/{}/index.md", "credits", ("[]", "[{person: bruno, role: teacher}]", "[{person: ada, role: author}]")),
        ("press/2025/cento-corsi.md", "mentions", ("[]", "[course/geometria]", "[course/algebra, partner/ateneo]")),
        ("videos/lezione.md", "course", ("algebra", "geometria")),
        ("hub/article/fine.md", "initiative", ("imparare", "ignota")),
        ("courses/{}/index.md", "subject", ("physics", "mathematics")),
    )
    pattern, name, values = chosen(changes, number)
    path = pattern.format(chosen(("algebra", "geometria"), number // 8))
    if (shop.content / path).exists():
        lines = [line for line in shop.read(path).split("\n") if not line.startswith(f"{name}:")]
        shop.write(path, "\n".join((lines[0], f"{name}: {chosen(values, number // 16)}", *lines[1:])))


def a_template(shop: Workshop, number: int) -> None:
    found = sorted(path for path in (shop.theme / "templates").rglob("*.html") if 'class="' in path.read_text("utf-8"))
    path = chosen(found, number)
    path.write_text(path.read_text("utf-8").replace('class="', f'class="x{number} ', 1), "utf-8")


def a_word_of_the_interface(shop: Workshop, number: int) -> None:
    path = shop.theme / "locale/it/LC_MESSAGES/messages.po"
    text = path.read_text("utf-8")
    match = chosen(list(MESSAGE.finditer(text)), number)
    path.write_text(text[: match.end(1)] + f" {number}" + text[match.end(1) :], "utf-8")


def a_style(shop: Workshop, number: int) -> None:
    """Change a stylesheet or a script."""
    found = sorted(path for path in (shop.theme / "static").rglob("*") if path.suffix in (".css", ".js"))
    path = chosen([one for one in found if "vendor" not in one.parts], number)
    path.write_text(f"{path.read_text('utf-8')}\n/* {number} */\n", "utf-8")


def a_setting(shop: Workshop, number: int) -> None:
    name, value = chosen(SETTINGS, number)
    shop.settings[name] = value


def another_day(shop: Workshop, number: int) -> None:
    shop.settings["BUILD_DATE"] = chosen(("2026-01-10", "2026-01-11", "2026-01-13", "2026-02-21", "2027-06-01"), number)


def a_point(shop: Workshop, number: int) -> None:
    """Add a day to a counter, remove its series, or begin a new one."""
    name = f"snapshots/enrollments/{chosen(('algebra', 'geometria'), number)}.csv"
    head = "# source: Piattaforma\nday,total\n2025-01-01,10\n"
    if not (shop.content / name).exists():
        shop.write(name, head)
    elif number // 2 % 3:
        last = shop.read(name).rstrip().rpartition("\n")[2]
        day, total = last.split(",")
        month = int(day[5:7]) % 12 + 1
        shop.write(
            name, f"{shop.read(name)}2025-{max(month, int(day[5:7])):02}-{28 - number % 5},{int(total) + number}\n"
        )
    else:
        shop.remove(name)


def a_run(shop: Workshop, number: int) -> None:
    """Give courses other runs of their platform, or none."""
    day = f"202{number % 8}-03-0{number % 5 + 1}"
    runs = [{"id": f"run-{slug}", "course": slug, "starts": day} for slug in ("algebra", "geometria", "nessuno")]
    rows = runs[number // 2 % 3 :] if number % 3 else [{**runs[0], "starts": "2020-01-01", "pace": "self"}]
    shop.write("snapshots/portale/runs.jsonl", "".join(f"{json.dumps(row)}\n" for row in rows))


def a_figure(shop: Workshop, number: int) -> None:
    name = "figures.yaml"
    shop.write(name, re.sub(r"value: \d+", f"value: {12345 + number}", shop.read(name)))


def a_picture_edit(shop: Workshop, number: int) -> None:
    """Add a picture to a course, change its bytes or its text, or remove it."""
    name = chosen(
        [one for one in texts(shop) if one.startswith("courses/") and not one.endswith(".en.md")] or texts(shop), number
    )
    file = f"{name.rpartition('/')[0]}/foto.png"
    lines = [line for line in shop.read(name).split("\n") if not line.startswith("image:")]
    if number // 3 % 3 and (shop.content / file).exists():
        shop.write(file, a_picture(60 + number % 2, number % 200))
        return
    if number // 3 % 2:
        (shop.content / file).unlink(missing_ok=True)
        shop.write(name, "\n".join(lines))
        return
    shop.write(file, a_picture(60, number % 200))
    image = f'image: {{src: foto.png, alt: {{it: "Foto {number}", en: "Photo {number}"}}}}'
    shop.write(name, "\n".join((lines[0], image, *lines[1:])))


def a_file_to_take_away(shop: Workshop, number: int) -> None:
    """Link a page to a file beside it, and change the file."""
    name = "pages/privacy.md"
    if (shop.content / name).exists():
        shop.write("pages/allegato.txt", f"Allegato {number}")
        if "allegato" not in shop.read(name):
            shop.write(name, shop.read(name) + "\n[Allegato]({static}allegato.txt)\n")


def a_row(shop: Workshop, number: int) -> None:
    """Add, remove or rename a video, or move it to another playlist."""
    videos, playlists = "snapshots/youtube/videos-2024.jsonl", "snapshots/youtube/playlists.jsonl"
    rows = [json.loads(line) for line in shop.read(videos).splitlines()]
    lists = [json.loads(line) for line in shop.read(playlists).splitlines()]
    sort, rest = number % 5, number // 5
    if sort == 0 or not rows:
        fresh = video_row(100 + rest % 50, f"Nuovo filmato {number}")
        rows = [*(row for row in rows if row["slug"] != fresh["slug"]), fresh]
    elif sort == 1:
        row = rows.pop(rest % len(rows))
        gone = row["slug"]
        for captions in shop.content.glob(f"videos/captions/{row['youtube_id']}.*"):
            captions.unlink()
        lists = [{**one, "videos": [slug for slug in one["videos"] if slug != gone]} for one in lists]
    elif sort == 2:
        rows[rest % len(rows)]["title"] = f"Altro titolo {number}"
    elif sort == 3:
        rows[rest % len(rows)]["description"] = f"Altre parole {number}.\n\nhttps://example.edu/{number}"
    else:
        slug = chosen(rows, rest)["slug"]
        for one in lists:
            one["videos"] = [other for other in one["videos"] if other != slug]
        chosen(lists, rest // 2)["videos"].append(slug)
    rows.sort(key=lambda row: (row["published"], row["slug"]))
    shop.write(videos, sync_text(rows))
    shop.write(playlists, sync_text(lists))


def captions(shop: Workshop, number: int) -> None:
    """Write the captions of a video, change them, or remove them."""
    rows = shop.read("snapshots/youtube/videos-2024.jsonl").splitlines()
    if not rows:
        return
    name = f"videos/captions/{json.loads(chosen(rows, number // 3))['youtube_id']}.{chosen(('it', 'en'), number)}.vtt"
    if number % 3 == 0 and (shop.content / name).exists():
        (shop.content / name).unlink()
    else:
        shop.write(name, f"WEBVTT\n\n00:01.000 --> 00:02.000\nParole {number}\n")


def an_own_address(shop: Workshop, number: int) -> None:
    """Move a page to another address."""
    name = "pages/privacy.md"
    if (shop.content / name).exists():
        lines = [line for line in shop.read(name).split("\n") if not line.startswith(("save_as:", "slug:"))]
        own = chosen(
            ("save_as: carta.html", "slug: riservatezza", "save_as: privacy/carta.html", "slug: privacy"), number
        )
        shop.write(name, "\n".join((lines[0], own, *lines[1:])))


def a_digit_at_the_same_moment(shop: Workshop, number: int) -> None:
    """Change a letter of a file that keeps its size, its inode and its time."""
    name = chosen([one for one in texts(shop) if "abstract: " in shop.read(one)], number)
    path = shop.content / name
    stamp = path.stat().st_mtime_ns
    moment = stamp if stamp > time.time_ns() else time.time_ns() + 30_000_000_000
    text = shop.read(name)
    at = text.index("abstract: ") + len("abstract: ")
    path.write_bytes((text[:at] + chosen("ABCDEFGH", number) + text[at + 1 :]).encode())
    os.utime(path, ns=(moment, moment))


def a_lost_file(shop: Workshop, number: int) -> None:
    """Remove a file of the output, or change it."""
    files = (path for path in shop.output.rglob("*") if path.is_file())
    found = sorted(path for path in files if path.name == MANIFEST or not path.name.startswith("."))
    if found:
        path = chosen(found, number)
        if number % 2:
            path.unlink()
        else:
            path.write_bytes(path.read_bytes() + b"!")


EDITS: tuple[Edit, ...] = (
    a_word,
    a_word_less,
    a_title_or_abstract,
    a_new_item,
    an_item_less,
    another_name,
    a_translation,
    a_relation,
    a_template,
    a_word_of_the_interface,
    a_style,
    a_setting,
    another_day,
    a_point,
    a_run,
    a_figure,
    a_picture_edit,
    a_file_to_take_away,
    a_row,
    captions,
    an_own_address,
    a_digit_at_the_same_moment,
    a_lost_file,
)


def wrong_field(shop: Workshop, number: int) -> None:
    name = chosen(texts(shop), number)
    shop.write(name, shop.read(name).replace("---\n", "---\ntitel: X\n", 1))


def empty_file(shop: Workshop, number: int) -> None:
    shop.write(chosen(texts(shop), number), b"")


def not_text(shop: Workshop, number: int) -> None:
    shop.write(chosen(texts(shop), number), b"---\ntitle: \xff\n---\n")


def dangling(shop: Workshop, number: int) -> None:
    shop.write("videos/perduto.md", f"---\ntitle: X {number}\ncourse: nessuno\n---\n")


def broken_row(shop: Workshop, number: int) -> None:
    name = "snapshots/youtube/videos-2024.jsonl"
    shop.write(name, shop.read(name) + "{half")


def no_such_number(shop: Workshop, number: int) -> None:
    name = chosen(texts(shop), number)
    shop.write(name, shop.read(name) + "\nSono {counter:nessuno}.\n")


def the_address_of_a_list(shop: Workshop, number: int) -> None:
    """Write a page at the address of a list, which shows only when the lists are made."""
    a_style(shop, number)
    shop.write("pages/corsi.md", "---\ntitle: Corsi\n---\n")


def broken_series(shop: Workshop, number: int) -> None:
    shop.write("snapshots/enrollments/algebra.csv", "day,total\nieri,1\n")


def captions_of_no_video(shop: Workshop, number: int) -> None:
    shop.write(f"videos/captions/nobody-{number}.it.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\nCiao\n")


MISTAKES: tuple[Edit, ...] = (
    wrong_field,
    empty_file,
    not_text,
    dangling,
    broken_row,
    no_such_number,
    the_address_of_a_list,
    broken_series,
    captions_of_no_video,
)
