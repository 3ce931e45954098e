"""Seeded bugs, by the concern of the check that is meant for them."""
