"""Correct but unusual subjects, on which no check may fail: a module for each suite.

A variant is a function that returns the attributes of a test case, or, of trainers, a class. Its
name says what is unusual.
"""
