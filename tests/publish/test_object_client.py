"""Who has the lock knows it, also where answers were lost; who may have lost it asks for nothing more."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.publish.memory import Bucket, MemoryObjects

from openknowledge.publish.errors import PublishFailed
from openknowledge.publish.release import DeployState
from openknowledge.publish.targets import lease, object_client
from openknowledge.publish.targets.object_client import STATE_KEY, ObjectClient, RetryPolicy, StateWriter, make_store

OURS = DeployState("https://example.edu")


def locked(by: str):
    return lambda register: replace(register, lock=by)


def test_what_we_wrote_ourselves_is_known_though_its_answer_was_lost():
    bucket = Bucket()
    writer = StateWriter(MemoryObjects(bucket, fails_at=1, is_carried_out=True, is_cut_off=False), OURS, None)
    with pytest.raises(PublishFailed):
        writer.write(locked("us"))

    writer.write(lambda register: replace(register, stale=("x",)))

    assert not writer.lease.is_lost
    assert DeployState.load(bucket.objects[STATE_KEY].data, "") == writer.state
    assert (writer.state.lock, writer.state.stale) == ("us", ("x",))


def test_a_lock_of_which_the_answer_was_lost_is_released():
    bucket = Bucket()
    writer = StateWriter(MemoryObjects(bucket, fails_at=1, is_carried_out=True, is_cut_off=False), OURS, None)
    with pytest.raises(PublishFailed):
        writer.write(locked("us"))

    writer.end()

    assert DeployState.load(bucket.objects[STATE_KEY].data, "").lock == ""


def test_what_somebody_else_wrote_is_theirs():
    bucket = Bucket()
    writer, other = (StateWriter(MemoryObjects(bucket), OURS, None) for _ in range(2))
    other.write(locked("them"))

    with pytest.raises(PublishFailed, match="somebody else has taken over"):
        writer.write(locked("us"))

    assert writer.lease.is_lost
    writer.end()
    assert DeployState.load(bucket.objects[STATE_KEY].data, "").lock == "them"


def test_a_lease_that_was_not_renewed_for_long_fences_off_its_holder(monkeypatch):
    writer = StateWriter(MemoryObjects(Bucket()), OURS, None)
    writer.write(locked("us"))
    writer.lease.check()
    then = lease.boottime() + RetryPolicy().safe_lease_s + 1
    monkeypatch.setattr(lease, "boottime", lambda: then)

    with pytest.raises(PublishFailed, match="not heard of for too long"):
        writer.lease.check()


def test_a_lock_counts_from_before_it_was_written(monkeypatch):
    moments = iter([100.0, 200.0, 300.0])
    for module in (lease, object_client):
        monkeypatch.setattr(module, "boottime", lambda: next(moments))
    writer = StateWriter(MemoryObjects(Bucket()), OURS, None)

    writer.write(locked("us"))

    assert writer.lease._renewed_s == 200.0


def test_the_last_request_has_ended_before_the_lock_expires():
    tuning = RetryPolicy()

    assert tuning.safe_lease_s + tuning.timeout_s < tuning.lease_s
    assert tuning.lease_s / 6 * 2 + tuning.timeout_s < tuning.safe_lease_s
    store = make_store({"bucket": "site"}, {"PUBLISH_ACCESS_KEY": "a", "PUBLISH_SECRET_KEY": "b"}, tuning)
    assert store.retry_config is not None and store.retry_config["max_retries"] == 0


def test_a_request_is_not_tried_again_where_it_must_not_be(monkeypatch):
    asked = []

    def failing(*_: object, **__: object) -> None:
        asked.append("a request")
        raise a_passing_error()

    def may() -> None:
        if asked:
            raise PublishFailed([])

    monkeypatch.setattr("openknowledge.publish.targets.object_client.obstore.put", failing)
    objects = ObjectClient(None, "a store", RetryPolicy(backoff_s=0.01), may)  # type: ignore[arg-type]

    with pytest.raises(PublishFailed):
        objects.put("a", b"", {})

    assert len(asked) == 1


def a_passing_error() -> Exception:
    from obstore.exceptions import GenericError

    return GenericError("503")


def test_whoever_waits_for_a_store_is_told_for_what_and_what_was_tried(monkeypatch, capsys):
    def resetting(*_: object, **__: object) -> None:
        from obstore.exceptions import GenericError

        raise GenericError("Generic S3 error: Connection reset by peer")

    monkeypatch.setattr("openknowledge.publish.targets.object_client.obstore.put", resetting)
    objects = ObjectClient(None, "a store", RetryPolicy(backoff_s=0.01, attempts=3))  # type: ignore[arg-type]

    with pytest.raises(PublishFailed, match=r"does not answer as it should \(asked 3 times\): Connection reset"):
        objects.put("a", b"", {})

    assert capsys.readouterr().err == (
        "a store resets connections; try 2 of 3\na store resets connections; try 3 of 3\n"
    )
