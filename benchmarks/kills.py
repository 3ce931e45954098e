"""Whether runs that are killed, and then resumed, end in the bits of one that was not.

python benchmarks/kills.py 20

trains both networks on the sample, with clipping, decay and two workers; kills so many runs of each
at random moments between their first line and their last; resumes them, and compares all of the
checkpoint: weights, optimizer, scheduler, counters and random states. What it finds is written to
docs/kills.txt. Every run is a process of its own, started from one that has imported the libraries.
Not for Windows.
"""

import argparse
import contextlib
import multiprocessing
import os
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import torch  # noqa: E402

from tests.run_folder import differences  # noqa: E402

from tqdm import tqdm  # noqa: E402  isort: skip

OPTIONS = (
    *("--sample", "--device=cpu", "--epochs=4", "--batch-size=100", "--bottleneck-dim=4"),
    *("--learning-rate-decay=0.9", "--max-grad-norm=300", "--workers=2"),
)


def run(log_dir: Path, arguments: tuple[str, ...]):
    """The command line, in a process that shows nothing."""
    from mnist_vae.run import main

    torch.set_num_threads(1)
    multiprocessing.set_start_method("fork", force=True)  # of the workers, as is usual
    with (
        Path(os.devnull).open("w") as nothing,
        contextlib.redirect_stdout(nothing),
        contextlib.redirect_stderr(nothing),
    ):
        main([*arguments, f"--log-dir={log_dir}"])


class Runs:
    """Runs of one network, each in a folder of its own."""

    def __init__(self, network: str, folder: Path):
        self.options = (*OPTIONS, f"--network-type={network}")
        self.folder = folder
        self.processes = multiprocessing.get_context("forkserver")

    def start(self, log_dir: Path, *arguments: str):
        process = self.processes.Process(target=run, args=(log_dir, arguments))
        process.start()
        while process.is_alive() and not (log_dir / "run.json").exists():
            time.sleep(0.001)
        return process

    def finished(self, log_dir: Path, *arguments: str) -> dict:
        """The checkpoint at the end."""
        process = self.start(log_dir, *arguments)
        process.join()
        if process.exitcode:
            raise SystemExit(f"a run with {arguments} ended with {process.exitcode}.")
        return checkpoint(log_dir)

    def uninterrupted(self) -> tuple[dict, float]:
        """Its last checkpoint, and how long it trains."""
        process = self.start(self.folder / "whole", *self.options)
        start = time.monotonic()
        process.join()
        return checkpoint(self.folder / "whole"), time.monotonic() - start

    def killed(self, log_dir: Path, moment: float) -> str:
        """Where the run was killed: in which epoch, or before its end."""
        process = self.start(log_dir, *self.options)
        process.join(moment)
        process.kill()
        process.join()
        saved = (log_dir / "checkpoint.pt").exists()
        return f"{checkpoint(log_dir)['epoch'] if saved else 0} epochs saved"


def checkpoint(log_dir: Path) -> dict:
    return torch.load(log_dir / "checkpoint.pt", weights_only=True)


def measure(network: str, kills: int) -> list[str]:
    """Lines of the report on one network."""
    moments, places, same = random.Random(0), Counter(), 0
    with tempfile.TemporaryDirectory() as folder:
        runs = Runs(network, Path(folder))
        expected, duration = runs.uninterrupted()
        for kill in tqdm(range(kills), network):
            log_dir = runs.folder / str(kill)
            places[runs.killed(log_dir, moments.uniform(0, duration))] += 1
            same += not differences(runs.finished(log_dir, "--resume"), expected)
    where = ", ".join(f"{count} with {place}" for place, count in sorted(places.items()))
    return [f"{network}: {kills} runs killed, {same} of them end in the same bits", f"  {where}"]


def main() -> None:
    parser = argparse.ArgumentParser(description="Kills runs and resumes them.")
    parser.add_argument("kills", type=int, help="how many runs of each network are killed")
    kills = parser.parse_args().kills
    if kills < 1:
        parser.error(f"kills is {kills}, but must be at least 1.")
    multiprocessing.get_context("forkserver").set_forkserver_preload(["tests.run_folder"])
    lines = [line for network in ("mlp", "cnn") for line in measure(network, kills)]
    lines.append(f"options of all: {' '.join(OPTIONS)}")
    report = "\n".join(lines) + "\n"
    (ROOT / "docs" / "kills.txt").write_text(report, encoding="utf-8")
    print(report, end="")


if __name__ == "__main__":
    main()
