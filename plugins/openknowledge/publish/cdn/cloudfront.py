"""CloudFront: purges by invalidations, each with a list of paths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from secrets import token_hex
from xml.sax.saxutils import escape

from httpx_auth import AWS4Auth

from ..http_client import site_path
from ..targets import ProgressCallback
from .client import ClientOptions, PurgeRequest, send_all, split_batches

__all__ = ["CloudFront"]

VERSION = "2020-05-31"
BATCH_SIZE = 3000
"""Paths that may be in progress at once in a distribution; more of them are refused for the moment."""
HINT = (
    "Do PUBLISH_CDN_ACCESS_KEY and PUBLISH_CDN_SECRET_KEY belong to a key with the permission "
    "cloudfront:CreateInvalidation for this distribution?"
)
PATIENT = ClientOptions(
    parallel=1,
    attempts=12,
    backoff_s=2.0,
    transient_markers=("TooManyInvalidationsInProgress", "Throttling", "Rate exceeded"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudFront:
    """A distribution of CloudFront's. 1,000 paths a month are free, and each further path costs half a cent.

    An invalidation takes effect about a minute after it was accepted, so verification has to wait as long.
    """

    site_url: str
    distribution: str
    access_key: str
    secret_key: str = field(repr=False)
    session_token: str = field(default="", repr=False)
    api: str = "https://cloudfront.amazonaws.com"
    options: ClientOptions = PATIENT

    def purge(self, addresses: Sequence[str], progress: ProgressCallback) -> None:
        """Purge each path by itself: a quoted path has no `*`, which would match others."""
        self._invalidate([site_path(self.site_url, address) for address in addresses], progress)

    def purge_all(self, progress: ProgressCallback) -> None:
        """Purge everything below the site's path."""
        self._invalidate([f"{site_path(self.site_url, '/')}*"], progress)

    def _invalidate(self, paths: Sequence[str], progress: ProgressCallback) -> None:
        """Send invalidations with a reference, by which a retried request is the same invalidation.

        The reference is random, because CloudFront ignores an invalidation whose paths and reference it has seen: a
        site that is rolled back and forth would not be purged the second time.
        """
        purge = token_hex(8)
        url = f"{self.api}/{VERSION}/distribution/{self.distribution}/invalidation"
        headers = {"Content-Type": "application/xml"}
        batches = split_batches(paths, BATCH_SIZE)
        requests = [PurgeRequest("POST", url, len(batch), headers, _body(batch, purge)) for batch in batches]
        token = {"security_token": self.session_token} if self.session_token else {}
        auth = AWS4Auth(self.access_key, self.secret_key, "us-east-1", "cloudfront", **token)
        send_all(requests, replace(self.options, auth=auth), progress, "CloudFront", HINT)


def _body(paths: Sequence[str], purge: str) -> bytes:
    reference = f"{purge}-{sha256(' '.join(paths).encode()).hexdigest()[:16]}"
    items = "".join(f"<Path>{escape(path)}</Path>" for path in paths)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<InvalidationBatch xmlns="http://cloudfront.amazonaws.com/doc/{VERSION}/">'
        f"<Paths><Quantity>{len(paths)}</Quantity><Items>{items}</Items></Paths>"
        f"<CallerReference>{reference}</CallerReference></InvalidationBatch>"
    ).encode()
