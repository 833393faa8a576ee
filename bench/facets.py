"""What filters cost: `python -m bench.facets --site DIR --list /en/courses/ …` looks at lists of built sites.

For each list: the bytes of the document that a browser reads once, what the first choice asks for, and how long the
main thread of Chromium works until a choice is seen. That is its own processor time (the trace's thread time) between
the click and the commit of the next frame, so other work of the machine counts little. A phone is four times as slow.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from playwright.sync_api import CDPSession, Page, sync_playwright

from bench import programs, table
from openknowledge.engine.precompress import FAST, compress
from openknowledge.preview.file_server import FileHandler, run_server

BEGIN, END = "<!-- facets:begin -->", "<!-- facets:end -->"
SLOWER = 4
"""How much slower a phone is."""
CATEGORIES = ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline"]
SETTLED_MS = 1500
WINDOWS = {"phone": (360, 740), "desktop": (1280, 800)}
Event = dict[str, Any]


class Change(NamedTuple):
    """What one choice took: processor time until it is seen and the longest task, in ms, nodes and requests."""

    seen_ms: float
    longest_ms: float
    written: int
    cards: int
    requests: int


COUNT = """() => {
  const work = window.work = { written: 0, cards: 0 };
  new MutationObserver((changes) => { for (const change of changes) {
    work.cards += [...change.addedNodes].filter((node) => node.matches?.(".listing-items li:has(> .card)")).length;
    work.written += Boolean(change.target.closest?.("facet-filter"));
  } }).observe(document.body, { subtree: true, childList: true, attributes: true });
}"""


def main(argv: Sequence[str] | None = None) -> None:
    """Measure each list and print a table."""
    parser = argparse.ArgumentParser(prog="bench.facets", description=__doc__)
    parser.add_argument("--site", action="append", required=True, type=Path, metavar="DIR", help="an output folder")
    parser.add_argument("--list", action="append", required=True, metavar="URL", help="the list of each site, in order")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--write", action="store_true", help="write the table into docs/performance.md")
    options = parser.parse_args(argv)
    rows = [row for one in zip(options.site, options.list, strict=True) for row in measure_list(*one, options.rounds)]
    head = ("list", "document, with Brotli", "window", "requests of a choice", "options written", "cards")
    text = table.format_markdown((*head, "until it is seen, CPU ÷ 4", "longest task, CPU ÷ 4"), rows)
    print(text)
    if options.write:
        table.write_into(programs.ROOT / "docs/performance.md", text, BEGIN, END)


def measure_list(site: Path, url: str, rounds: int) -> Iterator[list[str]]:
    """Yield a row for each window: medians of all choices in all rounds, and the longest task of any."""
    with sync_playwright() as playwright, run_server(partial(FileHandler, root=site)) as address:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        for name, (width, height) in WINDOWS.items():
            changes: list[Change] = []
            for _ in range(rounds):
                page = browser.new_page(viewport={"width": width, "height": height})
                page.goto(address + url)
                total = page.locator(".listing-count").inner_text()
                source = str(page.locator("facet-filter").get_attribute("data-src"))
                changes += measure_choices(page)
                page.close()
            data = (site / source.lstrip("/")).read_bytes()
            seen, _, *counts = (median(column) for column in zip(*changes, strict=True))
            longest = max(change.longest_ms for change in changes)
            size = f"{len(data) / 1000:.0f} kB, {len(compress(data, 'br', FAST)) / 1000:.0f} kB"
            requests, written, cards = (f"{counts[place]:.0f}" for place in (2, 0, 1))
            times = (f"{value * SLOWER:.0f} ms" for value in (seen, longest))
            yield [total, size, name, requests, written, cards, *times]
        browser.close()


def measure_choices(page: Page) -> Iterator[Change]:
    """Choose the first value of each filter and take it back, and yield what each took."""
    page.locator("facet-filter").dispatch_event("pointerover")
    page.wait_for_timeout(SETTLED_MS)
    filters = page.locator("facet-filter [data-facet]")
    for place in (place for place in range(filters.count()) for _ in range(2)):
        option = filters.nth(place).locator(":scope > [data-value]:not([hidden])").nth(1)
        if page.locator(".facets-summary").is_visible():
            page.locator(".facets-summary").click()
        if option.count() and option.is_visible():
            yield measure_choice(page, option.locator("a").click)


def measure_choice(page: Page, choose: Callable[[], None]) -> Change:
    """Return what a choice took when all of it is shown."""
    page.wait_for_timeout(SETTLED_MS)
    page.evaluate(COUNT)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    with_pages = trace(page.context.new_cdp_session(page), page, choose)
    work = page.evaluate("window.work")
    pages = [url for url in asked if url.endswith(("/", ".json"))]
    seen_ms, longest_ms = main_thread_ms(with_pages)
    return Change(seen_ms, longest_ms, work["written"], work["cards"], len(pages))


def trace(client: CDPSession, page: Page, choose: Callable[[], None]) -> list[Event]:
    """Return the events of the browser from before a choice until all of it is shown."""
    events: list[Event] = []
    ended: list[bool] = []
    client.on("Tracing.dataCollected", lambda part: events.extend(part["value"]))
    client.on("Tracing.tracingComplete", lambda _: ended.append(True))
    config = {"includedCategories": CATEGORIES, "excludedCategories": ["*"]}
    client.send("Tracing.start", {"traceConfig": config, "transferMode": "ReportEvents"})
    choose()
    page.wait_for_timeout(SETTLED_MS)
    client.send("Tracing.end")
    while not ended:
        page.wait_for_timeout(50)
    client.detach()
    return events


def main_thread_ms(events: Sequence[Event]) -> tuple[float, float]:
    """Return the processor time from the click to the next commit, and that of the longest task after the click."""
    click = next(
        one for one in events if one["name"] == "EventDispatch" and one["args"].get("data", {}).get("type") == "click"
    )
    thread = click["pid"], click["tid"]
    own = [one for one in events if one["ph"] == "X" and (one["pid"], one["tid"]) == thread]
    tasks = [one for one in own if one["name"] == "ThreadControllerImpl::RunTask"]
    after = [one for one in tasks if one["ts"] + one.get("dur", 0) > click["ts"]]
    commit = min(one["ts"] for one in own if one["name"] == "Commit" and one["ts"] > click["ts"])
    until = [one for one in after if one["ts"] < commit]
    return sum(one.get("tdur", 0) for one in until) / 1000, max(one.get("tdur", 0) for one in after) / 1000


if __name__ == "__main__":
    main()
