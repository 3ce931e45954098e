"""Bugs in the loop of a language model."""
