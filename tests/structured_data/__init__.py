"""Structured data: readers of the blocks of pages, and what holds for each of them."""
