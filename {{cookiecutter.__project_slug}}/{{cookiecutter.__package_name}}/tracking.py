"""What a run leaves behind, so that it can be understood and repeated later."""

import json
import platform
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import tensorboard
import torch
import torchvision
from torch import nn
from torch.optim import Optimizer
from torch.utils.tensorboard import SummaryWriter

from .checkpoint import write_whole
from .distributed import Silent, is_main_process

PACKAGES = (torch, torchvision, tensorboard)


def describe_run(options: dict) -> dict:
    """The options of a run (among them its seed), when and on what it runs, and its commit."""
    versions = {module.__name__: str(module.__version__) for module in PACKAGES}
    versions["python"] = platform.python_version()
    date = datetime.now().astimezone().isoformat(timespec="seconds")
    return {"date": date, "options": options, "versions": versions, "commit": commit()}


def with_resume(description: dict, now: dict, step: int) -> dict:
    """The description of a run that goes on after a step, with what is no longer as it was."""
    last = latest(description)
    if all(last.get(name) == now[name] for name in ("options", "versions", "commit")):
        return description
    resumed = [*description.get("resumed", []), {"step": step, **now}]
    return {**description, "resumed": resumed}


def latest(description: dict) -> dict:
    """How a run was resumed last; otherwise, how it began."""
    return (description.get("resumed") or [description])[-1]


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
    """Writes the description of a run to run.json and to TensorBoard, unless it is there."""
    text = json.dumps(description, indent=2) + "\n"
    path = log_dir / "run.json"
    if path.exists() and path.read_bytes() == text.encode():
        return
    write_whole(path, lambda file: file.write(text.encode()))
    summary.add_text("run", f"```\n{text}```")


def read_description(path: Path) -> dict:
    """What describe_run or with_resume returned, from run.json.

    Raises OSError where it cannot be opened, and ValueError where it is not what was written.
    """
    try:
        return checked(json.loads(path.read_text(encoding="utf-8")), path)
    except (RecursionError, ValueError) as error:
        raise ValueError(f"{path} is no description of a training run.") from error


def checked(description: Any, path: Path) -> dict:
    """A description that was read from a file; raises ValueError where it is none."""
    try:
        entries = [description, *description.get("resumed", [])]
        if all(isinstance(entry["options"], dict) for entry in entries):
            return description
    except (AttributeError, KeyError, TypeError):
        pass
    raise ValueError(f"{path} has no description of a training run.")


def make_writer(log_dir: Path, step: int) -> SummaryWriter:
    """A TensorBoard writer that hides what an earlier run has logged from this step on."""
    if not is_main_process():
        return cast(SummaryWriter, Silent())
    threading.excepthook = without_full_disks
    return SummaryWriter(str(log_dir), purge_step=step)


def without_full_disks(failure: threading.ExceptHookArgs) -> None:
    """TensorBoard writes in a thread. The next call of the writer raises what has ended it."""
    if not isinstance(failure.exc_value, OSError):
        threading.__excepthook__(failure)


STEPS_BETWEEN_LAYERS = 100


@contextmanager
def logged_layers(
    model: nn.Module, optimizer: Optimizer, summary: SummaryWriter, step: int
) -> Iterator[None]:
    """Logs the size of every layer's gradient and update, relative to its weights.

    Put it around a step of an optimizer; the layers are those whose weights it holds. An update is
    usually about a thousandth of the weights. Only of some steps: it takes as long as a step.
    """
    if step % STEPS_BETWEEN_LAYERS:
        yield
        return
    held = {id(weight) for group in optimizer.param_groups for weight in group["params"]}
    # Biases are left out: they often start at zero, where a relative size means nothing.
    weights = {name: w for name, w in model.named_parameters() if w.dim() > 1 and id(w) in held}
    before = {name: weight.detach().clone() for name, weight in weights.items()}
    yield
    for name, weight in weights.items():
        size = before[name].norm()
        update = before[name].sub_(weight.detach()).norm()
        summary.add_scalar(f"weights/update/{name}", update / size, step)
        if weight.grad is not None:
            summary.add_scalar(f"weights/gradient/{name}", weight.grad.norm() / size, step)
