"""Messages of Problems: English by themselves, another language where a catalogue has it."""

from __future__ import annotations

import pickle

from openknowledge.problems import Message

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


def test_a_message_survives_the_way_to_a_worker_and_back() -> None:
    again = pickle.loads(pickle.dumps(message))
    assert again == message
    assert again.localize(ITALIAN.__getitem__) == message.localize(ITALIAN.__getitem__)
