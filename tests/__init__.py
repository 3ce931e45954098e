"""Tests of the template. `python -m unittest` in the repository's root runs them all.

Importing this package generates the default project once, in a temporary directory, and puts it
on the path: `mnist_vae` is its package and `suites` its suites, which need nothing around them.
"""

import atexit
import shutil
import sys
import tempfile
from pathlib import Path

import torch

from .rendering import generate

_directory = tempfile.mkdtemp()
atexit.register(shutil.rmtree, _directory, ignore_errors=True)

PROJECT = generate(Path(_directory))
# Behind everything else: the project has a package `tests` of its own.
sys.path += [str(PROJECT), str(PROJECT / "tests")]

# The models are tiny: a second thread costs more than it brings.
torch.set_num_threads(1)
