"""The sorts of addresses that a record may have, each with the syntax that it is held to.

A field of an address is annotated with its sort, so validation refuses everything else, from whatever source the value
comes. `tests/architecture` holds that no field of an address is plain text.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from openknowledge.invisible_text import find_invisible
from openknowledge.problems import Message

__all__ = [
    *("AddressError", "AddressSyntax", "ContentFile", "EmailAddress", "OldPath", "OrcidId", "PageFile", "PhoneNumber"),
    *("PictureFile", "PlaylistId", "RorId", "VideoId", "WebUrl", "is_web_url"),
]

MAX_URL_LENGTH = 2_000
"""What every browser, cache and feed reader takes."""
MAX_HOST_LENGTH = 253
"""The longest name of a host (RFC 1035, section 2.3.4, without the length bytes)."""
MAX_EMAIL_LENGTH = 254
"""The longest path of a mail (RFC 5321, section 4.5.3.1.3, without the brackets)."""
MAX_PHONE_DIGITS = 15
"""The most digits of an international number (ITU-T E.164)."""
MAX_PATH_LENGTH = 500

NOT_IN_URLS = re.compile(r'[\s\\<>"`{}|^\x00-\x20\x7f-\xa0]')
HOST_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
TOP_LABEL = re.compile(r"[a-z]{2,63}|xn--[a-z0-9-]{2,59}")
EMAIL_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
"""The part before the at sign (RFC 5321, `Dot-string`)."""
PHONE = re.compile(r"\+?[0-9(][0-9 ()./-]*[0-9]")
YOUTUBE_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""YouTube promises no length of its ids; today they have 11 characters, those of playlists up to 34."""
ORCID = re.compile(r"(?:[0-9]{4}-){3}[0-9]{3}[0-9X]")
ROR = re.compile(r"0[a-hj-km-np-tv-z0-9]{6}[0-9]{2}")
ROR_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
PAGE_FILE = re.compile(r"(?:[a-z0-9][a-z0-9_-]*/)*[a-z0-9][a-z0-9_-]*\.html")
SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
URL_HINT = Message("Copy it from the browser's address bar; it begins with https://.")
FILE_HINT = Message("Put the file beside this one and write its name; an address of another site is a url.")
PICTURE_HINT = Message("Put the file beside this one and write its name.")
PAGE_HINT = Message("Write small letters, digits and hyphens, and .html at the end, for example 404.html.")
ORCID_HINT = Message("Write its 16 digits in fours: 0000-0002-1825-0097. Is a digit wrong?")
ROR_HINT = Message("Write what follows https://ror.org/, for example 01nffqt88. Is a character wrong?")


class AddressError(ValueError):
    """A text is no address of its sort; `message` says so, and `hint` what to write instead."""

    def __init__(self, message: Message, hint: Message) -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


@dataclass(frozen=True, slots=True)
class AddressSyntax:
    """The annotation of a field that holds an address. `is_valid` decides; the rest is for editors.

    `example` is written as in YAML.
    """

    noun: Message
    example: str
    hint: Message
    is_valid: Callable[[str], bool]

    def check(self, text: str) -> str:
        """Return the text. Raises `AddressError` if it is no such address."""
        if not self.is_valid(text):
            shown = text if len(text) <= 100 else f"{text[:100]}…"
            raise AddressError(Message('"%(shown)s" is not %(noun)s', shown=shown, noun=self.noun), self.hint)
        return text

    def __get_pydantic_core_schema__(self, _source: object, _handler: object) -> dict[str, object]:
        """Accept only texts that are such addresses."""
        function = {"type": "no-info", "function": self.check}
        return {"type": "function-after", "function": function, "schema": {"type": "str"}}


def _is_host(host: str) -> bool:
    """Return whether a host is a public name, in any script, or an IP address."""
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        pass
    else:
        return True
    try:
        labels = host.encode("idna").decode("ascii").lower().split(".")
    except UnicodeError:
        return False
    is_named = len(labels) > 1 and all(HOST_LABEL.fullmatch(label) for label in labels)
    return is_named and len(".".join(labels)) <= MAX_HOST_LENGTH and TOP_LABEL.fullmatch(labels[-1]) is not None


def is_web_url(text: str) -> bool:
    """Return whether a text is a whole address of the web, as browsers and servers take it."""
    if len(text) > MAX_URL_LENGTH or NOT_IN_URLS.search(text) or find_invisible(text) is not None:
        return False
    try:
        parts = urlsplit(text)
        host, has_port = parts.hostname, parts.port is not None
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or not text[len(parts.scheme) :].startswith("://") or "@" in parts.netloc:
        return False
    return host is not None and _is_host(host) and (has_port or not parts.netloc.endswith(":"))


def _is_email(text: str) -> bool:
    local, _, host = text.rpartition("@")
    is_name = EMAIL_LOCAL.fullmatch(local) is not None and len(local) <= 64
    return is_name and len(text) <= MAX_EMAIL_LENGTH and not host[:1].isdigit() and "[" not in host and _is_host(host)


def _is_phone(text: str) -> bool:
    digits = sum(char.isdigit() for char in text)
    return PHONE.fullmatch(text) is not None and 3 <= digits <= MAX_PHONE_DIGITS


def _is_orcid(text: str) -> bool:
    """Return whether a text is an ORCID iD with its check digit (ISO 7064, MOD 11-2)."""
    if not ORCID.fullmatch(text):
        return False
    total = 0
    for digit in text.replace("-", "")[:-1]:
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    return text[-1] == ("X" if check == 10 else str(check))


def _is_ror(text: str) -> bool:
    """Return whether a text is the last part of a ROR id with its check digits (ISO 7064, MOD 97-10)."""
    if not ROR.fullmatch(text):
        return False
    number = 0
    for digit in text[1:7]:
        number = number * 32 + ROR_DIGITS.index(digit)
    return int(text[7:]) == 98 - number * 100 % 97


def _is_picture_file(text: str) -> bool:
    """Return whether a text is the path of a file of the site, relative or from the content folder."""
    has_other_root = SCHEME.match(text) or text.startswith(("//", "~")) or "\\" in text
    return bool(text) and len(text) <= MAX_PATH_LENGTH and not has_other_root and find_invisible(text) is None


def _is_old_path(text: str) -> bool:
    return len(text) <= MAX_URL_LENGTH and find_invisible(text) is None


def _is_youtube_id(text: str) -> bool:
    return YOUTUBE_ID.fullmatch(text) is not None


def _is_page_file(text: str) -> bool:
    return len(text) <= MAX_PATH_LENGTH and PAGE_FILE.fullmatch(text) is not None


WebUrl = Annotated[str, AddressSyntax(Message("a web address"), "https://example.org/", URL_HINT, is_web_url)]
EmailAddress = Annotated[
    str,
    AddressSyntax(
        Message("an e-mail address"), "name@example.edu", Message("Write it as name@example.edu."), _is_email
    ),
]
PhoneNumber = Annotated[
    str,
    AddressSyntax(
        Message("a telephone number"), '"+39 02 2399 1"', Message("Write digits and blanks: +39 02 2399 1."), _is_phone
    ),
]
PictureFile = Annotated[
    str, AddressSyntax(Message("the path of a picture of this site"), "cover.jpg", PICTURE_HINT, _is_picture_file)
]
ContentFile = Annotated[
    str, AddressSyntax(Message("the path of a file of this site"), "notes.pdf", FILE_HINT, _is_picture_file)
]
PageFile = Annotated[str, AddressSyntax(Message("the path of a page"), "extra.html", PAGE_HINT, _is_page_file)]
OldPath = Annotated[
    str,
    AddressSyntax(
        Message("the path of an old address"),
        "/corsi/vecchio/",
        Message("Write it as it was: /corsi/vecchio/."),
        _is_old_path,
    ),
]
VideoId = Annotated[
    str,
    AddressSyntax(
        Message("a YouTube id"), "Yfac2CZJrP0", Message('Write what follows "v=" in its address.'), _is_youtube_id
    ),
]
PlaylistId = Annotated[
    str,
    AddressSyntax(
        Message("the id of a playlist"), "PLabc", Message('Write what follows "list=" in its address.'), _is_youtube_id
    ),
]
OrcidId = Annotated[str, AddressSyntax(Message("an ORCID iD"), "0000-0002-1825-0097", ORCID_HINT, _is_orcid)]
RorId = Annotated[str, AddressSyntax(Message("a ROR id"), "01nffqt88", ROR_HINT, _is_ror)]
