"""What publishing needs, and nothing else: the addresses that readers see."""

import os

from pelicanconf import *  # noqa: F403 (this is how Pelican's settings inherit)

SITEURL = os.environ.get("SITEURL", "https://openknowledge.example.edu")
# Servers send what is compressed already.
TWINS = True
# Platforms show a picture of a page that somebody shares: 12 ms each, once. False builds without them.
SHARE_PICTURES = True
# Whom to tell of a weakness of the site (RFC 9116), and until when that holds; nobody where it is empty.
#   {"contact": ["mailto:security@example.edu"], "expires": "2027-06-30T00:00:00Z", "policy": "https://…"}
SECURITY_TXT: dict[str, object] = {}

# Where the site is published: docs/operators.md has a chapter for each kind of target. Secrets are never written here:
# they come from the environment. This one is a folder on this machine, to try it out.
PUBLISH_TARGET = {"kind": "directory", "path": os.environ.get("PUBLISH_DIRECTORY", "published")}
# The cache in front of it that has to be told what changed: varnish, cloudflare, fastly, cloudfront, none.
PUBLISH_CDN = {"kind": "none"}
# Where every publication is read back as readers get it; SITEURL where this line is missing, nowhere if it is empty.
PUBLISH_READ_BACK_URL = os.environ.get("PUBLISH_READ_BACK_URL", "")

# What the target has, if whoever publishes fetched that: it may know of addresses that the content does not.
ADDRESSES = (*ADDRESSES, *filter(None, [os.environ.get("PUBLISHED_ADDRESSES")]))  # noqa: F405
