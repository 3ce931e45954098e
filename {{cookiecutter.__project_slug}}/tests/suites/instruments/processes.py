# SPDX-License-Identifier: MIT
"""How processes are started."""

import multiprocessing
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager


def start_method() -> str | None:
    """What is set, or else forking where that is safe: other ways import torch in every worker."""
    chosen = multiprocessing.get_start_method(allow_none=True)
    return chosen or ("fork" if sys.platform == "linux" else None)


@contextmanager
def fork_without_warning() -> Iterator[None]:
    """Python 3.12 warns of forks in processes with threads, and every DataLoader forks."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
        yield
