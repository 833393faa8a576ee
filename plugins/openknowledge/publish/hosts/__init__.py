"""Hosts that serve a folder as it is given to them: what they read in it, and how much they take."""

from .host import HOSTS, Host, build_host_files
from .limits import check_limits, unserved_redirects

__all__ = ["HOSTS", "Host", "build_host_files", "check_limits", "unserved_redirects"]
