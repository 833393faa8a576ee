"""Who may import whom: the diagram of docs/architecture.md, held against the code."""

from __future__ import annotations

import importlib
import sys

from tests.architecture.modules import PACKAGE, Module, is_in, modules

ALLOWED = {
    # The shape of a run: where a plugin plugs in, and the tasks that read Pelican's settings.
    "pelican": (
        "assets.generator",
        "assets.page_weight",
        "catalogue",
        "catalogue.check_command",
        "catalogue.generator",
        "catalogue.plugin",
        "catalogue.site_generator",
        "connectors.settings",
        "discovery.generator",
        "preview.builder",
        "editing.loading",
        "editing.new",
        "editing.terminal",
        "engine",
        "engine.pelican_writer",
        "publish.settings",
    ),
    # Signals between plugins.
    "blinker": (
        "catalogue.generator",
        "counters",
        "engine.atomic_files",
        "redirects.generator",
        "share_pictures",
        "structured_data",
    ),
    "jinja2": (
        "catalogue.generator",
        "rendering.render",
        "rendering.template_digests",
        "rendering.text_templates",
    ),
    "markupsafe": ("rendering.render",),
    # Validation: records and deploy states.
    "brotli": ("engine.precompress", "structured_data.script_text"),
    "pydantic": ("content.frontmatter", "publish.release"),
    "yaml": ("content.located_yaml", "content.yaml_mistakes", "editing.source_text"),
    # The two readers of Markdown; nothing imports them before a text is read.
    "markdown": ("content.markdown.",),
    "pygments": ("content.markdown.highlighting",),
    "webvtt": ("content.captions",),
    "pyromark": ("content.markdown.fast",),
    "math_core": ("content.markdown.formulas",),
    "nh3": (
        "content.markdown.formulas",
        "content.markdown.diagrams",
        "content.markdown.render",
        "connectors.multilang",
    ),
    "linkify_it": ("content.plain_text",),
    "Stemmer": ("search.words",),
    "PIL": ("content.pictures", "discovery.icons", "share_pictures."),
    "resvg_py": ("discovery.icons", "share_pictures.drawing"),
    "py_svg_hush": ("content.media_files",),
    # What languages are called, how they write and sort, and how their codes are spelled.
    "babel": ("language_tags", "rendering.render", "rendering.locale", "editing.extract_messages"),
    "langcodes": ("language_tags",),
    "pyuca": ("rendering.collation",),
    "anyascii": ("connectors.slugs", "content.name_patterns", "editing.new"),
    "feedgen": ("feeds.",),
    "icalendar": ("feeds.calendars",),
    "feedparser": ("connectors.youtube.feed",),
    "rich": (
        "catalogue.check_command",
        "catalogue.generator",
        "connectors.command",
        "progress",
        "publish.result",
    ),
    "playwright": ("browser.",),
    "watchfiles": ("preview.watcher",),
    # One build at a time in a folder; other people's machines.
    "filelock": (
        "connectors.source_sync",
        "content.parse_cache",
        "engine.file_transaction",
        "engine.renewal",
        "engine.session",
        "publish.targets.git_repo",
    ),
    "distributed": ("engine.workers.dask_pool",),
    # Stores, caches, what readers get, and platforms: publishing and connectors alone talk to anybody.
    "obstore": ("publish.targets.",),
    "httpcore": ("connectors.deadline",),
    "httpx": ("connectors.", "publish.cdn", "publish.http_client", "publish.verify", "publish.targets.static_host"),
    "httpx_auth": ("connectors.", "publish.cdn"),
    "tenacity": ("connectors.", "publish.cdn", "publish.targets."),
}
"""Packages from elsewhere, and the modules that may import them; a final dot means all below."""

ROOMS = (
    (
        "fast_pickle",
        "problems",
        "manifest",
        "media_types",
        "url_paths",
        "progress",
        "invisible_text",
        "language_tags",
        "project_files",
        "output_paths",
        "forge_text",
    ),
    ("model",),
    ("engine",),
    ("content",),
    ("rendering",),
    ("catalogue",),
    ("redirects", "feeds", "search", "counters", "assets", "discovery", "share_pictures", "structured_data"),
    ("preview", "editing", "connectors", "browser", "serving"),
    ("publish",),
)
"""The rooms from the ground up. A module imports its own room and the rows below it, also for types.

Modules of the first row stand on the ground and may import each other.
"""

CHANCE = (
    "content.parse_cache",
    "publish.cdn",
    "publish.targets.git",
    "publish.targets.lease",
    "publish.targets.object_client",
)
"""Where random numbers are drawn: the cache's index and its file of blobs share one, as do versions of a deploy state,
leases and repeated purges. No page depends on it."""

READERS = (
    "rendering.render",
    "catalogue.check_command",
    "content.checks",
    "content.link_locations",
    "engine.digest",
    "content.frontmatter",
    "catalogue.generator",
    "content.channel_numbers",
    "content.numbers",
    "content.picture_table",
    "content.pictures",  # From memory.
    "content.read_item",
    "content.parse_cache",
    "content.snapshots",
    "engine.build_inputs",
    "rendering.locale",
)
"""The only modules of the catalogue that may open files."""

OTHER_FILES = (
    *("assets.page_places", "assets.page_weight"),  # What was built.
    "content.parse_cache",
    "content.read_item",  # The code of other packages' kinds.
    "rendering.render",  # Compiled templates.
    "redirects.resolver",  # Published addresses, which settings name.
    "redirects.generator",
    "redirects.table",  # output/.
    "connectors.recording",  # .cache/sync/.
    "connectors.settings",  # Where a source is in its file.
    "connectors.youtube.dump",
    "connectors.youtube.flat_dump",
)
"""The modules that read what is neither content nor theme."""

CLOCKS = (
    "connectors.command",  # The day of a sync.
    "connectors.deadline",  # How long a platform takes.
    "connectors.http_client",  # Waits for platforms.
    "catalogue.settings",
    "engine.build_inputs",
    "editing.new",
    "preview.",
    "engine.",
    "publish.",
)
"""The build's date is read in the settings; files that have just changed may change again; tasks tell the time; a
publication waits for others and tells how long it took."""

FILES = ("open", "read_text", "read_bytes", "write_text", "write_bytes", "glob", "rglob", "iterdir", "urlopen")
TIMES = ("now", "today", "utcnow", "time", "time_ns", "monotonic", "perf_counter", "localtime")
LONGEST_MODULE = 500
LONGEST_FUNCTION = 40


def known(name: str) -> str:
    """The module that an imported name stands in: `catalogue.site` for `catalogue.site.Site`."""
    names = {module.name for module in modules()}
    while name and name not in names:
        name = name.rpartition(".")[0]
    return name


def targets(module: Module) -> set[str]:
    """Return the modules of the package that `module` imports, for types or at run time."""
    return {known(name) for name, _ in module.inside()} - {"", module.name}


def row(name: str) -> int:
    """Return the number of the row of `ROOMS` in which a module's room stands."""
    return next(number for number, rooms in enumerate(ROOMS) if name.partition(".")[0] in rooms)


def test_every_place_in_the_tables_exists() -> None:
    names = {module.name for module in modules()}
    tables = (*ALLOWED.values(), READERS, CLOCKS, CHANCE, *ROOMS)
    places = {place for table in tables for place in table}

    assert sorted(one for one in places if not any(is_in(name, (one,)) for name in names)) == []


def test_packages_from_elsewhere_are_imported_only_where_they_belong() -> None:
    used = {(one.top, module.name) for module in modules() for one in module.imports}
    elsewhere = {(top, name) for top, name in used if top not in sys.stdlib_module_names and top != PACKAGE}

    assert sorted((top, name) for top, name in elsewhere if not is_in(name, ALLOWED.get(top, ()))) == []
    assert {top for top, _ in elsewhere} == set(ALLOWED)


def test_the_model_needs_the_standard_library_alone() -> None:
    model = [module for module in modules() if module.plugin == "model"]

    assert {one.top for module in model for one in module.imports} <= {*sys.stdlib_module_names, PACKAGE}
    assert {target for module in model for target in targets(module)} <= {
        "fast_pickle",
        "invisible_text",
        "problems",
        *(module.name for module in model),
    }


def test_every_module_has_a_room() -> None:
    rooms = {room for rooms in ROOMS for room in rooms}

    assert sorted(module.name for module in modules() if module.name and module.plugin not in rooms) == []


def test_no_room_imports_one_above_it() -> None:
    arrows = {(module.name, target) for module in modules() if module.name for target in targets(module)}

    assert sorted(arrow for arrow in arrows if row(arrow[1]) > row(arrow[0])) == []


def reachable(name: str, graph: dict[str, set[str]]) -> set[str]:
    """Return the modules that a module imports, and those that they import, and so on."""
    seen: set[str] = set()
    waiting = {name}
    while waiting:
        waiting = {target for module in waiting for target in graph.get(module, ())} - seen
        seen |= waiting
    return seen


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = {module.name: targets(module) for module in modules()}
    below = {name: reachable(name, graph) for name in graph}
    circles = {frozenset(other for other in below[name] if name in below[other]) for name in graph} - {frozenset()}

    assert sorted(sorted(circle) for circle in circles) == []


def test_no_plugin_imports_its_neighbour() -> None:
    arrows = {(module.name, target) for module in modules() if module.name for target in targets(module)}
    beside = [arrow for arrow in arrows if row(arrow[0]) == row(arrow[1]) > 0]

    assert sorted(arrow for arrow in beside if arrow[0].partition(".")[0] != arrow[1].partition(".")[0]) == []


def test_nobody_imports_settings_or_anothers_generator_or_writer() -> None:
    wrong = [
        f"{module.name} imports {target}"
        for module in modules()
        for target in targets(module)
        if target.endswith((".generator", ".writer")) and target.partition(".")[0] != module.plugin
    ]

    assert wrong == []
    assert not {"pelicanconf", "publishconf", "tasks"} & {one.top for module in modules() for one in module.imports}


def called(module: Module, names: tuple[str, ...]) -> list[str]:
    """The calls in a module of functions or methods with these names."""
    return [f"{module.name}: {call}" for call in module.calls(names)]


def test_only_readers_open_files() -> None:
    inner = [module for module in modules() if module.plugin in ("model", "content", "rendering", "catalogue")]

    assert [call for module in inner if not is_in(module.name, READERS) for call in called(module, FILES)] == []


def test_content_and_theme_are_read_through_one_function() -> None:
    rooms = ("content", "rendering", "catalogue", "redirects", "feeds", "search", "counters", "assets", "connectors")
    inner = [module for module in modules() if module.plugin in rooms and not is_in(module.name, OTHER_FILES)]

    assert [call for module in inner for call in called(module, ("read_text", "read_bytes"))] == []


def test_nobody_asks_a_clock_below_the_settings() -> None:
    calls = [call for module in modules() if not is_in(module.name, CLOCKS) for call in called(module, TIMES)]

    assert [call for call in calls if "." in call.partition(": ")[2]] == []


def test_nothing_depends_on_chance_or_the_machine() -> None:
    used = {(one.top, module.name) for module in modules() for one in module.imports}

    assert (
        sorted(one for one in used if one[0] in ("random", "secrets", "uuid", "locale") and one[1] not in CHANCE) == []
    )


def test_no_module_is_long() -> None:
    assert [(module.name, module.lines) for module in modules() if module.lines > LONGEST_MODULE] == []


def test_no_function_is_long() -> None:
    functions = ((module.name, name, lines) for module in modules() for name, lines in module.functions())

    assert [one for one in functions if one[2] > LONGEST_FUNCTION] == []


def test_the_table_is_of_the_package_that_is_installed() -> None:
    package = importlib.import_module(PACKAGE)

    assert package.__file__ is not None
    assert {str(one.path.parent) for one in modules() if one.name == ""} == {str(package.__file__).rpartition("/")[0]}
