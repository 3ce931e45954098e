"""What a run leaves behind, so that it can be understood and repeated later."""

import json
import platform
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import tensorboard
import torch
import torchvision
from torch import nn
from torch.utils.tensorboard import SummaryWriter

from .distributed import Silent, is_main_process

PACKAGES = (torch, torchvision, tensorboard)


def describe_run(options: dict) -> dict:
    """The options of a run (among them its seed), the versions it runs on, and its commit."""
    versions = {module.__name__: str(module.__version__) for module in PACKAGES}
    versions["python"] = platform.python_version()
    return {"options": options, "versions": versions, "commit": commit()}


def commit() -> str | None:
    """The commit of this code, with "-dirty" where files have changed since; None without git."""
    here = Path(__file__)
    git = ["git", "-C", str(here.parent)]
    try:
        # The code may be installed into a folder that some other repository ignores.
        subprocess.run([*git, "ls-files", "--error-unmatch", here.name], check=True, **QUIET)
        command = [*git, "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
        return subprocess.run(command, check=True, **QUIET).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None


QUIET: dict[str, Any] = {"capture_output": True, "text": True, "stdin": subprocess.DEVNULL}


def write_description(description: dict, log_dir: Path, summary: SummaryWriter) -> None:
    """Writes the description of a run to run.json and to TensorBoard."""
    text = json.dumps(description, indent=2)
    (log_dir / "run.json").write_text(text + "\n", encoding="utf-8")
    summary.add_text("run", f"```\n{text}\n```")


def read_description(log_dir: Path) -> dict | None:
    """What describe_run returned for the run in a folder; None where there is none.

    Raises ValueError where the file is not what write_description writes.
    """
    path = log_dir / "run.json"
    try:
        description = json.loads(path.read_text(encoding="utf-8"))
        return dict(description, options=dict(description["options"]))
    except FileNotFoundError:
        return None
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} is no description of a training run.") from error


def make_writer(log_dir: Path, step: int) -> SummaryWriter:
    """A TensorBoard writer that hides what an earlier run has logged from this step on."""
    if not is_main_process():
        return cast(SummaryWriter, Silent())
    return SummaryWriter(str(log_dir), purge_step=step)


@contextmanager
def logged_layers(model: nn.Module, summary: SummaryWriter, step: int) -> Iterator[None]:
    """Logs the size of every layer's gradient and update, relative to its weights.

    Put it around an optimizer step. An update is usually about a thousandth of the weights.
    """
    # Biases are left out: they often start at zero, where a relative size means nothing.
    layers = {name: weight for name, weight in model.named_parameters() if weight.dim() > 1}
    before = {name: weight.detach().clone() for name, weight in layers.items()}
    yield
    for name, weight in layers.items():
        size = before[name].norm()
        update = before[name].sub_(weight.detach()).norm()
        summary.add_scalar(f"update_to_weight/{name}", update / size, step)
        if weight.grad is not None:
            summary.add_scalar(f"gradient_to_weight/{name}", weight.grad.norm() / size, step)
