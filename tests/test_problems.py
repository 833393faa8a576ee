"""Messages of Problems: English by themselves, another language where a catalogue has it."""

from __future__ import annotations

import pickle

from openknowledge.problems import (
    MOST_LISTED,
    MOST_OF_FILE,
    ContentProblems,
    Message,
    Problem,
    operator_problem,
    sort_problems,
    total,
    total_files,
)

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


def many(paths: int, lines: int) -> list[Problem]:
    return [
        Problem(f"content/courses/c{path:05}/index.md", line, None, message)
        for path in range(paths)
        for line in range(1, lines + 1)
    ]


def test_some_hundred_problems_are_told_one_by_one() -> None:
    problems = many(MOST_LISTED // 50, 50)

    assert sort_problems([*problems, *problems]) == tuple(problems)


def test_of_a_file_with_thousands_the_first_are_listed_and_the_others_counted() -> None:
    """A page of them is what an editor reads; the others mostly have the same cause."""
    problems = [*many(1, 50_000), Problem("content/other.md", 3, None, message)]

    listed = ContentProblems(problems).localize(str).split("\n")

    assert [line.partition(": ")[0] for line in listed[:MOST_OF_FILE]] == [
        f"content/courses/c00000/index.md:{line}" for line in range(1, MOST_OF_FILE + 1)
    ]
    assert listed[MOST_OF_FILE:] == [
        f"content/courses/c00000/index.md: {50_000 - MOST_OF_FILE} more are not listed",
        "    Correct those that are listed, and look again.",
        f"content/other.md:3: {message}",
        "50001 problems in 2 files. Nothing was built.",
    ]


def test_of_problems_in_thousands_of_files_as_many_are_told_as_a_run_may_tell() -> None:
    problems = sort_problems(many(3_000, 2))

    assert len(problems) == MOST_LISTED + 1
    assert str(problems[-1]).startswith("content/courses: 5500 more are not listed\n")
    assert (total(problems), total_files(problems)) == (6_000, 3_000)


def test_problems_that_stand_for_others_are_sorted_again_and_joined_with_more() -> None:
    problems = sort_problems([*many(40, 100), *many(2_000, 1)])

    assert sort_problems(problems) == problems
    assert ContentProblems(problems).summary == "5960 problems in 2000 files. Nothing was built."
    more = sort_problems([*problems, Problem("content/z.md", 1, None, message)])
    assert (total(more), total_files(more)) == (5_961, 2_001)


def test_programs_are_told_of_the_same_problems_and_how_many_each_stands_for() -> None:
    rows = [problem.as_row(str) for problem in sort_problems(many(1, 600))]

    assert [row["count"] for row in rows] == [1] * MOST_OF_FILE + [600 - MOST_OF_FILE]
    assert rows[-1]["message"] == f"{600 - MOST_OF_FILE} more are not listed"
