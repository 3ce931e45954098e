# SPDX-License-Identifier: MIT
"""Runs a training in several processes, and collects what each of them comes to."""

import gc
import io
import multiprocessing
import os
import pickle
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.modules.module import (
    register_module_forward_hook,
    register_module_forward_pre_hook,
)

from ..instruments.processes import fork_without_warning
from ..instruments.seeds import seeded

PROCESSES = 2
EPOCHS = 2
SECONDS = 30  # within which half a second of work is done, on a busy machine too


def run_processes(case, folder: str) -> list[dict] | str:
    """What each process comes to, or what is to be said where they come to nothing."""
    context = multiprocessing.get_context("fork")
    processes = [
        context.Process(target=run_process, args=(case, rank, folder)) for rank in range(PROCESSES)
    ]
    with fork_without_warning():
        for process in processes:
            process.start()
    end = time.monotonic() + SECONDS
    for process in processes:
        process.join(max(0, end - time.monotonic()))
        process.kill()
    results = [Path(folder, f"{rank}.pickle") for rank in range(PROCESSES)]
    if not all(path.exists() for path in results):
        # The first to be written: the others are of processes that waited for this one.
        paths = sorted(Path(folder).glob("*.error"), key=lambda path: path.stat().st_mtime_ns)
        errors = [path.read_text(encoding="utf-8") for path in paths]
        return (
            f"Two processes did not come to an end: {errors[0] if errors else 'they wait.'}\nDo "
            f"all of them make the same calls that wait for the others?"
        )
    return [pickle.loads(path.read_bytes()) for path in results]


def run_process(case, rank: int, folder: str):
    """One of the processes: what it comes to is written to a file."""
    gc.freeze()  # what the parent has left, such as the workers of a loader, is the parent's
    tempfile.tempdir = folder  # to be removed with it
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")  # a laptop may not know its own name
    try:
        store = f"file://{folder}/store"
        dist.init_process_group("gloo", init_method=store, rank=rank, world_size=PROCESSES)
        found = observe(case, folder)
        dist.barrier()
        Path(folder, f"{rank}.pickle").write_bytes(pickle.dumps(found))
    except BaseException as error:  # also a failure of the case, which nobody would see
        text = f"{type(error).__name__}: {error}"
        Path(folder, f"{rank}.error").write_text(text[:300], encoding="utf-8")
    finally:
        os._exit(0)  # without the end of the test run, which is the parent's


def observe(case, folder: str) -> dict:
    """Builds a trainer, trains and evaluates; returns all that the tests compare."""
    path = Path(folder, "checkpoint.pt")
    samples: list[list] = []
    with seeded(0):
        trainer = case.distributed_trainer()
        before = weights_of(case, trainer)
        # Before training, whose faults are not those of evaluation.
        evaluated = case.numbers(trainer) if case.has("evaluate") else {}
        for _ in range(EPOCHS):
            with case.observed(trainer) as calls, case.without_noise(), noted_draws() as draws:
                case.train(trainer, 1)
            samples.append(sum(case.training_batches(trainer, calls), []))
        random_number = torch.rand(()).item()
        other = case.distributed_trainer(noise=True)
        case.train(other, 1)
    with mock.patch("torch.save", side_effect=torch.save) as save:
        if case.has("save_checkpoint"):
            case.save_checkpoint(trainer, path)
    # Pickling a tensor, to send it to another process, saves it as well, to memory.
    saved = [call for call in save.call_args_list if not isinstance(call.args[1], io.BytesIO)]
    log_dir = Path(getattr(trainer, "log_dir", folder))
    return {
        "samples": samples,
        "draws": bool(draws),
        "random_number": random_number,
        "eval": evaluated,
        "statistics": dict(case.model_of(other).named_buffers()),
        "files": [file.name for file in log_dir.glob("events*")] + ["checkpoint"] * len(saved),
        "checkpoint": path.read_bytes() if saved and path.exists() else b"",
        "before": before,
        "weights": weights_of(case, trainer),
    }


@contextmanager
def noted_draws() -> Iterator[list[str]]:
    """Notes the modules whose forward() draws numbers in training, by F.dropout or the like."""
    found: list[str] = []
    states: dict[nn.Module, Tensor] = {}

    def before(module, _):
        states[module] = torch.get_rng_state()

    def after(module, *_):
        if module.training and not torch.equal(states.pop(module), torch.get_rng_state()):
            found.append(type(module).__name__)

    hooks = register_module_forward_pre_hook(before), register_module_forward_hook(after)
    try:
        yield found
    finally:
        for hook in hooks:
            hook.remove()


def weights_of(case, trainer) -> dict[str, Tensor]:
    return {n: t.detach().cpu().clone() for n, t in case.model_of(trainer).state_dict().items()}
