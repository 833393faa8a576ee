"""Messages of Problems: English by themselves, another language where a catalogue has it."""

from __future__ import annotations

import pickle

from openknowledge.problems import ContentProblems, Message, Problem, operator_problem

ITALIAN = {
    '"%(value)s" is not a date; %(near)s': '"%(value)s" non è una data; %(near)s',
    'did you mean "%(word)s"?': 'forse volevi "%(word)s"?',
}
near = Message('did you mean "%(word)s"?', word="50 %")
message = Message('"%(value)s" is not a date; %(near)s', value="30 feb", near=near)


def test_a_message_reads_as_its_english_sentence() -> None:
    assert message == '"30 feb" is not a date; did you mean "50 %"?'


def test_a_message_and_those_inside_it_are_shown_in_the_language_of_a_catalogue() -> None:
    assert message.localize(ITALIAN.__getitem__) == '"30 feb" non è una data; forse volevi "50 %"?'


def test_a_message_without_values_keeps_its_percent_signs() -> None:
    assert Message("100% sure").localize(str) == "100% sure"


def test_problems_and_their_summary_are_told_in_a_language_and_names_of_fields_stay() -> None:
    words = {
        **ITALIAN,
        "Write 2026-12-01.": "Scrivi 2026-12-01.",
        "%(problems)s in %(files)s.": "%(problems)s in %(files)s.",
        "1 problem": "1 problema",
        "1 file": "1 file",
        "%(summary)s %(outcome)s": "%(summary)s %(outcome)s",
        "Nothing was built.": "Il sito non è stato rifatto.",
    }
    problems = ContentProblems([Problem("content/a.md", 3, "updated", message, Message("Write 2026-12-01."))])

    assert problems.localize(words.__getitem__) == (
        'content/a.md:3: updated: "30 feb" non è una data; forse volevi "50 %"?\n'
        "    Scrivi 2026-12-01.\n"
        "1 problema in 1 file. Il sito non è stato rifatto."
    )
    assert str(problems) == "1 problem in 1 file. Nothing was built."


def test_problems_survive_the_way_to_a_worker_with_their_ids() -> None:
    problems = ContentProblems([Problem("content/a.md", 3, "updated", message)], Message("Wait."))
    again = pickle.loads(pickle.dumps(problems))

    assert again.problems == problems.problems
    assert again.localize(lambda text: f"<{text}>") == problems.localize(lambda text: f"<{text}>")


def test_what_operators_read_needs_no_catalogue() -> None:
    assert operator_problem("pelicanconf.py", None, "X", "50 % of it", None).localize(str).endswith("X: 50 % of it")


def test_a_message_survives_the_way_to_a_worker_and_back() -> None:
    again = pickle.loads(pickle.dumps(message))
    assert again == message
    assert again.localize(ITALIAN.__getitem__) == message.localize(ITALIAN.__getitem__)
