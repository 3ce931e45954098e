"""Correct but unusual models, on which no check may fail."""
