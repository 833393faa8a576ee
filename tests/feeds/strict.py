"""The rules of RSS 2.0 and Atom (RFC 4287), checked more strictly than parsers do."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, datetime
from urllib.parse import urlsplit

from lxml import etree, html

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
DC = "{http://purl.org/dc/elements/1.1/}"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
RFC_822 = re.compile(r"(\w{3}), (\d{2}) (\w{3}) (\d{4}) \d{2}:\d{2}:\d{2} (?:[+-]\d{4}|GMT)")
RFC_3339 = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})")
LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
TAG_ID = re.compile(r"tag:[\w.@+-]+,\d{4}(-\d{2}){0,2}:[\w.~:@!$&'()*+,;=/?%-]+", re.ASCII)
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]")

CHANNEL_ONCE = ("title", "link", "description", "language", "lastBuildDate", "generator", "docs")
CHANNEL_ELEMENTS = {*CHANNEL_ONCE, f"{ATOM}link", "item"}
ITEM_ONCE = ("title", "link", "description", "guid", "pubDate", f"{CONTENT}encoded", f"{DC}language")
ITEM_ELEMENTS = {*ITEM_ONCE, "category", f"{DC}creator"}
FEED_ONCE = ("id", "title", "updated", "subtitle", "generator")
FEED_ELEMENTS = {*FEED_ONCE, "author", "link", "entry"}
ENTRY_ONCE = ("id", "title", "updated", "published", "summary", "content")
ENTRY_ELEMENTS = {*ENTRY_ONCE, "author", "category", "link"}


def check_rss(data: bytes) -> etree._Element:
    """Fail unless the bytes are a valid RSS 2.0 document of ours; return its channel."""
    root = _parse(data)
    assert (root.tag, root.get("version"), len(root)) == ("rss", "2.0", 1)
    channel = root[0]
    assert channel.tag == "channel"
    _only(channel, CHANNEL_ELEMENTS, CHANNEL_ONCE)
    for name in ("title", "link", "description", "language"):
        assert _text(channel, name), f"the channel lacks {name}"
    _is_address(_text(channel, "link"))
    assert LANGUAGE.fullmatch(_text(channel, "language"))
    _is_rfc_822(_text(channel, "lastBuildDate"))
    (own,) = channel.findall(f"{ATOM}link")
    assert (own.get("rel"), own.get("type")) == ("self", "application/rss+xml")
    _is_address(own.get("href"))
    for item in channel.findall("item"):
        _check_item(item)
    _all_different([_text(item, "guid") for item in channel.findall("item")])
    return channel


def _check_item(item: etree._Element) -> None:
    _only(item, ITEM_ELEMENTS, ITEM_ONCE)
    assert _text(item, "title")
    _is_address(_text(item, "link"))
    guid = item.find("guid")
    assert guid is not None and guid.get("isPermaLink") == "false" and TAG_ID.fullmatch(guid.text or "")
    if item.find("pubDate") is not None:
        _is_rfc_822(_text(item, "pubDate"))
    for name in ("description", f"{CONTENT}encoded"):
        if item.find(name) is not None:
            _is_markup(_text(item, name))


def check_atom(data: bytes) -> etree._Element:
    """Fail unless the bytes are a valid Atom document of ours; return the feed."""
    feed = _parse(data)
    assert feed.tag == f"{ATOM}feed"
    assert LANGUAGE.fullmatch(feed.get(XML_LANG, ""))
    _only(feed, {ATOM + name for name in FEED_ELEMENTS}, [ATOM + name for name in FEED_ONCE])
    _check_common(feed)
    assert feed.findtext(f"{ATOM}author/{ATOM}name"), "the feed lacks an author"
    own = [link for link in feed.findall(f"{ATOM}link") if link.get("rel") == "self"]
    assert [link.get("type") for link in own] == ["application/atom+xml"]
    entries = feed.findall(f"{ATOM}entry")
    for entry in entries:
        _check_entry(entry)
    _all_different([_text(part, f"{ATOM}id") for part in (feed, *entries)])
    changes = [datetime.fromisoformat(_text(entry, f"{ATOM}updated")) for entry in entries]
    assert not changes or max(changes) == datetime.fromisoformat(_text(feed, f"{ATOM}updated"))
    return feed


def _check_entry(entry: etree._Element) -> None:
    _only(entry, {ATOM + name for name in ENTRY_ELEMENTS}, [ATOM + name for name in ENTRY_ONCE])
    _check_common(entry)
    assert LANGUAGE.fullmatch(entry.get(XML_LANG, "it"))
    assert any(link.get("rel") == "alternate" for link in entry.findall(f"{ATOM}link"))
    assert all(author.findtext(f"{ATOM}name") for author in entry.findall(f"{ATOM}author"))
    assert all(category.get("term") for category in entry.findall(f"{ATOM}category"))
    for name in ("summary", "content"):
        text = entry.find(ATOM + name)
        if text is not None:
            assert text.get("type") == "html" and len(text) == 0
            _is_markup(text.text or "")


def _check_common(part: etree._Element) -> None:
    assert TAG_ID.fullmatch(_text(part, f"{ATOM}id"))
    assert _text(part, f"{ATOM}title")
    for name in ("updated", "published"):
        if part.find(ATOM + name) is not None:
            assert RFC_3339.fullmatch(_text(part, ATOM + name))
    links = part.findall(f"{ATOM}link")
    for link in links:
        _is_address(link.get("href"))
        assert LANGUAGE.fullmatch(link.get("hreflang", "it"))
    _all_different([(link.get("rel"), link.get("type"), link.get("hreflang")) for link in links])


def _parse(data: bytes) -> etree._Element:
    assert data.startswith(b"<?xml version='1.0' encoding='UTF-8'?>")
    assert not CONTROLS.search(data.decode())
    return etree.fromstring(data)


def _only(part: etree._Element, known: set[str], once: tuple[str, ...] | list[str]) -> None:
    names = Counter(str(child.tag) for child in part)
    assert set(names) <= known, set(names) - known
    assert all(names[name] <= 1 for name in once), names


def _text(part: etree._Element, name: str) -> str:
    return (part.findtext(name) or "").strip()


def _is_address(address: str | None) -> None:
    assert address and re.fullmatch(r"[!-~]+", address), address
    parts = urlsplit(address)
    assert parts.scheme in ("http", "https") and parts.netloc, address


def _is_rfc_822(text: str) -> None:
    match = RFC_822.fullmatch(text)
    assert match, text
    weekday, day, month, year = match.groups()
    assert DAYS[date(int(year), MONTHS.index(month) + 1, int(day)).weekday()] == weekday, text


def _is_markup(text: str) -> None:
    """Fail unless the text is markup without code whose links are absolute."""
    assert text
    for element in html.fragment_fromstring(text, create_parent="div").iter():
        assert element.tag not in ("script", "style", "iframe"), element.tag
        for name in ("href", "src"):
            if element.get(name) is not None:
                assert re.match(r"https?:|mailto:|tel:", element.get(name, "")), element.get(name)


def _all_different(values: list[object] | list[str]) -> None:
    assert len(set(values)) == len(values), values
