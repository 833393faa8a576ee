"""Serving: what answers say in their headers, and the configurations of servers and hosts that give them."""
