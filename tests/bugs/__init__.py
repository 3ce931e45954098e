"""Seeded bugs: each is a few lines that run without an error and do the wrong thing.

A bug stands under the path of the suite whose check is meant for it. It is a class or function
under one of the decorators of seeding.py, which name that check and what its message must say. The
docstring says what is wrong, where the code does not.
"""
