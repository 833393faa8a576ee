"""The whole way to readers, with a real object store and a real cache: what is promised of a publication."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Mapping

import pytest
from tests.conformance.place import BUCKET, READER, SECRETS, Place
from tests.conformance.publisher import ended, killed, started
from tests.publish.builders import SITE
from tests.publish.crawler import Public, crawl, reading_without_pause, versions_of
from tests.publish.world import a_held_site
from tests.servers import faults
from tests.servers.programs import debian_program, packaged_program, until
from tests.servers.seaweed import Seaweed
from tests.servers.seaweed import seaweed as running_seaweed
from tests.servers.varnish import running_varnish

from openknowledge.publish.built_site import BuiltSite
from openknowledge.publish.errors import PublishFailed, PublishRefused
from openknowledge.publish.pipeline import Publication, publish
from openknowledge.publish.result import Status
from openknowledge.publish.targets import PublishedState
from openknowledge.publish.targets.object_client import STATE_KEY, RetryPolicy
from openknowledge.publish.targets.object_store import MANIFESTS, SHARDS

pytestmark = pytest.mark.conformance
KILLS = 40
PUBLISHED_WHILE_READ = 30
ROUNDS = 5
"""So often at least readers go through the whole site while it is published."""
SLEEPS = 8
RACES = 10
ENDED_WELL = (Status.PUBLISHED, Status.NOTHING_TO_DO)


def through(port: int) -> Public:
    return Public(port, is_store=False, site_url=SITE)


def test_readers_who_never_stop_see_no_failure_while_sites_are_published(seaweed, versions, tmp_path, capsys, chance):
    place = Place(seaweed, "read", grace_s=20)
    with running_varnish(tmp_path, seaweed.port, f"/{BUCKET}/read") as varnish:
        place.purger = varnish
        place.publish(versions[0])
        known = versions_of(*(site.manifest for site in versions))
        with (
            reading_without_pause(lambda: through(varnish.port), lambda: known) as cached,
            reading_without_pause(lambda: place.public, lambda: known) as direct,
        ):
            number = 0
            while number < chance.times(PUBLISHED_WHILE_READ) or min(cached.rounds, direct.rounds) <= ROUNDS:
                number += 1
                site = versions[(number + chance.randrange(1, 3)) % len(versions)]
                outcome = place.restore() if number % 5 == 4 else place.publish(site)
                assert outcome.status in ENDED_WELL
        with capsys.disabled():
            for name, reading in (("through the cache", cached), ("at the store", direct)):
                output = f"{reading.requests} requests, {reading.rounds} crawls"
                print(f"\n{number} publications, {name}: {output}")
        assert cached.wrong == []
        assert direct.wrong == []
        place.publish(versions[0])
        assert crawl(through(varnish.port), versions_of(versions[0].manifest)).wrong == []


def test_a_publisher_that_is_killed_leaves_a_working_site(seaweed, versions, proxy, capsys, chance):
    """It is killed while the answer to one of its requests is held back, so always in the middle."""
    place = Place(seaweed, "killed")
    place.publish(versions[0])
    now, ends = versions[0], Counter()
    for number in range(chance.times(KILLS)):
        wanted = chance.choice([site for site in versions if site is not now])
        proxy.begin(faults.at(chance.randint(1, 100), "hold"))
        process = started(place, wanted.output, port=proxy.port)
        until(lambda process=process: proxy.is_holding.is_set() or process.poll() is not None, "the publisher", None)
        killed(process)
        proxy.go_on.set()
        # Requests that it has sent are still carried out, a write of the deploy state among them.
        until(lambda: proxy.clients == 0, "the proxy", None)
        ends["killed" if process.returncode == -signal.SIGKILL else "ended before"] += 1
        ends["in the middle"] += bool(place.target().read_state().uncertain)
        assert crawl(place.public, versions_of(now.manifest, wanted.manifest)).wrong == [], number

        assert place.publish(wanted, is_later=True).status in ENDED_WELL
        assert list(place.wrong(wanted)) == []
        now = wanted
    with capsys.disabled():
        print(f"\npublishers killed: {dict(ends)}")
    if chance.is_thorough:
        assert ends["in the middle"] > KILLS / 10


def wait_for_the_lock(place: Place, process: subprocess.Popen[str]) -> None:
    """Wait until a publisher holds the lock or has ended."""
    target = place.target()
    while process.poll() is None:
        found = target.objects.get(STATE_KEY)
        if found is not None and b'"lock": "another process"' in found.data:
            return
        time.sleep(0.01)


def test_two_at_once_do_not_mix(seaweed, versions, chance):
    place = Place(seaweed, "two")
    place.publish(versions[0])
    for number in range(chance.times(RACES) + 1):
        rivals = (versions[1 + number % 2], versions[3 + number % 3])
        looked = [(run := place.run(), run.target.read_state()) for _ in rivals]
        ends: dict[int, object] = {}
        threads = [
            threading.Thread(target=compete, args=(ends, index, *looked[index], rivals[index])) for index in range(2)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        won = [index for index, end in ends.items() if end is Status.PUBLISHED]
        assert len(won) == 1, ends
        assert "somebody else began to publish here at the same moment" in str(ends[1 - won[0]])
        assert list(place.wrong(rivals[won[0]])) == []
        assert list(place.left_behind()) == []


def compete(ends: dict[int, object], index: int, run: Publication, state: PublishedState, site: BuiltSite) -> None:
    try:
        ends[index] = publish(run, site, state).status
    except PublishRefused as refused:
        ends[index] = refused


def test_a_refusal_for_a_taken_lock_names_the_owner_and_the_expiry(seaweed, versions, proxy):
    place = Place(seaweed, "taken")
    place.publish(versions[0])
    proxy.begin(faults.cut_off_from(30))
    assert isinstance(place.tried("publish", versions[1], proxy.address), PublishFailed)

    refused = place.tried("publish", versions[1])

    assert isinstance(refused, PublishRefused)
    assert "somebody is publishing here; it was last heard of" in str(refused)
    assert "its lock expires by itself" in str(refused)


def test_a_publisher_that_slept_too_long_writes_nothing_over_what_was_published_meanwhile(
    seaweed, versions, proxy, chance
):
    place = Place(seaweed, "slept")
    for number in chance.sample(range(SLEEPS), chance.times(SLEEPS)):
        old, slow, quick = (versions[(number + step) % len(versions)] for step in (0, 1, 2))
        place.publish(old, is_later=True)
        proxy.begin(faults.at(20 + 8 * number, "hold"))
        process = started(place, slow.output, port=proxy.port, lease_s=4.0, parallel=1)
        until(lambda: proxy.is_holding.is_set(), "the publisher", None)
        process.send_signal(signal.SIGSTOP)
        assert place.publish(quick, is_later=True).status in ENDED_WELL
        time.sleep(4.2)
        proxy.go_on.set()
        process.send_signal(signal.SIGCONT)
        status, text = ended(process)

        assert status == 30, text
        assert list(place.wrong(quick)) == [], number


def test_the_cost_of_an_edit_does_not_depend_on_the_size_of_the_site(seaweed, proxy):
    taken = {}
    for pages in (250, 2500):
        files = {f"p{number}/index.html": f"page {number} " * 50 for number in range(pages)}
        files = {path: words.encode() for path, words in files.items()} | {"index.html": b"home"}
        place = Place(seaweed, f"size-{pages}", encoding="")
        assert place.publish(a_held_site(files)).status is Status.PUBLISHED
        proxy.begin()
        patient = Place(seaweed, f"size-{pages}", encoding="")
        run = patient.run(proxy.address)
        outcome = publish(run, a_held_site({**files, "p7/index.html": b"an edit"}), run.target.read_state())
        assert outcome.status is Status.PUBLISHED
        taken[pages] = (len(proxy.asked), sum(asked.sent_b for asked in proxy.asked))
        assert not [asked for asked in proxy.asked if "list-type" in asked.target]
    few, many = taken.values()
    assert few[0] == many[0]
    assert many[1] < few[1] * 1.1


def test_rclone_finds_in_the_bucket_what_is_in_the_folder(seaweed, versions, tmp_path):
    place = Place(seaweed, "checked", encoding="")
    for site in versions[:3]:
        place.publish(site)
    site = place.tried("restore") and versions[1]
    (tmp_path / "paths").write_text("".join(f"{path}\n" for path in site.manifest.by_path))

    text = rclone(
        seaweed, "check", "--download", "--files-from", str(tmp_path / "paths"), str(site.output), "store:site/checked"
    )
    there = rclone(seaweed, "lsf", "-R", "--files-only", "--exclude", "/_openknowledge/**", "store:site/checked")

    assert "0 differences found" in text
    assert f"{len(site.manifest.entries)} matching files" in text
    assert sorted(there.split()) == sorted(site.manifest.by_path)


def rclone(server: Seaweed, *words: str) -> str:
    """Run rclone, which knows nothing of this project, and return its output."""
    output = {"TYPE": "s3", "PROVIDER": "SeaweedFS", "ENDPOINT": server.endpoint, "REGION": "us-east-1"}
    output |= {"ACCESS_KEY_ID": SECRETS["PUBLISH_ACCESS_KEY"], "SECRET_ACCESS_KEY": SECRETS["PUBLISH_SECRET_KEY"]}
    environment = {**os.environ, **{f"RCLONE_CONFIG_STORE_{name}": value for name, value in output.items()}}
    command = [str(packaged_program("rclone")), "--config", "", *words]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_a_store_that_dies_and_comes_back_loses_nothing(versions, tmp_path):
    with running_seaweed(tmp_path / "store") as server:
        server.bucket(BUCKET)
        place = Place(server, "died")
        place.publish(versions[0])
        process = started(place, versions[1].output)
        wait_for_the_lock(place, process)
        time.sleep(0.05)
        server.kill()
        status, text = ended(process)
        assert status == 30, text
        assert "Is the network there, and the store up?" in text
        server.start()
        place.wait_until_writable()

        either = versions_of(versions[0].manifest, versions[1].manifest)
        # Its parts come back one after the other; until then it says 500.
        until(lambda: crawl(place.public, either).wrong == [], "SeaweedFS", server.process)
        assert place.publish(versions[1], is_later=True).status in ENDED_WELL
        assert list(place.wrong(versions[1])) == []


BROKEN: Mapping[str, tuple[dict[str, object], str]] = {
    "an unknown key": ({"secrets": {**SECRETS, "PUBLISH_ACCESS_KEY": "nobody"}}, "the store does not know this key"),
    "a wrong secret": (
        {"secrets": {**SECRETS, "PUBLISH_SECRET_KEY": "wrong"}},
        "the secret does not belong to the key",
    ),
    "a key that may only read": ({"secrets": READER}, "this key may not do that"),
    "no such bucket": ({"bucket": "nowhere"}, "there is no such bucket"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_wrong_key_or_bucket_is_reported(name, seaweed, versions):
    changes, message = BROKEN[name]

    stopped = Place(seaweed, f"broken-{name.replace(' ', '-')}", **changes).tried("publish", versions[0])  # type: ignore[arg-type]

    assert isinstance(stopped, PublishFailed)
    assert message in str(stopped)


def test_a_bucket_that_holds_what_we_did_not_publish_is_refused_unless_it_is_adopted(seaweed, versions):
    place = Place(seaweed, "strange")
    place.target().objects.put("holidays.jpg", b"sea", {})

    refused = place.tried("publish", versions[0])

    assert isinstance(refused, PublishRefused)
    assert 'it holds files that were not published from here ("holidays.jpg")' in str(refused)
    assert place.stored() == {"holidays.jpg"}
    assert Place(seaweed, "strange", adopts=True).publish(versions[0]).status is Status.PUBLISHED


def test_the_bucket_of_another_site_is_refused(seaweed, versions):
    Place(seaweed, "another").publish(versions[0])

    refused = Place(seaweed, "another", site_url="https://elsewhere.example.org").tried("publish", versions[1])

    assert isinstance(refused, PublishRefused)
    assert f"this is where {SITE} is published" in str(refused)


@pytest.mark.parametrize("part", ["the register", "a manifest"])
def test_what_a_newer_version_wrote_is_refused(part, seaweed, versions):
    place = Place(seaweed, f"newer-{part[-8:]}")
    place.publish(versions[0])
    make_newer(place, part)
    before = place.stored()

    refused = place.tried("publish", versions[1])

    assert isinstance(refused, PublishRefused)
    assert "is of version 2; this program knows version 1" in str(refused)
    assert place.stored() == before


def make_newer(place: Place, part: str) -> None:
    import gzip
    import hashlib
    import json

    target = place.target()
    found = target.objects.get(STATE_KEY)
    assert found is not None
    register = json.loads(found.data)
    if part == "the register":
        register["format"] = 2
    else:
        body = json.dumps({"format": 2}).encode()
        register["releases"][-1]["manifest"] = digest = hashlib.sha256(body).hexdigest()
        target.objects.put(f"{MANIFESTS}/{digest}", gzip.compress(body), {})
    target.objects.put(STATE_KEY, json.dumps(register).encode(), {})


@pytest.mark.parametrize("harm", ["gone", "changed"])
def test_a_part_of_the_manifest_that_is_gone_or_changed_is_named(harm, seaweed, versions):
    place = Place(seaweed, f"harmed-{harm}")
    place.publish(versions[0])
    shards = [key for key in place.stored() if key.startswith(SHARDS)]
    for shard in shards:
        if harm == "gone":
            place.target().objects.delete([shard])
        else:
            place.target().objects.put(shard, b"something else", {})

    refused = place.tried("publish", versions[1])

    assert isinstance(refused, PublishRefused)
    assert any(f"{shard}: this part of the manifest " in str(refused) for shard in shards)


def test_a_full_store_is_reported_and_readers_keep_what_they_had(versions, tmp_path):
    with running_seaweed(tmp_path / "store", "-volume.max=8") as server:
        server.bucket(BUCKET)
        place = Place(server, "crowded", tuning=RetryPolicy(parallel=4, attempts=3, patience_s=20, backoff_s=0.2))
        place.publish(versions[0])
        place.fill()

        stopped = place.tried("publish", versions[1])

        assert isinstance(stopped, PublishFailed)
        assert "Has it room left" in str(stopped)
        assert crawl(place.public, versions_of(versions[0].manifest, versions[1].manifest)).wrong == []


@pytest.mark.parametrize("off", ["+1h", "-1h"])
def test_a_clock_that_is_off_by_an_hour_is_named_or_does_not_matter(off, seaweed, versions):
    place = Place(seaweed, f"clock{off[0]}".replace("+", "-fast").replace("--", "-slow"))
    place.publish(versions[0])

    status, text = ended(started(place, versions[1].output, str(debian_program("faketime", "faketime")), "-f", off))

    if status == 0:
        assert list(place.wrong(versions[1])) == []
    else:
        assert status == 30, text
        assert "clock differs from the store's" in text


@pytest.mark.parametrize("off", ["+1h", "-1h"])
def test_when_a_lock_expires_does_not_depend_on_the_publishers_clock(off, seaweed, versions, proxy):
    place = Place(seaweed, f"lease{off.replace('+', '-fast').replace('-1', '-slow')}")
    place.publish(versions[0])
    proxy.begin(faults.cut_off_from(40))
    place.tried("publish", versions[1], proxy.address)

    status, text = ended(started(place, versions[2].output, str(debian_program("faketime", "faketime")), "-f", off))

    assert status in (20, 30), text
    assert "is publishing here" in text or "clock differs" in text
