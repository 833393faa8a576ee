"""Hosts that serve a folder as it is uploaded: the files that they read in it, and how much they take."""

from .host import HOSTS, Host
from .host_files import build_host_files, check_limits, unserved_redirects

__all__ = ["HOSTS", "Host", "build_host_files", "check_limits", "unserved_redirects"]
