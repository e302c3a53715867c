"""Measurements: each module prints a table and is run by a `make bench…` target."""
