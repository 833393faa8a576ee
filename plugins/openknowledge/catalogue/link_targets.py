"""The anchors of items that texts link to: each is there in every language in which a page shows the link."""

from collections.abc import Collection, Iterator, Mapping

from openknowledge.content.loader import ContentIndex
from openknowledge.content.records import RecordStore
from openknowledge.content.text_links import TextLink, explain_anchor, list_ids
from openknowledge.model.values import Lang, Record, Ref
from openknowledge.problems import Message, Problem

from .site import Site

__all__ = ["anchor_problem", "dead_anchors", "file_in", "file_lang"]


def dead_anchors(
    site: Site, content: ContentIndex, file_index: Mapping[str, Ref], changed: Collection[str]
) -> Iterator[Problem]:
    """Yield a problem for each link to an anchor that its item does not have.

    Looked at are links from and to items whose written reference is in `changed`.
    """
    table, root = content.table, content.options.root.name
    records = content.select_records(table)
    for ref, links in zip(table.refs, table.column("links"), strict=True):
        for link in map(TextLink._make, links):
            target = file_index.get(f"{root}/{link.file}") if link.anchor and link.file else None
            if target is not None and (str(ref) in changed or str(target) in changed):
                yield from _find_dead(site, records, link, records.stub(ref), target)


def _find_dead(site: Site, records: RecordStore, link: TextLink, source: Record, target: Ref) -> Iterator[Problem]:
    """Yield a problem if one of the pages that show a link leads to a page without its anchor."""
    own = file_lang(link.path, site.default_lang)
    record = records.full(target)
    for lang in site.langs:
        if site.translation(source, lang).lang == own:
            problem = anchor_problem(site, link, record, lang)
            if problem is not None:
                yield problem
                return


def anchor_problem(site: Site, link: TextLink, record: Record, lang: Lang) -> Problem | None:
    """Return the problem of a link whose anchor a record's page in a language does not have."""
    shown = site.translation(record, lang)
    hint = explain_anchor(link.anchor, list_ids(shown.words.body))
    if hint is None:
        return None
    message = Message(
        'the link "%(target)s" names an anchor that %(path)s does not have',
        target=link.target,
        path=file_in(record, shown.lang, site.default_lang),
    )
    return Problem(link.path, link.line, link.field, message, hint)


def file_in(record: Record, lang: Lang, default_lang: Lang) -> str:
    """Return the file that has a record's words in a language; its written reference where none has."""
    return next((path for path in record.files if file_lang(path, default_lang) == lang), str(record.ref))


def file_lang(path: str, default_lang: Lang) -> Lang:
    """Return the language of a Markdown file, which its name says."""
    return path.rpartition("/")[2].removesuffix(".md").partition(".")[2] or default_lang
