"""Correct losses, on which no check may fail. Most of them declare nothing."""
