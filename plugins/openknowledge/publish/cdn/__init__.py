"""CDNs and other caches in front of a site, which purge what changed."""
