"""The theme's files are published under names that change with their bytes, and refer to each other by them."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

from openknowledge.assets.collect import Asset, collect


def with_files(theme: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = theme / "static" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return theme


def published(theme: Path) -> dict[str, Asset]:
    assets, problems = collect(theme)
    assert problems == ()
    return {asset.name: asset for asset in assets}


def problems_of(theme: Path) -> list[str]:
    return [str(problem).split("\n")[0] for problem in collect(theme)[1]]


def test_a_file_is_named_by_the_first_eight_digits_of_its_fingerprint(tmp_path: Path) -> None:
    theme = with_files(tmp_path / "theme", {"icons/icon.svg": "<svg/>"})

    icon = published(theme)["icons/icon.svg"]

    assert icon.path == f"theme/icons/icon.{sha256(b'<svg/>').hexdigest()[:8]}.svg"
    assert icon.data == b"<svg/>"


def test_imported_stylesheets_become_layers_of_the_one_that_imports_them(tmp_path: Path) -> None:
    theme = with_files(
        tmp_path / "theme",
        {
            "css/site.css": '@layer base, components;\n@import "base.css" layer(base);\n'
            '@import url("components/card.css") layer(components) print;',
            "css/base.css": "body { margin: 0 }",
            "css/components/card.css": ".card { top: 0 }",
        },
    )

    assets = published(theme)

    assert list(assets) == ["site.css"]
    assert re.fullmatch(r"theme/site\.[0-9a-f]{8}\.css", assets["site.css"].path)
    assert assets["site.css"].data.decode() == (
        "@layer base,components;@layer base{body{margin: 0}}@media print{@layer components{.card{top: 0}}}"
    )


def test_an_imported_file_may_import_others(tmp_path: Path) -> None:
    theme = with_files(
        tmp_path / "theme",
        {
            "css/site.css": '@import "parts/all.css" layer(parts);',
            "css/parts/all.css": '@import "one.css" layer;\n@import "two.css";',
            "css/parts/one.css": "a{top:0}",
            "css/parts/two.css": "b{top:0}",
        },
    )

    assert published(theme)["site.css"].data == b"@layer parts{@layer{a{top:0}}b{top:0}}"


def test_addresses_in_a_stylesheet_lead_to_the_published_files_wherever_the_site_is(tmp_path: Path) -> None:
    theme = with_files(
        tmp_path / "theme",
        {
            "css/site.css": '@import "components/card.css";',
            "css/components/card.css": "a { background: url(../../img/dot.svg#x), url('data:,x'), url(\"#y\") }",
            "img/dot.svg": "<svg/>",
        },
    )

    assets = published(theme)

    dot = assets["img/dot.svg"].path.removeprefix("theme/")
    assert f'a{{background: url("{dot}#x"),url(\'data:,x\'),url("#y")}}' == assets["site.css"].data.decode()


def test_a_script_has_all_that_it_imports_and_leads_to_what_it_loads_later(tmp_path: Path) -> None:
    theme = with_files(
        tmp_path / "theme",
        {
            "js/main.js": 'import "./elements/a.js";\nconst say = 2;\nconst later = () => import("./later.js");\n',
            "js/elements/a.js": "import {\n  say,\n  ask as b,\n} from '../words.js';\nimport('../later.js');\n",
            "js/words.js": 'const ask = 1;\nexport const say = "from the heart";\nexport { ask };\n',
            "js/later.js": 'import { say } from "./words.js";\nexport function ask() {}\nexport { say as speak };\n',
        },
    )

    assets = published(theme)

    assert set(assets) == {"main.js", "later.js"}
    later = assets["later.js"].path.split("/")[-1]
    assert assets["main.js"].data.decode() == (
        'const $module0 = (() => {\nconst ask = 1;\nconst say = "from the heart";\nreturn { ask, say };\n})();\n'
        f"{{\nconst {{ ask: b, say }} = $module0;\nimport('./{later}');\n}}\n"
        f'const say = 2;\nconst later = () => import("./{later}");\n'
    )
    assert assets["later.js"].data.decode().endswith("function ask() {}\nexport { ask as ask, say as speak };\n")


def test_a_change_deep_down_renames_what_has_it(tmp_path: Path) -> None:
    files = {"js/main.js": 'import "./a.js";', "js/a.js": "let a;", "js/alone.js": "let b;"}
    before = published(with_files(tmp_path / "theme", files))

    after = published(with_files(tmp_path / "theme", {"js/a.js": "let c;"}))

    assert after["main.js"].path != before["main.js"].path
    assert after["alone.js"].path == before["alone.js"].path


def test_imports_and_exports_that_are_not_understood_are_reported(tmp_path: Path) -> None:
    files = {
        "js/main.js": 'import { gone } from "./a.js";\nimport * as b from "./a.js";\nimport b from "./a.js";',
        "js/a.js": "export default 1;\nexport const a = 1;\nexport * from './main.js';\nexport let b = 1;",
    }

    odd = "this import or export has a form that is not understood"
    assert problems_of(with_files(tmp_path / "theme", files)) == [
        f"theme/static/js/a.js:1: {odd}",
        f"theme/static/js/a.js:3: {odd}",
        f"theme/static/js/a.js:4: {odd}",
        'theme/static/js/main.js:1: "./a.js" exports no "gone"',
        f"theme/static/js/main.js:2: {odd}",
        f"theme/static/js/main.js:3: {odd}",
    ]


def test_missing_files_are_reported_with_file_and_line_all_at_once(tmp_path: Path) -> None:
    theme = with_files(
        tmp_path / "theme",
        {
            "css/site.css": '/* one\ntwo */\n@import "gone.css";\n\na { background: url("../img/no.svg") }',
            "js/main.js": 'let a;\nimport "./no.js";\nimport "bare";',
        },
    )

    assert problems_of(theme) == [
        'theme/static/css/site.css:3: "gone.css" does not exist',
        'theme/static/css/site.css:5: "../img/no.svg" does not exist',
        'theme/static/js/main.js:2: "./no.js" does not exist',
        'theme/static/js/main.js:3: "bare" does not exist',
    ]


def test_nothing_is_taken_from_other_sites_or_from_outside_the_theme(tmp_path: Path) -> None:
    (tmp_path / "secret.svg").write_text("<svg/>")
    theme = with_files(
        tmp_path / "theme",
        {
            "css/site.css": 'a{src:url("https://fonts.example/x.woff2")}\nb{src:url(//x/y)}\n'
            "c{src:url(../../../secret.svg)}",
        },
    )

    assert problems_of(theme) == [
        'theme/static/css/site.css:1: "https://fonts.example/x.woff2" is not a file of the theme',
        'theme/static/css/site.css:2: "//x/y" is not a file of the theme',
        'theme/static/css/site.css:3: "../../../secret.svg" does not exist',
    ]


def test_import_cycles_are_reported(tmp_path: Path) -> None:
    theme = with_files(
        tmp_path / "theme",
        {
            "css/site.css": '@import "a.css";',
            "css/a.css": '@import "site.css";',
            "js/a.js": 'import "./b.js";',
            "js/b.js": '\nimport "./a.js";',
        },
    )

    assert problems_of(theme) == [
        "theme/static/css/a.css: the stylesheet imports itself, perhaps through others",
        'theme/static/js/b.js:2: "./a.js" imports this file in turn',
    ]


def test_a_theme_without_static_files_has_no_assets(tmp_path: Path) -> None:
    assert collect(tmp_path / "theme") == ((), ())


def test_the_site_s_own_theme_has_no_problems() -> None:
    assets = published(Path(__file__).parents[2] / "theme")

    assert {"site.css", "main.js", "scheme.js", "icons/icon.svg"} <= set(assets)
    assert "@import" not in assets["site.css"].data.decode()
