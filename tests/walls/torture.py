"""Texts that make readers stumble: each stands for a kind, and is as long as it takes to hurt."""

from __future__ import annotations

LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)

YAML = {
    "a billion laughs": LAUGHS,
    "a list in itself": "keywords: &a [*a]",
    "a mapping in itself": "image: &a {src: *a}",
    "an alias of nothing": "keywords: *a",
    "a word as a number": "weeks: !!int foo",
    "a word as a decimal": "weeks: !!float foo",
    "a word as a truth": "badge: !!bool foo",
    "a word as a moment": "first_published: !!timestamp foo",
    "a day that is none": "first_published: !!timestamp 2020-99-99",
    "half a number": "abstract: !<tag:yaml.org,2002:int> 0x",
    "bytes": "abstract: !!binary gIGC",
    "a set": "keywords: !!set {a, b}",
    "a Python object": "abstract: !!python/object/apply:os.system [id]",
    "a tag of its own": "abstract: !mine x",
    "5,000 digits": f"weeks: {'9' * 5000}",
    "5,000 digits of an abstract": f"abstract: {'9' * 5000}",
    "endless decimals": f"weeks: {'9' * 5000}.5",
    "1,000 brackets": f"keywords: {'[' * 1000}",
    "200,000 brackets": f"keywords: {'[' * 200_000}",
    "100,000 braces": "keywords: " + "{a: " * 100_000,
    "20,000 dashes": "keywords:\n" + "- " * 20_000,
    "500 levels": "".join(f"{' ' * depth}a{depth}:\n" for depth in range(500)),
    "a picture's path with a NUL": 'image: {src: "a\\0b.png", alt: {it: x, en: x}}',
    "a control": 'abstract: "a\\u0001b"',
    "an escape of terminals": 'abstract: "a\\e[31mb"',
    "an override of direction": 'abstract: "a\\u202eb"',
    "half a character": 'abstract: "\\ud83d"',
    "a list as a name": "? [a, b]\n: c",
    "a second document": "abstract: a\n---\nabstract: b",
    "a directive": "%YAML 9.9\n---\nabstract: a",
    "an end without a beginning": "abstract: ]",
    "a tab": "abstract:\n\t- a",
    "an address that cannot be parsed": "sources: [{title: x, url: 'http://[bad'}]",
    "a year beyond the calendar": "sources: [{title: x, date: 99999}]",
    "a year before it": "first_published: 0000-00-00",
    "an alias that is none": "aliases: ['\\ud800']",
    "a mapping for text": "abstract: {a: b}",
    "text for a mapping": "runs: x",
    "a list of lists": "runs: [[[]]]",
    "nothing": "runs:\nkeywords:\nabstract:",
}
"""What front matter may have in it besides the title, by what it is."""

MARKDOWN = {
    "10,000 open brackets": "[" * 10_000,
    "100,000 open brackets": "[" * 100_000,
    "open pictures": "![" * 10_000,
    "links in links": "[a](" * 2_500,
    "brackets in brackets": "[" * 3_000 + "x" + "]" * 3_000,
    "stars": "*" * 10_000,
    "stars and letters": "a*" * 50_000,
    "strong that never ends": "**a " * 25_000,
    "underscores": "_a" * 50_000,
    "backticks": "".join("`" * count + " " for count in range(400)),
    "tags that never end": "<a " * 30_000,
    "angles": "<" * 100_000,
    "divisions": "<div>" * 20_000,
    "comments that never end": "<!--" * 25_000,
    "ampersands": "&" * 100_000,
    "footnote marks": "".join(f"[^{number}]" for number in range(10_000)),
    "footnotes": "".join(f"[^{number}]: x\n\n" for number in range(5_000)),
    "footnotes with marks": "".join(f"[^{number}]" for number in range(2_000))
    + "\n\n"
    + "".join(f"[^{number}]: x\n\n" for number in range(2_000)),
    "abbreviations": "".join(f"*[A{number}]: x\n" for number in range(3_000))
    + "\n"
    + " ".join(f"A{number}" for number in range(3_000)),
    "equal headings": "## a\n\n" * 15_000,
    "equal underlined headings": "a\n-\n" * 20_000,
    "a list 248 deep": "".join("    " * depth + "- a\n" for depth in range(248)),
    "a list 90 deep": "".join("    " * depth + "- a\n" for depth in range(90)),
    "quotes": ">" * 50_000 + " a",
    "quotes with blanks": "> " * 900 + "a",
    "a table": "|a" * 300 + "|\n" + "|-" * 300 + "|\n" + ("|a" * 300 + "|\n") * 100,
    "bars": "|a" * 50_000,
    "definitions": "a\n: b\n\n" * 12_000,
    "attributes": "{: " * 30_000,
    "references": "".join(f"[a{number}]: http://x\n" for number in range(5_000)),
    "references to nothing": "[a][b]" * 15_000,
    "fences": "```\n" * 25_000,
    "backslashes": "\\" * 100_000,
    "numbers": "{figure:a}" * 10_000,
    "numbers that never end": "{figure:" * 12_000,
    "lines": "---\n" * 25_000,
    "emphasis in emphasis": "*a **b " * 14_000,
    "blanks": " " * 100_000 + "a",
    "empty lines": "\n" * 100_000,
    "deep tabs": "\t" * 5_000 + "a",
}
"""Texts of up to 100 kB, by what they are."""
