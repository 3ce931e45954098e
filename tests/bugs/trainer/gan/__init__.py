"""Bugs in the loop of a GAN."""
