"""Publishing: from a built site to its readers, only what changed, never half, always reversible."""
