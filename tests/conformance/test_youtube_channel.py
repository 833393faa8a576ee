"""The whole channel of the shared data, and answers that others recorded, read as the API gives them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from tests.connectors.clients import DAY
from tests.connectors.youtube_answers import UPLOADS, a_channel, an_entry, answer, facts_of
from tests.connectors.youtube_server import FakeYouTube, a_small_channel, sync

from openknowledge.connectors.source import SourceFacts, SyncFindings
from openknowledge.connectors.youtube.dump import read_dump
from openknowledge.connectors.youtube.facts import read_facts
from openknowledge.connectors.youtube.recorder import PAGE_FIELDS, READ_FIELDS, estimate_units

pytestmark = pytest.mark.conformance


def items_of(path: Path) -> list[dict[str, Any]]:
    return [item for page in json.loads(path.read_bytes()) for item in page["items"]]


def the_whole_channel(folder: Path) -> FakeYouTube:
    """Return a server's answers about the channel whose dump is in a folder."""
    playlists, entries, videos = (
        items_of(folder / f"{name}.json") for name in ("playlists", "playlistItems", "videos")
    )
    channel = a_channel(videos=str(len(videos)))
    channel["id"] = videos[0]["snippet"]["channelId"]
    served = FakeYouTube(channel, playlists, {UPLOADS: [an_entry(video["id"]) for video in videos]})
    for entry in sorted(entries, key=lambda entry: entry["snippet"]["position"]):
        served.entries.setdefault(entry["snippet"]["playlistId"], []).append(entry)
    served.videos = {video["id"]: video for video in videos}
    return served


def test_a_whole_channel_costs_the_units_of_its_pages_and_is_what_the_dump_says(
    shared_data: Path, httpserver: HTTPServer, tmp_path: Path
) -> None:
    folder = shared_data / "data/youtube"
    channel = the_whole_channel(folder)
    findings = SyncFindings()
    dumped = read_facts(read_dump(folder, DAY, findings), SourceFacts())

    done = sync(channel.serve(httpserver), tmp_path)

    assert len(dumped.rows["video"]) == 2492
    assert (done.facts.rows, done.facts.counts["video"]) == (dumped.rows, dumped.counts["video"])
    assert (findings.problems, done.findings.problems) == ([], [])
    lengths = [len(entries) for name, entries in channel.entries.items() if name != UPLOADS]
    assert done.units == len(channel.requests) == estimate_units(2492, lengths) <= 215


@pytest.mark.parametrize(("playlist", "videos", "number"), [("2", "3", 2), ("0", "0", 1)])
def test_answers_that_others_recorded_are_read(
    shared_data: Path, tmp_path: Path, playlist: str, videos: str, number: int
) -> None:
    folder = shared_data / "data/sources/youtube/mit-learn"
    channels, lists, entries, found = (
        json.loads((folder / f"{name}.json").read_bytes())
        for name in (
            "channels.list.0",
            f"playlists.list.{playlist}",
            f"playlistItems.list.{playlist}",
            f"videos.list.{videos}",
        )
    )
    channels["items"] = channels["items"][number:]
    entries.pop("nextPageToken", None)
    name = lists["items"][-1]["id"]

    facts, findings = facts_of(
        tmp_path,
        {"channels": channels, "playlists/0000": lists, f"playlistItems/{name}/0000": entries, "videos/0000": found},
    )

    assert findings.problems == []
    listed = [entry["contentDetails"]["videoId"] for entry in entries["items"]]
    assert facts.rows["playlist"][name]["videos"] == [video for video in listed if video in facts.rows["video"]]
    assert len(facts.rows["video"]) == 5
    assert facts.refused["video"] == frozenset(), "entries without a day of publication are not refused for that"


def mistakes(value: Any, schema: dict[str, Any], schemas: dict[str, Any], where: str) -> Iterator[str]:
    """Yield where a value has another type than a schema of Google's discovery document, or a field of no schema."""
    schema = schemas[schema["$ref"]] if "$ref" in schema else schema
    types = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool, "number": (int, float)}
    if not isinstance(value, types.get(schema["type"], object)):
        yield f"{where}: {value!r} is no {schema['type']}"
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from mistakes(item, schema["items"], schemas, f"{where}[{index}]")
    elif isinstance(value, dict):
        for name, part in value.items():
            if name in schema.get("properties", {}):
                yield from mistakes(part, schema["properties"][name], schemas, f"{where}.{name}")
            elif "additionalProperties" not in schema and not name.startswith("_"):
                yield f"{where}.{name} is in no schema"


def documented_schemas(shared_data: Path) -> dict[str, Any]:
    """Return the schemas of Google's discovery document."""
    found = json.loads((shared_data / "data/sources/youtube/schema/youtube.v3.read.json").read_bytes())["schemas"]
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("resource", READ_FIELDS)
def test_the_api_knows_every_field_that_is_asked_for(resource: str, shared_data: Path) -> None:
    """It refuses a request that names another one."""
    schemas = documented_schemas(shared_data)
    kind = resource[0].upper() + resource[1:].removesuffix("s")
    answer, item = (schemas[f"{kind}{end}"]["properties"] for end in ("ListResponse", ""))

    assert answer["items"]["items"]["$ref"] == kind and answer.keys() >= {*PAGE_FIELDS} and "id" in item
    for part, names in READ_FIELDS[resource].items():
        assert {*names} <= schemas[item[part]["$ref"]]["properties"].keys()


def test_what_the_tests_answer_is_what_the_api_documents(
    shared_data: Path, httpserver: HTTPServer, tmp_path: Path
) -> None:
    schemas = documented_schemas(shared_data)
    sync(a_small_channel().serve(httpserver), tmp_path)
    answers = [json.loads(response.data) for _, response in httpserver.log]
    stored = ("channels.list.hidden", "channels.list.none", "playlistItems.list.odd", "videos.list.odd", "token-loop.1")
    answers += [answer(f"youtube/{name}.json") for name in stored]

    for page in answers:
        name = page["kind"].removeprefix("youtube#")
        assert [*mistakes(page, {"$ref": name[0].upper() + name[1:]}, schemas, name)] == []
