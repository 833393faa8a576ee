"""Tables and pictures as pages show them: alignment by class, heads of rows, captions and credits."""

import re
from html import escape, unescape

__all__ = ["finish_pictures", "finish_tables"]

TABLE = re.compile(r"<table\b.*?</table>", re.DOTALL)
STYLE = re.compile(r'(<t[dh]\b[^>]*?) style="text-align: ?(left|right|center);?"')
ALIGNMENTS = {"left": "align-left", "center": "align-center", "right": "align-right"}
"""The classes that say so in the theme, because no text sets a style."""
BODY_ROW = re.compile(r"<tr>\s*<td([^>]*)>(.*?)</td>", re.DOTALL)
STRONG = re.compile(r"\s*<strong>((?:(?!</?strong>).)*)</strong>\s*", re.DOTALL)
PICTURE = re.compile(
    r"<p>\s*(<img\b[^>]*>)\s*</p>|<figure>\s*(<img\b[^>]*>)\s*<figcaption>(.*?)</figcaption>", re.DOTALL
)
ATTRIBUTE = re.compile(r' ([a-z-]+)="([^"]*)"')
CREDIT = ("author", "publisher", "url")
"""What the credit of a picture says, as in the front matter."""


def finish_tables(markup: str) -> str:
    """Return markup whose tables align by class, and have heads of rows where the whole first column is strong."""
    return TABLE.sub(lambda table: _finish_table(table[0]), markup)


def _finish_table(table: str) -> str:
    table = STYLE.sub(lambda cell: f'{cell[1]} class="{ALIGNMENTS[cell[2]]}"', table)
    head, body_tag, body = table.partition("<tbody>")
    rows = BODY_ROW.findall(body)
    if not rows or not all(STRONG.fullmatch(cell) for _, cell in rows):
        return table

    def write_head(row: re.Match[str]) -> str:
        words = STRONG.fullmatch(row[2])
        return f'<tr>\n<th{row[1]} scope="row">{words[1] if words else row[2]}</th>'

    return f"{head}{body_tag}{BODY_ROW.sub(write_head, body)}"


def finish_pictures(markup: str) -> str:
    """Return markup in which a picture alone in its paragraph is a figure, where it has a caption or a credit."""
    return PICTURE.sub(_write_figure, markup)


def _write_figure(match: re.Match[str]) -> str:
    image = match[1] or match[2]
    attributes = dict(ATTRIBUTE.findall(image))
    caption = match[3] if match[3] is not None else attributes.get("title", "")
    names = ", ".join(attributes[name] for name in CREDIT[:2] if attributes.get(name))
    if not caption and not names:
        return match[0]
    plain = "".join(f' {name}="{value}"' for name, value in attributes.items() if name not in ("title", *CREDIT))
    url = attributes.get("url", "")
    shown = f'<a href="{escape(unescape(url))}">{names}</a>' if names and url else names
    credit = f' <span class="figure-credit">{shown}</span>' if names else ""
    return f"<figure><img{plain}><figcaption>{caption}{credit}</figcaption>" + ("" if match[2] else "</figure>")
