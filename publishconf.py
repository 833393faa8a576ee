"""What publishing needs, and nothing else: the addresses that readers see."""

import os

from pelicanconf import *  # noqa: F403 (this is how Pelican's settings inherit)

SITEURL = os.environ.get("SITEURL", "https://openknowledge.example.edu")
