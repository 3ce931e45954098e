"""Bugs that the checks of suites/trainer/vae are meant for."""
