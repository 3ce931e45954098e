"""Generates projects for the tests, whatever cookiecutter settings the user has."""

import os
import tempfile
from pathlib import Path

from cookiecutter.main import cookiecutter

TEMPLATE = Path(__file__).resolve().parents[1]


def generate(output_dir: str | os.PathLike, **answers: str) -> Path:
    """The folder of a new project in `output_dir`; `answers` take the place of the defaults.

    The hook does not run: it only prints.
    """
    with tempfile.TemporaryDirectory() as replay_dir:
        project = cookiecutter(
            str(TEMPLATE),
            no_input=True,
            output_dir=str(output_dir),
            # Instead of the user's settings; the answers are not recorded in their home either.
            default_config={"replay_dir": replay_dir},
            extra_context=answers,
            accept_hooks=False,
        )
    return Path(project)
