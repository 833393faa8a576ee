"""Hosts that serve a folder as it is given to them: what they read in it, and how much they take."""

from .host import HOSTS, Host, files
from .limits import limits, unserved

__all__ = ["HOSTS", "Host", "files", "limits", "unserved"]
