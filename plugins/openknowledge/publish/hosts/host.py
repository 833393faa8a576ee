"""The hosts of static sites and their documented limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["HOSTS", "Host"]

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Host:
    """A host and its documented limits, None where it names no number.

    `serves_compressed`: it sends the compressed files that lie beside a file; other hosts compress themselves.
    `precedence` says what answers where a file and a redirect have the same address: the `redirect`, or the `file`.
    """

    name: str
    title: str
    has_headers: bool = False
    has_redirects: bool = False
    matches_queries: bool = False
    serves_gone: bool = False
    serves_compressed: bool = False
    precedence: str = "file"
    max_files: int | None = None
    max_file_b: int | None = None
    max_site_b: int | None = None
    max_header_rules: int | None = None
    max_header_line: int | None = None
    max_redirects: int | None = None
    max_redirect_line: int | None = None
    max_redirects_b: int | None = None


KNOWN = (
    # developers.cloudflare.com/pages/platform/limits/, …/configuration/headers/ and …/redirects/: the free
    # plan. Of 2,100 redirects 100 may have placeholders; ours have none.
    Host(
        "cloudflare",
        "Cloudflare Pages",
        has_headers=True,
        has_redirects=True,
        precedence="redirect",
        max_files=20_000,
        max_file_b=25 * MIB,
        max_header_rules=100,
        max_header_line=2_000,
        max_redirects=2_000,
        max_redirect_line=1_000,
    ),
    # docs.netlify.com/manage/routing/headers/ and …/redirects/overview/: no number is documented; from
    # 10,000 redirects on it advises against them.
    Host(
        "netlify",
        "Netlify",
        has_headers=True,
        has_redirects=True,
        matches_queries=True,
        serves_gone=True,
        precedence="redirect",
        max_redirects=10_000,
    ),
    # docs.gitlab.com/user/project/pages/redirects/ and …/user/gitlab_com/: gitlab.com's own settings. Files
    # and folders count alike; redirects beyond the number are not looked at.
    Host(
        "gitlab",
        "GitLab Pages",
        has_redirects=True,
        serves_compressed=True,
        max_files=200_000,
        max_site_b=1024 * MIB,
        max_redirects=1_000,
        max_redirects_b=64 * 1024,
    ),
    # docs.github.com/pages/getting-started-with-github-pages/github-pages-limits, and git's own limit there.
    Host("github", "GitHub Pages", max_file_b=100 * MIB, max_site_b=1024 * MIB),
)
HOSTS: Mapping[str, Host] = MappingProxyType({host.name: host for host in KNOWN})
