"""Scripted customers and agents that use Kefu from outside, over its public HTTP interface."""
