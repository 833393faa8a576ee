"""The channel's videos and playlists, from recorded answers of the YouTube Data API to a snapshot."""

from .sync import main

__all__ = ["main"]
