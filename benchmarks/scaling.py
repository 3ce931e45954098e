"""How training speed grows with the number of processes on this machine.

python benchmarks/scaling.py

generates a project with default answers in a temporary directory and trains it there with torchrun,
in one process and in two, with one thread each, on the shipped sample and batches of 128 in all.
The runs alternate, and the medians of several rounds are printed and written to docs/scaling.txt.
Evaluation is left out.
"""

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from suite_time import ROOT, generate

ROUNDS = 3
PROCESSES = (1, 2)
# Passes over the 500 images of the sample.
PASSES = {"MLPVAE": 40, "CNNVAE": 4}
TRAIN = """
import sys, tempfile, time, types
import torch
from torch.utils.data import ConcatDataset, Subset
from mnist_vae import model
from mnist_vae.dataset import SAMPLE_ROOT, MyMNIST
from mnist_vae.distributed import process_group, rank
from mnist_vae.trainer import Trainer

network, passes = sys.argv[1], int(sys.argv[2])
torch.set_num_threads(1)
images = MyMNIST(SAMPLE_ROOT).train_data
data = types.SimpleNamespace(
    train_data=Subset(images, list(range(500)) * passes), test_data=Subset(images, range(4))
)
with process_group("cpu") as device, tempfile.TemporaryDirectory() as log_dir:
    net = getattr(model, network)((1, 32, 32), 32)
    optimizer = torch.optim.Adam(net.parameters())
    settings = {"num_generated_images": 0, "save_checkpoints": False}
    trainer = Trainer(net, data, optimizer, 128, device, log_dir, **settings)
    for images, _ in [batch for batch, _ in zip(trainer.train_loader, range(3))]:
        trainer.train_step(images)  # warms up
    start = time.perf_counter()
    trainer.train(1)
    if rank() == 0:
        print("images per second", 500 * passes / (time.perf_counter() - start))
        trainer.summary.close()
"""


def speed(project: Path, network: str, processes: int) -> float:
    """Training images per second of all processes together."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command += [f"--nproc-per-node={processes}", "train.py", network, str(PASSES[network])]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(project)}
    done = subprocess.run(
        command, cwd=project, env=environment, check=True, capture_output=True, text=True
    )
    return float(done.stdout.rsplit("images per second", 1)[1])


def describe(project: Path, network: str) -> list[str]:
    speeds: dict[int, list[float]] = {processes: [] for processes in PROCESSES}
    for _ in range(ROUNDS):
        for processes in PROCESSES:
            speeds[processes].append(speed(project, network, processes))
    lines = [f"{network}, images per second"]
    for processes, values in speeds.items():
        pairs = zip(values, speeds[1], strict=True)
        ratio = statistics.median(here / one for here, one in pairs)
        lines.append(f"  {processes} of one thread{statistics.median(values):18.0f}{ratio:8.2f} x")
    return lines


def main() -> None:
    with tempfile.TemporaryDirectory() as directory:
        project = generate(directory)
        (project / "train.py").write_text(TRAIN)
        lines = [line for network in PASSES for line in describe(project, network)]
    lines.append(f"medians of {ROUNDS} rounds on {os.cpu_count()} cores, batches of 128 in all")
    report = "\n".join(lines)
    print(report)
    (ROOT / "docs" / "scaling.txt").write_text(report + "\n")


if __name__ == "__main__":
    main()
