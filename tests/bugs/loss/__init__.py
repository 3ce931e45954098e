"""Bugs of the suite for losses."""
