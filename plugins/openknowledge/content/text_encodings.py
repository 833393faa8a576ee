"""Texts of unknown encoding, as other programs leave them."""

__all__ = ["decode_legacy", "find_broken_byte", "find_byte_order", "is_western"]

MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
SAMPLE_B = 1024
WESTERN = frozenset(
    (
        *("af", "ca", "da", "de", "en", "es", "eu", "fi", "fo", "fr", "fur", "ga", "gd", "gl", "gsw", "id", "is", "it"),
        *("la", "lb", "lld", "lmo", "ms", "nap", "nb", "nl", "nn", "no", "oc", "pms", "pt", "rm", "sc", "scn", "sq"),
        *("sv", "sw", "vec"),
    )
)
"""The languages that Windows writes in its western encoding (cp1252)."""


def find_byte_order(data: bytes) -> str | None:
    """Return the encoding that the beginning of a text gives away; None where it does not.

    UTF-16 without a mark is seen by the zero bytes of its Latin letters and digits.
    """
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return encoding
    sample = data[:SAMPLE_B]
    half = len(sample) // 2
    if half and not len(data) % 2:
        if sample[1::2].count(0) > half * 0.6 and not sample[::2].count(0):
            return "utf-16-le"
        if sample[::2].count(0) > half * 0.6 and not sample[1::2].count(0):
            return "utf-16-be"
    return None


def is_western(lang: str) -> bool:
    """Return whether texts in a language may be in the western encoding of Windows."""
    return lang.partition("-")[0] in WESTERN


def find_broken_byte(data: bytes, lang: str) -> int | None:
    """Return the position of a byte that shows that `decode_legacy` would not read a text as it was meant.

    That is a byte that is broken in UTF-8, and any that is not UTF-8 in a language with another encoding than cp1252.
    """
    if find_byte_order(data):
        return None
    try:
        data.decode()
    except UnicodeDecodeError as error:
        text = data.decode(errors="replace")
        broken = text.count("\ufffd")
        sound = sum(not character.isascii() for character in text) - broken
        return error.start if sound > broken or not is_western(lang) else None
    return None


def decode_legacy(data: bytes) -> str:
    """Return the text of some bytes: in UTF-16 or UTF-8 where they are such a text, else as Windows in the West has it.

    Bytes that Windows does not use are those of Latin-1, so every text is read.
    """
    encoding = find_byte_order(data)
    try:
        return data.decode(encoding or "utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1")
