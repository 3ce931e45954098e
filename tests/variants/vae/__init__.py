"""Correct but unusual variational autoencoders: by what is unusual, and formulations of others."""
