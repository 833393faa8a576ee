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
    "lists of tags": "<ul>" * 25_000,
    "terms of tags": "<dl><dt>" * 12_000,
    "tags that nothing knows": "<x-y>" * 20_000,
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

HUGE = "9" * 5_000
ROW = '"slug":"a","title":"A","youtube_id":"x"'
VIEWS = "# as_of: 2025-01-01\nyoutube_id,views\n"
TOTALS = "# source: x\nday,total\n"
VTT = "WEBVTT\n\n00:00.000 --> 00:01.000\n"
SRT = "1\n00:00:00,000 --> 00:00:01,000\n"
TORTURE: dict[str, tuple[str | bytes, ...]] = {
    "snapshots/youtube/videos.jsonl": (
        *(
            "[" * 100_000,
            f'{{{ROW},"duration_s":{HUGE}}}',
            "{}\n" * 1_000,
            f"{{{ROW}}}".encode("utf-16"),
            b"\xff" * 300,
        ),
        *(f'{{{ROW},"caption_langs":{value}}}' for value in ("5", "[5]", '{"a":1}', '[["it"]]')),
        *(
            f'{{{ROW},"{name}":{{"a":[1e999,NaN]}}}}'
            for name in ("lang", "text_lang", "description", "chapters", "views")
        ),
        *(f'{{"slug":"a","title":"A","youtube_id":{value}}}' for value in ("[1]", '{"a":1}', HUGE, '"\\ud83d"')),
        f'{{{ROW},"words":{{"it":{{"body":"<script>"}}}},"files":["/etc/passwd"]}}',
        f'{{{ROW},"description":"{"www." * 20_000}"}}',
        f'{{{ROW},"description":"0:00 a' + "\\n1:00 x" * 10_000 + '"}',
        f'{{{ROW},"published":"0000-01-01T00:00:00Z"}}',
        f'{{{ROW},"published":"9999-12-31T23:59:59-12:00"}}',
    ),
    "snapshots/youtube/playlists.jsonl": tuple(
        f'{{{ROW},"videos":{value}}}' for value in ("5", '["a",5]', '[{"a":1}]', '"abc"', f"[{HUGE}]")
    ),
    "snapshots/youtube/retired.jsonl": tuple(
        f'{{"slug":"a","kind":"video","withdrawn":"2025-01-01","{name}":{value}}}'
        for name in ("slug", "kind", "withdrawn")
        for value in ("{}", "[1]", HUGE, '"../x"')
    ),
    "snapshots/youtube/views.csv": (
        *(
            f"{VIEWS}x,{HUGE}\n",
            f'{VIEWS}"{"a" * 200_000}',
            f"{VIEWS}x,1\ry,2\n",
            f"{VIEWS}x\0,1\n",
            "",
            "\0",
            VIEWS[:9],
        ),
        *(f"{VIEWS}x,٣\n", f"{VIEWS}x,1,9999999999\n", f"{VIEWS}x,1,2,3\n", f'{VIEWS}"x\n,1\n', b"\xff" * 300),
    ),
    "snapshots/youtube/channel.csv": (f"{VIEWS}views,{HUGE}\n", f'{VIEWS}"{"a" * 200_000}', b"\xff" * 300, "\0"),
    "snapshots/enrollments/algebra.csv": (
        *(f"{TOTALS}2025-01-01,{HUGE}\n", f'{TOTALS}"{"a" * 200_000}', f"{TOTALS}2025-01-01\0,1\n", b"\xff" * 300),
        *(
            f"# source: x\n# seam: 2025-01-01 {'it: a|' * 9_000}\nday,total\n2025-01-02,1\n",
            "#\n" * 1_000,
            "\n" * 9_000,
        ),
    ),
    "videos/captions/abcdefghijk.it.vtt": (
        *("WEBVTT\n\n" + "-->\n" * 9_000, f"{VTT}{'<v a>' * 9_000}", f"{VTT}{'<' * 50_000}", f"{VTT}<v{' ' * 50_000}"),
        *(f"WEBVTT\n\n{HUGE}:00:00.000 --> {HUGE}:00:01.000\na\n", f"WEBVTT{' ' * 50_000}-->", b"WEBVTT\n\n\xff\0"),
    ),
    "videos/captions/abcdefghijk.en.srt": (
        *(
            f"{SRT}{'<font ' * 9_000}",
            SRT + "{\\" * 20_000,
            SRT + "1\n\n" * 9_000,
            "1 : " * 20_000 + "-->",
            "9" * 9_000,
        ),
        *(f"{' ' * 50_000}-->", f"{SRT}{'&#9999999;' * 5_000}", b"\xff\xfe" * 300),
    ),
    "videos/people.yaml": (
        *YAML.values(),
        'title: [{pattern: "*a*a*a*a*a*a*a{names}*a*b"}]',
        f'title: [{{pattern: "{{names}}{"*" * 50_000}x"}}]',
        f'title: [{{playlists: ["{"*a" * 40}"], pattern: "{{names}}: *"}}]',
        "spelling:\n" + "".join(f'  a{number}: "\\ud83d\\ude00"\n' for number in range(2_000)),
    ),
    "videos/topics.yaml": (*YAML.values(), f'x: {{playlists: ["{"*a" * 40}"], words: ["{"*a" * 40}c"]}}'),
    "figures.yaml": (
        *YAML.values(),
        *(f"s: {{figures: {{a: {value}}}}}" for value in ("{value: 1e9}", "{snapshot: [1]}")),
    ),
    "synonyms.yaml": (*YAML.values(), f"- [{'a ' * 40_000}, b]", "- " * 20_000, "a: b", "- [a, [b]]", "- [漢, 字]"),
    "redirects.yaml": (*YAML.values(), f"/{'../' * 9_000}: /b/", "/a/: /b/\n/b/: /a/", f"/{'a' * 90_000}: /b/"),
}
"""What the files of the content may have in them that are no items, by their paths."""
