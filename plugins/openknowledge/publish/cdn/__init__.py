"""CDNs and other caches in front of a site, which are asked to purge what changed: one module for each kind."""
