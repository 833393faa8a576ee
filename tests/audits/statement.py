"""The accessibility statement, in the form that Italian public bodies publish, out of what was measured.

The form is that of the European Commission's model (Implementing Decision 2018/1523), as AgID has it. It claims no more
than the results say: automatic checks find a part of the problems, so no result makes the state "fully conformant".
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from babel.dates import format_date

RESULTS = Path(__file__).with_name("results.json")
PAGES = Path(__file__).parents[2] / "content/pages"
FILES = {"it": PAGES / "accessibilita.md", "en": PAGES / "accessibilita.en.md"}
TEXTS = Path(__file__).parent / "statement"
LOCALES = {"it": "it_IT", "en": "en_GB"}


def read_results() -> dict[str, Any]:
    """Return the results that the last run of the audits stored."""
    results: dict[str, Any] = json.loads(RESULTS.read_text("utf-8"))
    return results


def statement(results: dict[str, Any], lang: str) -> str:
    """Return the page of the statement in a language."""
    text = (TEXTS / f"{lang}.md").read_text("utf-8")
    values = {
        "state": STATES[lang][bool(results["violations"])],
        "violations": _violations(results["violations"], lang),
        "templates": results["templates"],
        "pages": results["pages"],
        "axe": results["axe"],
        "lighthouse": results["lighthouse"],
        "drafted": _day(results["drafted"], lang),
        "reviewed": _day(results["reviewed"], lang),
    }
    for name, value in values.items():
        text = text.replace(f"<<{name}>>", str(value))
    return text


STATES = {
    "it": (
        "è **parzialmente conforme** ai requisiti previsti dall’appendice A della norma UNI CEI EN 301549, per i "
        "contenuti elencati qui sotto e perché finora è stato esaminato soltanto con strumenti automatici",
        "**non è conforme** ai requisiti previsti dall’appendice A della norma UNI CEI EN 301549, per le "
        "inosservanze elencate qui sotto",
    ),
    "en": (
        "is **partially conformant** with the requirements of annex A of EN 301549, because of the content listed "
        "below and because only automatic tools have examined it so far",
        "is **not conformant** with the requirements of annex A of EN 301549, because of the violations listed below",
    ),
}


def _violations(found: dict[str, int], lang: str) -> str:
    """Return the violations as a list: axe's rule, and on how many of the pages that stand for the templates."""
    words = {"it": "regola {} di axe, in {} delle pagine esaminate", "en": "axe’s rule {}, on {} of the examined pages"}
    return "".join(f"- {words[lang].format(f'`{rule}`', count)};\n" for rule, count in sorted(found.items()))


def _day(iso: str, lang: str) -> str:
    return str(format_date(date.fromisoformat(iso), "long", locale=LOCALES[lang]))
