"""Correct but unusual datasets, on which no check may fail."""
