"""What editors know from other programs is read, and what is not read is named."""

from __future__ import annotations

import pytest

from openknowledge.content.markdown.render import READERS, render_markdown


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("~~uno *due*~~", "<del>uno <em>due</em></del>"),
        ("==uno==", "<mark>uno</mark>"),
        ("H~2~O, CO~2~", "H<sub>2</sub>O, CO<sub>2</sub>"),
        ("x^2^ e y^n+1^", "x<sup>2</sup> e y<sup>n+1</sup>"),
        ("a == b e c == d, ~5 e ~6, a^b e c^d", "a == b e c == d, ~5 e ~6, a^b e c^d"),
        ("`~~uno~~` e \\~~due\\~~", "<code>~~uno~~</code> e ~~due~~"),
        ("1) uno\n2) due", "<ol>\n<li>uno</li>\n<li>due</li>\n</ol>"),
        ("3. tre\n4. quattro", '<ol start="3">'),
        ("0. zero\n1. uno", '<ol start="0">'),
        ("- [ ] uno\n- [x] due", "<li>☐ uno</li>\n<li>☑ due</li>"),
        ("1. [X] uno\n\n2. [ ] due", "☑ uno"),
        ("uno\\\ndue", "uno<br>\ndue"),
        ("Testo:\n- uno\n- due", "<p>Testo:</p>\n<ul>\n<li>uno</li>\n<li>due</li>\n</ul>"),
        ("> Testo:\n> 1. uno", "<ol>\n<li>uno</li>"),
        ("!!! note\n    Testo:\n    - uno", "<p>Testo:</p>\n<ul>"),
        ("Era il\n1848. Un anno\n- lungo", "<p>Era il\n1848. Un anno</p>\n<ul>"),
        ("Testo:\n| a | b |\n|---|---|\n| c | d |", "<p>Testo:</p>\n<table>"),
        ("a | b\n--|--\n1 | 2", "<td>2</td>"),
        ("Uno\n---\n\nDue\n---", '<h2 id="due">Due</h2>'),
        ("Uno\nDue\n:   def a\n:   def b", "<dt>Uno</dt>\n<dt>Due</dt>\n<dd>def a</dd>\n<dd>def b</dd>"),
        ("&copy; &eacute; AT&T &nosuch;", "© é AT&amp;T &amp;nosuch;"),
        ("\\# \\$ \\~ \\< \\| \\:", "# $ ~ &lt; | :"),
        ("<kbd>Ctrl</kbd>+<kbd>C</kbd>", "<kbd>Ctrl</kbd>+<kbd>C</kbd>"),
        ("[uno] e a[i][j]", "[uno] e a[i][j]"),
    ],
)
@pytest.mark.parametrize("reader", READERS)
def test_what_editors_know_is_read_as_it_is_meant(text: str, part: str, reader: str) -> None:
    rendered = render_markdown(text, reader)

    assert part in rendered.html
    assert not rendered.issues


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("Uno :smile: due", 1, ":smile:"),
        ("Uno\n\ndue^[una nota]", 3, "footnote inside a line"),
        ("Uno\n\n[[Pagina]]", 3, "is no link"),
        ("Uno[^x].", 1, "there is no footnote"),
        ("Uno\n\ndue[^x] e[^y].\n\n[^x]: Nota.", 3, '"[^y]"'),
        ("Uno.\n\n[^x]: Nota.", 3, "nothing in the text leads"),
        ("Uno[^x].\n\n[^x]: Nota.\n\n[^x]: Altra.", 3, "defined twice"),
        ("Un [testo][nowhere].", 1, '"[nowhere]" leads'),
        ("Un [testo][].", 1, '"[testo]" leads'),
        ("Uno.\n\n[a]: https://e.org/", 3, "no link uses"),
        ("[a]\n\n[a]: https://e.org/\n[a]: https://f.org/", 3, "defined twice"),
        ("Uno.\n\n*[CSS]: Cascading", 3, "does not occur"),
        ("Uno\n\n{: .mark }", 3, "belong to nothing"),
        ("Uno {#due} tre", 1, "belong to nothing"),
        ("| a | b | c |\n|---|---|\n| 1 | 2 | 3 |", 2, "another number of columns"),
        ("Uno\n\n| a | b |\n|---|---|\n| 1 | 2 | tre |", 5, "more cells"),
    ],
)
@pytest.mark.parametrize("reader", READERS)
def test_what_is_not_read_or_lost_is_named_with_its_line(text: str, line: int, message: str, reader: str) -> None:
    (issue,) = render_markdown(text, reader).issues

    assert message in issue.message
    assert issue.line == line
