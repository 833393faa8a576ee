"""`invoke explain`: why a page was made or not made again, in the words of an editor."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.rebuilding.workshop import Snapshot, Workshop, a_picture

from openknowledge.catalogue.explain_command import main
from openknowledge.content.provenance import GENERAL, Explanation, Provenance
from openknowledge.engine.query_graph import SEPARATOR

COURSE = "courses/algebra/index.md"
Print = Callable[..., list[str]]


def a_shop(folder: Path) -> Workshop:
    """Return a small site with an attachment and a stray file, which was built."""
    shop = Workshop(folder)
    shop.write("pages/privacy.md", "---\ntitle: Privacy\n---\n[Allegato](allegato.txt) ![onda](onda.png)\n")
    shop.write("pages/allegato.txt", "uno")
    shop.write("pages/onda.png", a_picture(40, 1))
    shop.write("pages/appunti.txt", "uno")
    shop.write("videos/captions/video-00001.it.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\nCiao\n")
    shop.settle()
    assert shop.build().is_good
    return shop


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """Return a site that was built again after one word of a course."""
    shop = a_shop(tmp_path_factory.mktemp("explained"))
    shop.write(COURSE, shop.read(COURSE) + "\nUna parola in più.\n")
    assert shop.build().is_good
    return shop


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workshop, Snapshot]:
    """Return a site that was built once, and how to get back there."""
    shop = a_shop(tmp_path_factory.mktemp("edited"))
    return shop, shop.snapshot()


@pytest.fixture
def shop(workshop: tuple[Workshop, Snapshot]) -> Workshop:
    """Return the site, built, and known to this process as after a build."""
    shop, snapshot = workshop
    snapshot.restore()
    assert shop.build().is_good
    return shop


@pytest.fixture
def explain(capsys: pytest.CaptureFixture[str]) -> Print:
    def run(shop: Workshop, url: str, *options: str) -> list[str]:
        capsys.readouterr()
        main([url, "--output", str(shop.output), "--cache", str(shop.cache), *options])
        return capsys.readouterr().out.splitlines()

    return run


# Why a page was made


def test_a_page_was_made_because_of_a_field_of_a_file(built: Workshop, explain: Print) -> None:
    lines = explain(built, "/corsi/algebra/")

    files = "content/courses/algebra/index.md, content/courses/algebra/index.en.md"
    assert lines[0] == f"corsi/algebra/index.html: the page of {files} (it)"
    causes = lines[lines.index("Made the last time because") + 1 : lines.index("It depends on")]
    assert len(causes) == 1
    assert "content/courses/algebra/index.md" in causes[0]
    assert causes[0].endswith("– text (it)")


def test_a_page_depends_on_its_file_its_template_and_the_words_of_its_language(built: Workshop, explain: Print) -> None:
    text = "\n".join(explain(built, "/corsi/algebra/"))

    assert "theme/locale/it/LC_MESSAGES/messages.po" in text
    assert "course.html (it)" in text
    assert "site.css" in text


def test_a_page_that_did_not_change_since_was_made_because_it_was_new(built: Workshop, explain: Print) -> None:
    assert "    it was not there before" in explain(built, "/en/")


def test_a_url_that_was_not_made_is_answered_with_how_to_write_one(built: Workshop) -> None:
    with pytest.raises(SystemExit, match="made no such file"):
        main(["/nowhere/", "--output", str(built.output), "--cache", str(built.cache)])


def test_a_folder_that_was_never_built_is_answered_with_how_to_build(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="nothing has been built here"):
        main(["/", "--output", str(tmp_path)])


def test_every_input_query_and_rule_has_words(built: Workshop) -> None:
    """Also those that this site does not use, such as the placeholder of an item with a mistake."""
    site, scheduler = built.session.site, built.session.scheduler
    assert site is not None and scheduler is not None
    described = {name.partition(SEPARATOR)[0] for name in built.session.state.descriptions} | set(GENERAL)
    inputs = site._inputs  # type: ignore[attr-defined]
    names = {*inputs.digesters, *inputs.queries, *(key.partition(SEPARATOR)[0] for key in scheduler.live)}

    assert len(names) > 40
    assert sorted(names - described) == []
    assert sorted(described - names - set(GENERAL)) == []


def test_no_line_shows_the_key_of_a_node(built: Workshop) -> None:
    explanation = Explanation(Provenance(built.output, built.cache / "reading"))
    graph = explanation.graph

    lines = {key: explanation.describe(key) for key in (*graph.keys, *built.session.state.artifacts)}

    assert not [key for key, line in lines.items() if SEPARATOR in line or "{" in line or line == key]
    assert not [key for key, line in lines.items() if " – " in line]


# Why a page was not made again


def edit(shop: Workshop, name: str, text: str | bytes) -> None:
    shop.write(name, text)
    shop.settle()
    assert shop.build().is_good


def test_a_file_with_the_same_bytes_stops_at_the_input_digest(shop: Workshop, explain: Print) -> None:
    os.utime(shop.content / COURSE, ns=(1, 1))
    assert shop.build().executed == {}

    line = f"    content/{COURSE}: it was saved again with the same bytes (input digest)"
    assert explain(shop, "/corsi/algebra/", "--why-not")[2:] == [line]
    assert explain(shop, "/corsi/algebra/", "--why-not", f"content/{COURSE}")[2:] == [line]
    other = explain(shop, "/corsi/algebra/", "--why-not", "content/people/ada.md")
    assert other[-1].endswith("the size and the time that it had before, so nothing looked into it (input digest)")


def test_a_file_that_no_item_uses_stops_at_the_checkpoint(shop: Workshop, explain: Print) -> None:
    edit(shop, "pages/appunti.txt", "due")

    lines = explain(shop, "/privacy/", "--why-not", "content/pages/appunti.txt")

    assert lines[-1].endswith("no item is made of it or uses it, so nothing looked into it (checkpoint)")


def test_a_picture_that_changed_stops_at_the_parse_cache_of_its_text(shop: Workshop, explain: Print) -> None:
    """The text is not read again; its page is made again, because it offers other files."""
    edit(shop, "pages/onda.png", a_picture(40, 200))

    lines = explain(shop, "/privacy/", "--why-not", "content/pages/onda.png")

    assert (
        "    content/pages/onda.png: a picture, and how it is made: content/pages/onda.png; it was made again" in lines
    )
    copy = explain(shop, "/media/pages/onda.png", "--why-not")
    assert any(line.endswith("content/pages/onda.png; it was made again") for line in copy)


def test_a_record_that_came_out_the_same_stops_at_the_early_cut_off(shop: Workshop, explain: Print) -> None:
    edit(shop, COURSE, shop.read(COURSE).replace("---\n", "---\n# A remark.\n", 1))

    lines = explain(shop, "/corsi/algebra/", "--why-not")

    assert lines[2:] == [f"    content/{COURSE}: course/algebra was read again, and came out the same (early cut-off)"]


def test_a_query_that_came_out_the_same_is_the_early_cut_off(shop: Workshop, explain: Print) -> None:
    edit(shop, COURSE, shop.read(COURSE) + "\nUna parola in più.\n")

    lines = explain(shop, "/corsi/", "--why-not", f"content/{COURSE}")

    assert "the tile that lists show of content/courses/algebra/index.md" in lines[-1]
    assert lines[-1].endswith("came out the same (early cut-off)")


def test_a_page_that_would_show_the_same_stops_at_the_action_digest(shop: Workshop, explain: Print) -> None:
    edit(shop, COURSE, shop.read(COURSE).replace("[students, everyone]", "[students]"))

    lines = explain(shop, "/persone/ada/", "--why-not", f"content/{COURSE}")

    assert lines[-1].endswith("what the page shows came out the same (action digest)")


def test_a_page_that_was_made_with_the_same_bytes_says_so(shop: Workshop, explain: Print) -> None:
    template = shop.theme / "templates/course.html"
    template.write_text(f"{template.read_text('utf-8')}{{# A remark. #}}", "utf-8")
    output = shop.build()
    assert output.executed["page"] > 0 and output.changed == ()

    lines = explain(shop, "/corsi/algebra/", "--why-not")

    (line,) = [line for line in lines if "course.html (it)" in line]
    assert line.endswith("it was made again, with the same bytes (equal bytes)")


def test_a_page_that_depends_on_nothing_that_changed_says_so(shop: Workshop, explain: Print) -> None:
    edit(shop, "people/bruno.md", shop.read("people/bruno.md").replace("Bruno C.", "Bruno D."))

    lines = explain(shop, "/corsi/algebra/", "--why-not")

    assert any("content/people/bruno.md: this page depends on nothing of it" in line for line in lines)


def test_a_page_that_was_made_again_says_so(built: Workshop, explain: Print) -> None:
    assert explain(built, "/corsi/algebra/", "--why-not", f"content/{COURSE}")[-1].endswith("it was made again")


def test_captions_that_changed_say_that_the_page_of_their_video_was_made_again(shop: Workshop, explain: Print) -> None:
    captions = "videos/captions/video-00001.it.vtt"
    edit(shop, captions, "WEBVTT\n\n00:01.000 --> 00:02.000\nSalve\n")

    (line,) = explain(shop, "/video/filmato-1/", "--why-not", f"content/{captions}")[2:]

    assert "the captions of a video" in line
    assert line.endswith("it was made again")


def test_a_build_that_made_everything_again_says_why(shop: Workshop, explain: Print) -> None:
    for folder in (shop.output, shop.cache):
        shutil.rmtree(folder)
    shop.forget()
    assert shop.build().is_good
    assert "The last build made everything again, because it was not there before." in explain(shop, "/", "--why-not")
    assert shop.build(PAGE_SIZE=3).is_good

    lines = explain(shop, "/persone/ada/", "--why-not")

    assert lines[1] == "The last build made everything again, because a setting: PAGE_SIZE."
    assert lines[2] == "    what the page shows came out the same (action digest)"
