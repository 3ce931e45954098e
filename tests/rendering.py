"""Generates projects for the tests, whatever cookiecutter settings the user has."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml
from cookiecutter.main import cookiecutter

TEMPLATE = Path(__file__).resolve().parents[1]


def generate(
    output_dir: str | os.PathLike, defaults: dict[str, object] | None = None, **answers: str
) -> Path:
    """The folder of a new project in `output_dir`.

    `answers` are given as key=value would be, `defaults` in a configuration file. The hook does
    not run: it only prints.
    """
    with tempfile.TemporaryDirectory() as home:
        # Instead of the user's settings; the answers are not recorded in their home either.
        settings = {"replay_dir": home, "cookiecutters_dir": home, "default_context": defaults}
        config_file = Path(home) / "config.yaml"
        config_file.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
        project = cookiecutter(
            str(TEMPLATE),
            no_input=True,
            output_dir=str(output_dir),
            config_file=str(config_file),
            extra_context=answers,
            accept_hooks=False,
        )
    return Path(project)


def run_cookiecutter(
    output_dir: Path, *arguments: str, typed: str = "", template: Path = TEMPLATE, **environment
) -> subprocess.CompletedProcess:
    """Runs the command as a user does, in a temporary home; stderr comes with stdout."""
    command = [sys.executable, "-m", "cookiecutter", "--default-config", str(template)]
    with tempfile.TemporaryDirectory() as home:
        return subprocess.run(
            [*command, "--output-dir", str(output_dir), *arguments],
            input=typed,
            env={**os.environ, "PYTHONUTF8": "1", "HOME": home, "USERPROFILE": home, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )


def contents(project: Path) -> dict[str, bytes]:
    """Every file of a project, by its path; not what an import in it left behind."""
    paths = (path for path in project.rglob("*") if path.is_file())
    named = {path.relative_to(project).as_posix(): path for path in paths}
    return {name: path.read_bytes() for name, path in named.items() if "__pycache__" not in name}


def copy_of_the_template(target: Path) -> Path:
    """What git would clone, so no repository and nothing that was generated."""
    ignored = shutil.ignore_patterns(".git", "build", "__pycache__", ".*_cache", "*.egg-info")
    return Path(shutil.copytree(TEMPLATE, target, ignore=ignored))
