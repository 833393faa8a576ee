"""`security.txt` (RFC 9116): whom to tell of a weakness of the site, and until when that holds."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

from openknowledge.catalogue.site import Site
from openknowledge.engine.rules import Action, Description, Rule, static_action

__all__ = ["PATH", "SecurityContact", "find_mistakes", "security_rule"]

PATH = ".well-known/security.txt"
ADDRESSES = ("acknowledgments", "encryption", "hiring", "policy")
"""The fields that are addresses of pages, each of which may be left out."""
FIELDS = ("contact", "expires", "preferred_languages", *ADDRESSES)
EXAMPLE = '{"contact": ["mailto:security@example.edu"], "expires": "2027-06-30T00:00:00Z"}'


@dataclass(frozen=True, slots=True)
class SecurityContact:
    """The setting `SECURITY_TXT`. `pages` are the names and addresses of the fields that lead to pages."""

    contacts: tuple[str, ...]
    expires: datetime
    langs: tuple[str, ...] = ()
    pages: tuple[tuple[str, str], ...] = field(default=())

    @classmethod
    def from_setting(cls, setting: Mapping[str, Any]) -> Self:
        """Return the contact of a setting that has no mistakes."""
        contacts = setting["contact"]
        return cls(
            (contacts,) if isinstance(contacts, str) else tuple(contacts),
            _parse_moment(setting["expires"]),
            tuple(setting.get("preferred_languages", ())),
            tuple((name, str(setting[name])) for name in ADDRESSES if name in setting),
        )

    def render(self, langs: tuple[str, ...], address: str) -> bytes:
        """Return the file; `langs` are those of the site, `address` is the file's own."""
        rows = [
            *(("Contact", contact) for contact in self.contacts),
            ("Expires", self.expires.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")),
            ("Preferred-Languages", ", ".join(self.langs or langs)),
            ("Canonical", address),
            *((name.capitalize(), value) for name, value in self.pages),
        ]
        return "".join(f"{name}: {value}\n" for name, value in rows).encode()


def find_mistakes(settings: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield what is wrong with `SECURITY_TXT`: its name, a message and what to write."""
    setting, name = settings.get("SECURITY_TXT"), "SECURITY_TXT"
    if not setting:
        return
    if not isinstance(setting, Mapping) or not {"contact", "expires"} <= set(setting):
        yield name, "it needs a contact, and the moment until which it holds", f"Write {EXAMPLE}."
        return
    unknown = sorted(set(setting) - set(FIELDS))
    if unknown:
        yield name, f'it has no field "{unknown[0]}"', f"Its fields are {', '.join(FIELDS)}."
    contacts = [setting["contact"]] if isinstance(setting["contact"], str) else [*setting["contact"]]
    if not contacts or not all(_is_line(one, ("mailto:", "tel:", "https://")) for one in contacts):
        yield name, "a contact is no address", 'Write "mailto:security@example.edu", "tel:+39-…" or "https://…".'
    for one in ADDRESSES:
        if one in setting and not _is_line(setting[one], ("https://",)):
            yield name, f'"{one}" is no address of a page', 'Write it with "https://".'
    try:
        _parse_moment(setting["expires"])
    except (TypeError, ValueError):
        hint = "Write a moment with its zone, at most a year ahead: 2027-06-30T00:00:00Z."
        yield name, f'"{setting["expires"]}" is no moment', hint


def _parse_moment(text: object) -> datetime:
    """Return a moment with its zone. Raises `TypeError` or `ValueError` if the text is none."""
    if not isinstance(text, str):
        raise TypeError("a moment is a text")
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment without its zone")
    return moment


def _is_line(value: object, beginnings: tuple[str, ...]) -> bool:
    return isinstance(value, str) and value.isascii() and value.isprintable() and value.startswith(beginnings)


def security_rule(contact: SecurityContact) -> Rule:
    """Return the rule for the file. A site below a path has none (programs look at the root), nor one left out."""

    def keys(site: Site) -> Iterator[tuple[str, ...]]:
        return iter(() if site.settings.is_hidden else ((),))

    def plan(site: Site) -> Action:
        return static_action((PATH, contact.render(site.langs, site.absolute_url(site.url_for_path(PATH)))))

    words = {"security": Description("whom to tell of a weakness of the site")}
    return Rule("security", "Writing security.txt", keys, plan, descriptions=words)
