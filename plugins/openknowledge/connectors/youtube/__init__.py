"""The channel's videos and playlists: sources that read what YouTube says of them."""
