"""A small bilingual site with every kind of content, and how to build it for real."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from tests.site.warm import run_pelican

from openknowledge.manifest import MANIFEST

ROOT = Path(__file__).parents[2]
TODAY = "2026-01-10"
REAL_SITE_DAY = "2026-11-22"
"""A day after the last sample enrolment of the repository's own content."""
PREVIEW = "https://openknowledge.example.edu/previews/feature-x-123456"
"""Where the preview of the small site is published."""


def front(**fields: str) -> str:
    return "---\n" + "".join(f"{name}: {value}\n" for name, value in fields.items()) + "---\n"


FILES = {
    "courses/algebra/index.md": front(
        title="Algebra lineare",
        abstract="Vettori e matrici dall'inizio.",
        strand="matematica",
        subject="mathematics",
        audiences="[students, everyone]",
        teaching_langs="[it]",
        weeks="6",
        topics="[numeri]",
        credits="[{person: ada, role: teacher}]",
        partners="[ateneo]",
        runs='[{key: "course-v1:T+ALG+2026", label: "2026", starts: 2026-01-07, ends: 2026-02-20}]',
    )
    + "## Di che cosa parla\n\nSono {counter:course/algebra} le iscrizioni e {figure:sito.lettori} le persone.\n",
    "courses/algebra/index.en.md": front(title="Linear algebra", slug="linear-algebra", abstract="From the start.")
    + "## What it is about\n\nVectors.\n",
    "courses/geometria/index.md": front(title="Geometria", abstract="Forme.", teaching_langs="[it, en]")
    + "Legge [algebra]({filename}/courses/algebra/index.md).\n",
    "strands/matematica.md": front(title="Matematica", abstract="Corsi di base."),
    "topics/numeri.md": front(title="Numeri", abstract="Che cosa si conta."),
    "topics/numeri.en.md": front(title="Numbers", slug="numbers", abstract="What is counted."),
    "people/ada.md": front(title="Ada B.", abstract="Insegna algebra."),
    "partners/ateneo.md": front(title="Ateneo", abstract="Un ateneo."),
    "press/2025/cento-corsi.md": front(
        title="Cento corsi",
        published="2025-05-05",
        standfirst="In un anno.",
        place="Milano",
        mentions="[course/algebra]",
    )
    + "Il testo.\n",
    "initiatives/imparare.md": front(title="Imparare", abstract="Da casa.", starts="2020-03-18", ends="2020-07"),
    "hub/article/fine.md": front(
        title="La fine", initiative="imparare", published="2020-07-31", abstract="Un bilancio."
    )
    + "Il testo.\n",
    "hub/webinar/incontro.md": front(
        title="Incontro",
        initiative="imparare",
        published="2020-04-01",
        session='{starts: "2020-04-02T18:00+02:00", ends: "2020-04-02T19:00+02:00"}',
    ),
    "programmes/scuole.md": front(title="Scuole", abstract="Con le scuole.", partners="[ateneo]", appeal="Aiutateci."),
    "pages/home.md": front(title="Sito di prova", abstract="Un sito piccolo.") + "Un sito piccolo e completo.\n",
    "pages/404.md": front(title="Non c'è", save_as="404.html") + "Cercate altrove.\n",
    "pages/privacy.md": front(title="Privacy", abstract="Nessun dato.") + "Niente.\n",
    "videos/lezione.md": front(
        title="Lezione uno",
        published="2025-03-01T10:00:00+01:00",
        youtube_id="abcdefghijk",
        lang="it",
        course="algebra",
        duration_s="725",
    )
    + "Una nota.\n",
    "figures.yaml": """sito:
  title: {it: Il sito, en: The site}
  figures:
    lettori:
      value: 12345
      measure: learners
      label: {it: persone, en: people}
      definition: {it: Chi ha letto almeno una pagina., en: Who has read at least one page.}
      as_of: 2025-12
      source: {title: Registro del sito}
""",
    "snapshots/enrollments/algebra.csv": "# source: Piattaforma\n# sample: true\n"
    "day,total\n2025-01-01,10\n2025-06-01,1200\n",
}


MOVED = {
    "courses/geometria/index.md": front(title="Geometria", aliases="[/corsi/forme, /corsi/figure.html]") + "Forme.\n",
    "redirects.yaml": "- {from: /vecchia/, to: /corsi/forme/}\n- {from: /altrove/, to: 'https://example.org/x'}\n"
    "- from: /corsi/latino/\n  gone: true\n  why: {it: Nessuno lo teneva più., en: Nobody taught it any more.}\n"
    "- {from: /en/courses/latin/, gone: true, why: {en: The course has not been taught since 2019.}}\n",
    "courses/algebra/index.md": FILES["courses/algebra/index.md"].replace(
        "ends: 2026-02-20}]", 'ends: 2026-02-20}, {key: "B+2026", label: "M", moodle_id: 7, lang: en}]'
    ),
}
"""What gives the small site old addresses: of runs and courses, of pages that moved, and of some that are gone."""

FOREIGN = {
    "courses/algebra/index.ar.md": front(title="الجبر الخطي", slug="jabr", abstract="المتجهات والمصفوفات.")
    + "## عن ماذا\n\nنص[^1] `print(1)`.\n\n| أسبوع | ساعات |\n|---|---|\n| 1 | 2 |\n\n> اقتباس\n\n[^1]: ملاحظة.\n",
    "courses/geometria/index.md": front(
        title="Geometria",
        abstract="Forme.",
        code="GEO303",
        first_published="2026-01-01",
        teaching_langs="[it, zh-Hans, zh-Hant, pt, pt-BR]",
    )
    + "Una[^1] e [più sotto](#fine), [altrove](//example.org/x).\n\n[^1]: Nota.\n\n## Fine\n",
    "courses/geometria/index.zh-Hant.md": front(title="幾何學", slug="jihe", abstract="形狀。") + "文字。\n",
    "topics/algebra.md": front(title="Zero"),
    "topics/etica.md": front(title="Ética"),
    "topics/fisica.md": front(title="fisica"),
    "videos/lezione.md": FILES["videos/lezione.md"].replace("lang: it", "lang: zh-Hant\ncaption_langs: [pt-BR, en-US]"),
    "figures.yaml": FILES["figures.yaml"]
    .replace("en: The site", "en: The site, ar: الموقع, zh-Hant: 網站")
    .replace("en: people", "en: people, ar: أشخاص, zh-Hant: 人")
    .replace("least one page.", "least one page., ar: من قرأ صفحة, zh-Hant: 讀者"),
}
FOREIGN_NAMES = '{"it": "POK", "en": "POK", "ar": "المعرفة المفتوحة", "zh-Hant": "開放知識"}'
FOREIGN_SETTINGS = (
    'LANGUAGES=["it", "en", "ar", "zh-Hant"]',
    f"SITENAMES={FOREIGN_NAMES}",
    f"TAGLINES={FOREIGN_NAMES}",
)
"""What makes the small site one in four languages; English stands in for the messages of two."""


def small_content(folder: Path, files: dict[str, str] | None = None, *, backwards: bool = False) -> Path:
    """Write the small site's content; `backwards` makes the files in the opposite order."""
    content = folder / "content"
    items = sorted({**FILES, **(files or {})}.items(), reverse=backwards)
    for name, text in items:
        path = content / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return content


@dataclass(frozen=True, slots=True)
class SiteBuild:
    """A site that was built, and what the build printed."""

    content: Path
    output: Path
    stdout: str
    stderr: str


def built(folder: Path, *settings: str, files: dict[str, str] | None = None, content: Path | None = None) -> SiteBuild:
    """Build the small site with more `files`, or other content, into a folder; fails where the build does."""
    content = content or small_content(folder, files)
    done = build(content, folder / "output", *settings)
    assert done.returncode == 0, done.stdout + done.stderr
    return SiteBuild(content, folder / "output", done.stdout, done.stderr)


def copied(site: SiteBuild, folder: Path) -> SiteBuild:
    """Copy a built site with its content and its cache, so that a test may change it."""
    for name in ("content", "output", "cache"):
        shutil.copytree(site.output.parent / name, folder / name, symlinks=True)
    return replace(site, content=folder / "content", output=folder / "output")


def build(content: Path, output: Path, *settings: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Pelican's command line; `settings` are of the form `NAME=JSON`.

    The cache lies beside the output. Only compiled templates are those of the repository's own cache. With variables of
    its own the process is one that has nothing loaded before, as an editor's is.
    """
    cache = output.parent / "cache"
    share_templates(cache)
    arguments = [str(content), "-s", str(ROOT / "pelicanconf.py"), "-o", str(output), "--fatal", "errors"]
    arguments += ["-e", f'BUILD_DATE="{TODAY}"', f'CACHE_PATH="{cache}"', *settings]
    return run_pelican(arguments, environment=environment)


def share_templates(cache: Path) -> None:
    """Have builds with this cache use the compiled templates that other builds left.

    Compiling the theme takes a third of the time of a small build. Each file is named by its template's path and
    holds a checksum of its text, so builds do not disturb each other.
    """
    shared = ROOT / ".cache/templates"
    shared.mkdir(parents=True, exist_ok=True)
    cache.mkdir(parents=True, exist_ok=True)
    if not (cache / "templates").exists():
        (cache / "templates").symlink_to(shared)


def digest(output: Path) -> dict[str, str]:
    """Return the digest of each file of a built site, without what the build stores there for itself.

    The manifest begins with one as well, and is for others.
    """
    return {
        path: hashlib.sha256(Path(entry.path).read_bytes()).hexdigest()
        for path, entry in entries_below(output)
        if (entry.name == MANIFEST or not entry.name.startswith(".")) and entry.is_file()
    }


def entries_below(folder: Path | str) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Return all files and folders below a folder by their paths in it, which takes a third of `Path.rglob`'s time."""
    with os.scandir(folder) as entries:
        for entry in entries:
            yield entry.name, entry
            if entry.is_dir(follow_symlinks=False):
                for path, below in entries_below(entry.path):
                    yield f"{entry.name}/{path}", below
