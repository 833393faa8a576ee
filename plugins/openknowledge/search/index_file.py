"""The list of all pieces of a language's index, with what the browser needs to read a query."""

import json

from openknowledge.catalogue.site import Site
from openknowledge.model.values import Lang

from .shards import Layout, word_bases
from .words import ELIDED, MARKERS, STOP_WORDS, TYPED

__all__ = ["index_file"]


def index_file(site: Site, lang: Lang) -> bytes:
    """Return the list: kinds with the bits that name their pieces, the first words of pieces, synonyms, short words."""
    gettext = site.language(lang).gettext
    bits = Layout(*site.query("search-layout")).bits
    kinds = [
        (kind.name, gettext(kind.label_plural), kind.search_weight, bits[number])
        for number, kind in enumerate(site.kinds)
    ]
    starts = [start for base in word_bases(site, lang) for start in site.query("search-starts", lang, base)]
    index = {
        "kinds": kinds,
        "count": len(site.refs()),
        "starts": sorted(starts, key=lambda start: start.encode("utf-16-be", "surrogatepass")),
        "synonyms": site.read_input("synonyms"),
        "stop": " ".join(sorted(STOP_WORDS)),
        "elided": " ".join(sorted(ELIDED)),
        "typed": TYPED,
        "markers": MARKERS,
    }
    return json.dumps(index, ensure_ascii=False, separators=(",", ":")).encode()
