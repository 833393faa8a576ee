"""The settings of publishing, and what is reported where they are wrong."""

from __future__ import annotations

import pytest

from openknowledge.publish.errors import PublishRefused
from openknowledge.publish.settings import PublishSettings, load_settings

PLAIN = {
    "SITEURL": "https://openknowledge.example.edu",
    "OUTPUT_PATH": "output",
    "CACHE_PATH": ".cache",
    "PUBLISH_TARGET": {"kind": "directory", "path": "/srv/www"},
}


def problems_of(environment: dict[str, str] | None = None, **changed) -> list[str]:
    with pytest.raises(PublishRefused) as caught:
        PublishSettings.from_pelican({**PLAIN, **changed}, environment or {})
    return [f"{problem.path}: {problem.field}: {problem.message}" for problem in caught.value.problems]


def test_a_missing_setting_has_its_default():
    settings = PublishSettings.from_pelican(PLAIN, {"PUBLISH_CDN_TOKEN": "t", "HOME": "/root"})

    assert (settings.grace_h, settings.releases, settings.encoding, settings.public_url) == (
        24,
        10,
        "gzip",
        PLAIN["SITEURL"],
    )
    assert settings.secrets == {"PUBLISH_CDN_TOKEN": "t"}


def test_all_wrong_settings_are_reported_at_once():
    assert problems_of(
        SITEURL="example.edu",
        PUBLISH_TARGET={"kind": "s3", "bukket": "site"},
        PUBLISH_CDN={"kind": "cloudfare"},
        PUBLISH_ENCODING="zip",
        PUBLISH_RELEASES=0,
    ) == [
        'publishconf.py: PUBLISH_CDN: "cloudfare" is no kind of it',
        "publishconf.py: PUBLISH_ENCODING: is unknown",
        "publishconf.py: PUBLISH_RELEASES: is no such number",
        'publishconf.py: PUBLISH_TARGET["bucket"]: is missing or empty',
        'publishconf.py: PUBLISH_TARGET["bukket"]: is unknown',
        "publishconf.py: SITEURL: is no address",
        "the environment: PUBLISH_ACCESS_KEY: is not set",
        "the environment: PUBLISH_SECRET_KEY: is not set",
    ]


def test_a_slip_in_a_kind_is_guessed():
    with pytest.raises(PublishRefused, match='did you mean "cloudflare"'):
        PublishSettings.from_pelican({**PLAIN, "PUBLISH_CDN": {"kind": "cloudfare"}}, {})


def test_without_a_target_nothing_is_published():
    settings = {name: value for name, value in PLAIN.items() if name != "PUBLISH_TARGET"}

    with pytest.raises(PublishRefused, match="PUBLISH_TARGET: is missing"):
        PublishSettings.from_pelican(settings, {})


WRONG_OPTIONS = [
    ("s3", "bucket", ["my bucket", "a/b", "-x", "..", "a" * 64, "https://x"]),
    ("s3", "prefix", ["../x", "a/../b", "a b", "a//b"]),
    (
        "s3",
        "endpoint",
        ["s3.example.edu", "ftp://x", "https://", "http://[x", "https://x:99999", "https://a b", "http://-x"],
    ),
    ("ssh", "host", ["a b", "-oProxyCommand=x", "me@host", "a\nb", "a/b"]),
    ("ssh", "user", ["-x", "a b", "me@"]),
    ("ssh", "port", ["0", "65536", "x", "-1", "22 23"]),
    ("ssh", "path", ["web", "-x", "/a\nb"]),
    (
        "git",
        "remote",
        ["--upload-pack=x", "ext::sh -c x", "fd::17", "-x", "git@-x:y", "ssh://-oProxyCommand=x/y", "ftp://x/y"],
    ),
    ("git", "branch", ["-x", "a..b", "a b", "x.lock", "a:b", "x/"]),
    ("git", "register", ["refs/-x", "heads/x", "refs/a b"]),
    ("git", "host", ["elsewhere"]),
]
RIGHT_OPTIONS = [
    ("s3", "bucket", ["site", "my.site-1", "Site_2"]),
    ("s3", "prefix", ["", "a", "a/b", "/a/b/", ".well/x"]),
    ("s3", "endpoint", ["http://127.0.0.1:9000", "https://s3.example.edu", "https://[::1]:9000/x"]),
    ("ssh", "host", ["www", "www.example.edu", "10.0.0.1", "::1", "fe80::1%eth0"]),
    ("ssh", "port", ["22", 65535]),
    (
        "git",
        "remote",
        [
            "origin",
            "https://x/y.git",
            "git@host:x/y.git",
            "../my site.git",
            "/srv/x.git",
            "ssh://git@h:22/x",
            "file:///x",
        ],
    ),
    ("git", "branch", ["pages", "gh-pages", "a/b"]),
    ("git", "register", ["refs/heads/register"]),
]
REQUIRED = {"s3": {"bucket": "site"}, "ssh": {"host": "www", "path": "/srv"}}
REQUIRED["git"] = {"remote": "origin", "branch": "pages", "host": "github"}
SECRETS = {"PUBLISH_ACCESS_KEY": "x", "PUBLISH_SECRET_KEY": "x"}


@pytest.mark.parametrize(
    ("kind", "option", "value"), [(kind, option, value) for kind, option, values in WRONG_OPTIONS for value in values]
)
def test_an_option_that_cannot_be_right_is_a_wrong_setting(kind, option, value):
    target = {"kind": kind, **REQUIRED[kind], option: value}

    (problem,) = problems_of(SECRETS, PUBLISH_TARGET=target)

    assert problem.startswith(f'publishconf.py: PUBLISH_TARGET["{option}"]: "')


@pytest.mark.parametrize(
    ("kind", "option", "value"), [(kind, option, value) for kind, option, values in RIGHT_OPTIONS for value in values]
)
def test_an_option_that_can_be_right_is_taken(kind, option, value):
    target = {"kind": kind, **REQUIRED[kind], option: value}

    assert PublishSettings.from_pelican({**PLAIN, "PUBLISH_TARGET": target}, SECRETS).target[option] == str(value)


@pytest.mark.parametrize("name", ["SITEURL", "PUBLISH_READ_BACK_URL", "PUBLISH_PREVIEW_URL"])
@pytest.mark.parametrize(
    "url", ["example.edu", "https://[x", "https://x:x", "javascript:x", "https://a b", "https://a@b"]
)
def test_an_address_that_cannot_be_parsed_is_a_wrong_setting(name, url):
    assert problems_of(**{name: url}) == [f"publishconf.py: {name}: is no address"]


def test_a_wrong_setting_is_named_with_its_line(tmp_path):
    (tmp_path / "publishconf.py").write_text(
        'SITEURL = "https://example.edu"\nPUBLISH_TARGET = {\n    "kind": "ssh",\n    "path": "/srv",\n'
        '    "host": "-oProxyCommand=x",\n}\nPUBLISH_GRACE_H = -1\n'
    )
    with pytest.raises(PublishRefused) as caught:
        load_settings(tmp_path, {})

    assert [(problem.line, problem.field) for problem in caught.value.problems] == [
        (5, 'PUBLISH_TARGET["host"]'),
        (7, "PUBLISH_GRACE_H"),
    ]


@pytest.mark.parametrize(("text", "line"), [("x = 1\nif:\n", 2), ("x = 1\ny = 1 / 0\n", 2)])
def test_settings_that_python_cannot_read_are_named_with_their_line(tmp_path, text, line):
    (tmp_path / "publishconf.py").write_text(text)

    with pytest.raises(PublishRefused) as caught:
        load_settings(tmp_path, {})

    assert [problem.line for problem in caught.value.problems] == [line]
