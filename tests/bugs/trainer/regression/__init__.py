"""Bugs in the loop of a regression."""
