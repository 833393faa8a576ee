"""Whatever the sanitiser takes away of a text is said, with its line and a cure."""

from __future__ import annotations

import pytest

from openknowledge.content.markdown.render import READERS, render_markdown


@pytest.mark.parametrize(
    ("text", "line", "message", "cure"),
    [
        ('Uno\n\n<iframe src="https://e.org/"></iframe>', 3, '"<iframe>"', "player"),
        ("Uno\n\n<video controls>\n<source src=x>\n</video>", 3, '"<video>"', "player"),
        ("Uno <font color=red>due</font>", 1, '"<font>"', "emphasis"),
        ("Uno\n\n<center>\ndue\n</center>", 3, '"<center>"', "emphasis"),
        ("<script>\nalert(1)\n</script>", 1, '"<script>"', "programs"),
        ("Uno\n<style>p { color: red }</style>", 2, '"<style>"', "styles"),
        ("<form action=/x>\n<input>\n</form>", 1, '"<form>"', "form"),
        ("Una List<String> di parole", 1, '"<String>"', "back-quotes"),
        ("`<a>` e\nun <vector> perso", 2, '"<vector>"', "back-quotes"),
        ("- uno\n- due <T>", 2, '"<T>"', "back-quotes"),
        ('Uno\n\n<p style="color: red">due</p>', 3, '"style"', "theme"),
        ('Uno <b onclick="x()">due</b>', 1, '"onclick"', "programs"),
        ("[a](https://e.org){target=_blank}", 1, '"target"', "readers"),
        ("Uno\n{: .a onclick=x }", 2, '"onclick"', "programs"),
        ("Uno\n\n[due](javascript:alert(1))", 3, '"javascript:"', "https://"),
        ('Uno <a href="java\nscript:x">due</a>', 1, "is left out", "."),
        ("![p](data:image/png;base64,xx)", 1, '"data:"', "https://"),
        ("Uno\n\n<ftp://e.org/a>", 3, '"ftp:"', "https://"),
        ("se a<b> allora", 1, '"<b>" is never', "back-quotes"),
        ("Uno </div> due", 1, '"</div>"', "back-quotes"),
        ("Uno <?php echo 1 ?> due", 1, '"<?php>"', "back-quotes"),
        ("<details><summary>a</summary>\nuno", 1, '"<details>"', "back-quotes"),
    ],
)
@pytest.mark.parametrize("reader", READERS)
def test_what_is_left_out_is_named_with_its_line_and_a_cure(
    text: str, line: int, message: str, cure: str, reader: str
) -> None:
    issues = render_markdown(text, reader).issues

    named = [issue for issue in issues if message in issue.message]
    assert [issue.line for issue in named] == [line]
    assert cure in named[0].hint


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    "text",
    [
        "`<iframe>` e ``<b>``",
        "```html\n<iframe onclick=x>\n```",
        "Uno <!-- non si vede --> due",
        "Premi <kbd>Ctrl</kbd>, H<sub>2</sub>O, a<br>b",
        "<https://e.org/> <ada@e.org> [a](tel:+3902) [b](../c.md) [c](/d:e)",
        "Le 12:30, x < y, 3<4, `a`: {figure:pok.learners} \\<b>",
        '<div class="x" id="y" lang="en">\n\nuno\n\n</div>',
        "Uno\n{: .mark #due lang=en }",
        "| a | b |\n|:--|--:|\n| c | d |",
    ],
)
def test_what_arrives_is_not_named(text: str, reader: str) -> None:
    assert not render_markdown(text, reader).issues
