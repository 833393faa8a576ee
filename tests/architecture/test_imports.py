"""Who may import whom: the diagram of docs/architecture.md, held against the code."""

from __future__ import annotations

import importlib
import subprocess
import sys

from tests.architecture.modules import PACKAGE, Module, is_in, modules

ALLOWED = {
    # The shape of a run: where a plugin plugs in, and the tasks that read Pelican's settings.
    "pelican": (
        "addresses",
        "addresses.generator",
        "assets",
        "assets.generator",
        "catalogue",
        "catalogue.check",
        "catalogue.generator",
        "counters",
        "counters.generator",
        "editorial.building",
        "editorial.new",
        "feeds",
        "feeds.generator",
        "incremental",
        "incremental.report",
        "incremental.writer",
        "publish.reading_settings",
        "search",
        "search.generator",
    ),
    # Signals between plugins.
    "blinker": ("addresses.generator", "catalogue.generator", "counters", "output"),
    "jinja2": (
        "catalogue.bytecode",
        "catalogue.closure",
        "catalogue.environment",
        "catalogue.generator",
        "catalogue.once",
        "catalogue.rendering",
        "catalogue.templates",
        "catalogue.words",
    ),
    "markupsafe": ("catalogue.environment",),
    # Validation: records, and lengths such as PT27M1S, which pydantic reads as the standard has them.
    "brotli": ("incremental.compressing",),
    "pydantic": ("catalogue.parse", "connectors.youtube.rows"),
    "yaml": ("catalogue.frontmatter",),
    # The two readers of Markdown; nothing imports them before a text is read.
    "markdown": ("catalogue.dialect.standard",),
    "pyromark": ("catalogue.dialect.fast",),
    "nh3": ("catalogue.prose",),
    "linkify_it": ("catalogue.plain_text",),
    "PIL": ("catalogue.checks",),
    # What languages are called and how they write: the interface, and codes that come from outside.
    "babel": (
        "catalogue.checks",
        "catalogue.environment",
        "catalogue.language",
        "catalogue.numbers.wording",
        "catalogue.words",
        "connectors.youtube.rows",
        "editorial.messages",
    ),
    "unidecode": ("connectors.youtube.slugs",),
    "feedgen": ("feeds.",),
    "rich": ("catalogue.check", "catalogue.generator", "catalogue.progress", "publish.progress"),
    "playwright": ("browser.",),
    "watchfiles": ("editorial.following",),
    # One build at a time in a folder; other people's machines.
    "filelock": ("catalogue.reading_cache", "incremental.run", "publish.targets.git_store"),
    "distributed": ("executors.cluster",),
    # Stores, caches and what readers get: publishing alone talks to anybody.
    "obstore": ("publish.targets.",),
    "httpx": ("publish.answers", "publish.purging.", "publish.reading_back", "publish.targets.public_state"),
    "httpx_auth": ("publish.purging.cloudfront",),
    "tenacity": ("publish.purging.", "publish.targets."),
}
"""Packages from elsewhere, and the modules that may import them; a final dot means all below."""

LAYERS = (
    ("model.", "problems"),
    (
        "summary",
        "routes",
        "covers.",
        "addresses",
        "frontmatter",
        "plain_text",
        "dialect.",
        "prose",
        "tree",
        "reading_cache",
        "entries",
    ),
    ("links", "parse", "views.base", "views.pages"),
    ("language", "references", "checks", "texts", "documents", "snapshots", "differences"),
    ("numbers.", "once", "environment", "bytecode", "closure", "words", "rendering", "views."),
    ("kinds.",),
    ("facts", "questions", "fingerprint", "reading", "finding", "templates", "columns", "sound"),
    ("asking", "site", "settings", "library"),
    ("progress", "assemble", "pages"),
    ("generator", "check"),
    ("",),
)
"""The catalogue from left to right: at run time a module imports those of its own layer and to the left of it."""

OPEN_TO_OTHERS = {
    "addresses": (
        "catalogue.addresses",
        "catalogue.fingerprint",
        "catalogue.frontmatter",
        "catalogue.model.",
        "catalogue.parse",
        "catalogue.problems",
        "catalogue.routes",
        "catalogue.site",
        "catalogue.views.base",
        "catalogue.views.forwards",
    ),
    "assets": ("catalogue.problems", "catalogue.site"),
    "browser": (),
    "connectors": (
        "catalogue.frontmatter",
        "catalogue.model.",
        "catalogue.plain_text",
        "catalogue.problems",
        "catalogue.snapshots",
    ),
    "counters": ("catalogue.language", "catalogue.model.", "catalogue.site", "catalogue.views.base"),
    "editorial": ("catalogue.checks", "catalogue.kinds.", "catalogue.model.", "catalogue.parse", "catalogue.problems"),
    "feeds": ("catalogue.model.", "catalogue.problems", "catalogue.site", "catalogue.summary"),
    "incremental": (
        "catalogue.fingerprint",
        "catalogue.problems",
        "catalogue.reading_cache",
        "catalogue.rendering",
        "catalogue.site",
        "catalogue.sound",
        "catalogue.tree",
    ),
    "publish": ("catalogue.problems", "incremental.sources"),
    "search": (
        "catalogue.language",
        "catalogue.model.",
        "catalogue.plain_text",
        "catalogue.problems",
        "catalogue.site",
        "catalogue.summary",
        "catalogue.views.base",
    ),
}
"""What each plugin may know of the catalogue; of any other sibling it knows nothing, but for publishing: it tells
editors in which file of theirs a link is written, and the last build alone knows that."""

FOR_TYPES = ("catalogue.site", "catalogue.views.base")
"""What they may know by name alone: they are handed such values, and need nothing of them to begin."""

COMMON = ("executors", "forwarding", "frozen", "manifest", "media_types", "output", "parts", "products", "questions")
"""Modules and folders that belong to no plugin."""

CHANCE = (
    "catalogue.reading_cache",
    "publish.purging.cloudfront",
    "publish.targets.directory",
    "publish.targets.git_release",
    "publish.targets.lease",
    "publish.targets.register",
    "publish.targets.ssh",
)
"""The cache's index and its file of blobs share a number that no others have, as do versions of a target's register,
locks and purges that may be asked twice; no page depends on it."""

READERS = (
    "catalogue.bytecode",
    "catalogue.check",
    "catalogue.checks",
    "catalogue.dialect.fingerprint",
    "catalogue.fingerprint",
    "catalogue.frontmatter",
    "catalogue.generator",
    "catalogue.numbers.reading",
    "catalogue.pages",
    "catalogue.reading",
    "catalogue.reading_cache",
    "catalogue.snapshots",
    "catalogue.tree",
    "catalogue.words",
)
"""The only modules of the catalogue that may open files."""

CLOCKS = ("catalogue.settings", "catalogue.tree", "editorial.", "incremental.", "output", "parts", "publish.")
"""The build's date is read in the settings; files that have just changed may change again; tasks tell the time; a
publication waits for others and tells how long it took."""

FILES = ("open", "read_text", "read_bytes", "write_text", "write_bytes", "glob", "rglob", "iterdir", "urlopen")
TIMES = ("now", "today", "utcnow", "time", "time_ns", "monotonic", "perf_counter", "localtime")
LONGEST_MODULE = 300
LONGEST_FUNCTION = 40

ALL = modules()


CATALOGUE = tuple(one for one in ALL if one.plugin == "catalogue")
PLUGINS = tuple(one for one in ALL if one.plugin not in ("", "catalogue", *COMMON))


def known(name: str) -> str:
    """The module that an imported name stands in: `catalogue.site` for `catalogue.site.Site`."""
    names = {module.name for module in ALL}
    while name and name not in names:
        name = name.rpartition(".")[0]
    return name


def targets(module: Module, *, at_run_time: bool = False) -> set[str]:
    """The modules of the package that a module imports."""
    found = {known(name) for name, is_for_types in module.inside() if not (at_run_time and is_for_types)}
    return found - {"", module.name}


def layer(name: str) -> int:
    """The layer that names the module or a folder above it; the longest name wins."""
    fits = [(len(place), number) for number, row in enumerate(LAYERS) for place in row if is_in(name, (place,))]
    return max(fits)[1]


def test_every_place_in_the_tables_exists() -> None:
    names = {module.name for module in ALL}
    rows = (*ALLOWED.values(), *OPEN_TO_OTHERS.values(), READERS, CLOCKS)
    rows += tuple(tuple(f"catalogue.{place}" if place else "catalogue" for place in row) for row in LAYERS)
    places = {place for row in rows for place in row}

    assert sorted(one for one in places if not any(is_in(name, (one,)) for name in names)) == []


def test_packages_from_elsewhere_are_imported_only_where_they_belong() -> None:
    used = {(one.top, module.name) for module in ALL for one in module.imports}
    elsewhere = {(top, name) for top, name in used if top not in sys.stdlib_module_names and top != PACKAGE}

    assert sorted((top, name) for top, name in elsewhere if not is_in(name, ALLOWED.get(top, ()))) == []
    assert {top for top, _ in elsewhere} == set(ALLOWED)


def test_the_model_needs_the_standard_library_alone() -> None:
    model = [one for one in CATALOGUE if is_in(one.name, ("catalogue.model.",))]

    assert {one.top for module in model for one in module.imports} <= {*sys.stdlib_module_names, PACKAGE}
    assert {target for module in model for target in targets(module)} <= {"frozen", *(module.name for module in model)}


def test_the_catalogue_imports_only_to_the_left() -> None:
    wrong = []
    for module in CATALOGUE:
        own = module.name.removeprefix("catalogue").lstrip(".")
        for target in targets(module, at_run_time=True):
            inner = target.removeprefix("catalogue").lstrip(".")
            if target.startswith("catalogue") and layer(inner) > layer(own):
                wrong.append(f"{own} imports {inner}")

    assert wrong == []


def test_the_catalogue_knows_no_plugin() -> None:
    found = {(module.name, target) for module in CATALOGUE for target in targets(module)}

    assert sorted(pair for pair in found if pair[1].partition(".")[0] not in ("catalogue", *COMMON)) == []


def test_a_plugin_knows_of_its_siblings_only_what_is_open_to_it() -> None:
    assert {one.plugin for one in PLUGINS} == set(OPEN_TO_OTHERS), "each plugin has a line in OPEN_TO_OTHERS"
    wrong = [
        f"{module.name} imports {target}"
        for module in PLUGINS
        for target in targets(module)
        if target.partition(".")[0] not in (module.plugin, *COMMON) and not is_in(target, OPEN_TO_OTHERS[module.plugin])
    ]

    assert wrong == []


def test_a_plugin_needs_no_site_before_it_is_handed_one() -> None:
    found = {(module.name, target) for module in PLUGINS for target in targets(module, at_run_time=True)}

    assert sorted(pair for pair in found if is_in(pair[1], FOR_TYPES)) == []


def test_what_belongs_to_no_plugin_knows_none() -> None:
    common = [one for one in ALL if one.plugin in COMMON]
    found = {(module.name, target) for module in common for target in targets(module, at_run_time=True)}

    assert {one.plugin for one in common} == set(COMMON)
    assert sorted(pair for pair in found if pair[1].partition(".")[0] not in COMMON) == []


def test_nobody_imports_settings_or_anothers_generator_or_writer() -> None:
    wrong = [
        f"{module.name} imports {target}"
        for module in ALL
        for target in targets(module)
        if target.endswith((".generator", ".writer")) and target.partition(".")[0] != module.plugin
    ]

    assert wrong == []
    assert not {"pelicanconf", "publishconf", "tasks"} & {one.top for module in ALL for one in module.imports}


def called(module: Module, names: tuple[str, ...]) -> list[str]:
    """The calls in a module of functions or methods with these names."""
    return [f"{module.name}: {call}" for call in module.calls() if call.rpartition(".")[2] in names]


def test_only_readers_open_files() -> None:
    assert [call for module in CATALOGUE if not is_in(module.name, READERS) for call in called(module, FILES)] == []


def test_nobody_asks_a_clock_below_the_settings() -> None:
    calls = [call for module in ALL if not is_in(module.name, CLOCKS) for call in called(module, TIMES)]

    assert [call for call in calls if "." in call.partition(": ")[2]] == []


def test_nothing_depends_on_chance_or_the_machine() -> None:
    used = {(one.top, module.name) for module in ALL for one in module.imports}

    assert (
        sorted(one for one in used if one[0] in ("random", "secrets", "uuid", "locale") and one[1] not in CHANCE) == []
    )


def test_no_module_is_long() -> None:
    assert [(module.name, module.lines) for module in ALL if module.lines > LONGEST_MODULE] == []


def test_no_function_is_long() -> None:
    functions = ((module.name, name, lines) for module in ALL for name, lines in module.functions())

    assert [one for one in functions if one[2] > LONGEST_FUNCTION] == []


def test_every_module_can_be_imported_on_its_own() -> None:
    names = [f"{PACKAGE}.{one.name}".rstrip(".") for one in ALL if not one.name.endswith("__main__")]
    done = subprocess.run([sys.executable, "-c", ALONE, *names], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (0, ""), done.stderr


ALONE = """
import importlib, sys
for name in sys.argv[1:]:
    for loaded in [one for one in sys.modules if one.partition(".")[0] == "openknowledge"]:
        del sys.modules[loaded]
    try:
        importlib.import_module(name)
    except ImportError as error:
        print(name, error)
"""


def test_the_table_is_of_the_package_that_is_installed() -> None:
    package = importlib.import_module(PACKAGE)

    assert package.__file__ is not None
    assert {str(one.path.parent) for one in ALL if one.name == ""} == {str(package.__file__).rpartition("/")[0]}
