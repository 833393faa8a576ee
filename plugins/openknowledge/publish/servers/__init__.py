"""Configurations for web servers of one's own: nginx and Caddy."""
