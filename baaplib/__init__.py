"""Curated activity tables of an ITU development report, and what can be said from them."""
