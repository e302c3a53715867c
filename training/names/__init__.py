"""A small model that finds people and addresses, taught on sentences made up for it."""
