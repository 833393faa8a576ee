"""Configurations of nginx, Caddy and Varnish that send the headers and redirects of the site."""
