"""Bugs in the loop of a classifier."""
