"""How much of the training speed the data pipeline costs, and how much memory training takes.

python benchmarks/throughput.py [../shared/mnist] [--device cuda] [--batch-size 128]

takes the folder with the four gzipped IDX files of full MNIST (the one above is the default),
generates a project with default answers in a temporary directory and trains there, by default on
the device that the project itself prefers. For each network it compares the generated trainer,
logging included, on

    pipeline    the generated dataset: read, padded, rotated and scaled anew for every batch
    workers     the same in 2 and, on a GPU, 4 worker processes
    in memory   one batch that is on the device already
    per image   torchvision's MNIST with its usual transforms of one PIL image after the other

in short alternating segments, so that a busy machine slows all of them down alike. The ratios are
medians over the rounds. Evaluation is left out. The peak memory is that of a process of its own
that trains one epoch. The result is written to docs/throughput.txt as well.
"""

import argparse
import gzip
import statistics
import subprocess
import sys
import tempfile
import time
import types
from pathlib import Path

from suite_time import ROOT, generate

ROUNDS = 11
# Steps in a segment, and the least that is asked of: pipeline / in memory, pipeline / per image.
NETWORKS = {"MLPVAE": (100, 0.85, 2), "CNNVAE": (12, 0.95, None)}
ONE_EPOCH = """
import resource, sys, tempfile, torch
from mnist_vae.dataset import MyMNIST
from mnist_vae.model import MLPVAE
from mnist_vae.trainer import Trainer
model = MLPVAE((1, 32, 32), 32)
optimizer = torch.optim.Adam(model.parameters())
with tempfile.TemporaryDirectory() as log_dir:
    trainer = Trainer(model, MyMNIST(sys.argv[1]), optimizer, 128, "cpu", log_dir)
    trainer.train(1)
    trainer.summary.close()
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(peak // 1024 if sys.platform == "linux" else peak // 1024**2)  # KiB, on macOS bytes
"""


def unpack(source: Path, root: Path) -> None:
    """Unpacks the gzipped IDX files to where torchvision and MyMNIST look for them."""
    raw = root / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for path in source.glob("*-ubyte.gz"):
        (raw / path.stem).write_bytes(gzip.decompress(path.read_bytes()))


def peak_memory(project: Path, root: Path) -> int:
    """Peak memory in MiB of a process that trains an MLPVAE for one epoch on full MNIST."""
    command = [sys.executable, "-c", ONE_EPOCH, str(root)]
    return int(subprocess.run(command, cwd=project, check=True, stdout=subprocess.PIPE).stdout)


def make_trainer(network: str, root: Path, log_dir: str, device: str, batch_size: int):
    """A trainer on full MNIST whose evaluation is a single image."""
    import torch
    from mnist_vae import dataset, model, trainer

    data = dataset.MyMNIST(root)
    test_data = torch.utils.data.Subset(data.test_data, [0])
    data = types.SimpleNamespace(train_data=data.train_data, test_data=test_data)
    net = getattr(model, network)((1, 32, 32), 32).to(device)
    optimizer = torch.optim.Adam(net.parameters())
    settings = {"num_generated_images": 0, "save_checkpoints": False, "workers": 0}
    return trainer.Trainer(net, data, optimizer, batch_size, device, log_dir, **settings)


class InMemory:
    """A loader of the same batch, over and over."""

    position = 0

    def __init__(self, batch, steps: int):
        self.batches = [batch] * steps

    def __len__(self) -> int:
        return len(self.batches)

    def __iter__(self):
        self.position = 0
        return iter(self.batches)


def make_loaders(trainer, root: Path, steps: int) -> dict:
    """What the trainer is given as its `train_loader`; each has `steps` batches."""
    from functools import partial

    import torch
    from mnist_vae.batches import to_device
    from mnist_vae.loading import TrainingLoader
    from torchvision import transforms
    from torchvision.datasets import MNIST

    bilinear = transforms.InterpolationMode.BILINEAR
    per_image = transforms.Compose(
        [
            transforms.RandomRotation(5, interpolation=bilinear),
            transforms.Pad(2),
            transforms.ToTensor(),
            transforms.Normalize(0.5, 0.5),
        ]
    )

    def loader(dataset, workers: int = 0) -> TrainingLoader:
        count = steps * trainer.batch_size
        order = partial(some_of, len(dataset), count)
        return TrainingLoader(dataset, trainer.batch_size, trainer.device, workers, order)

    data = trainer.data.train_data
    counts = (2,) if trainer.device.type == "cpu" else (2, 4)
    first = to_device(next(iter(loader(data))), torch.device(trainer.device))
    return {
        "pipeline": loader(data),
        **{f"{n} workers": loader(data, n) for n in counts},
        "in memory": InMemory(first, steps),
        "per image": loader(MNIST(str(root), transform=per_image)),
    }


def some_of(size: int, count: int, generator):
    """The indices of so many samples, drawn without replacement."""
    import torch

    return torch.randperm(size, generator=generator)[:count]


def measure(network: str, root: Path, steps: int, device: str, batch_size: int) -> dict:
    """Training images per second on each of the loaders, in every round."""
    with tempfile.TemporaryDirectory() as log_dir:
        trainer = make_trainer(network, root, log_dir, device, batch_size)
        loaders = make_loaders(trainer, root, steps)
        speeds: dict[str, list[float]] = {name: [] for name in loaders}
        for _ in range(1 + ROUNDS):
            for name, trainer.train_loader in loaders.items():
                start = time.perf_counter()
                trainer.train(1)
                speeds[name].append(steps * batch_size / (time.perf_counter() - start))
        trainer.summary.close()
    return {name: values[1:] for name, values in speeds.items()}  # the first round warms up


def ratio(speeds: dict, name: str, first: str = "pipeline") -> float:
    """Median over the rounds of the speed with one loader by that with another."""
    pairs = zip(speeds[first], speeds[name], strict=True)
    return statistics.median(here / there for here, there in pairs)


def describe(network: str, root: Path, device: str, batch_size: int) -> str:
    steps, share, times = NETWORKS[network]
    speeds = measure(network, root, steps, device, batch_size)
    lines = [f"{network}, images per second"]
    lines += [f"  {name:31s}{statistics.median(v):8.0f}" for name, v in speeds.items()]
    budget = f"pipeline / in memory ({share:.2f})"
    lines.append(f"  {budget:31s}{ratio(speeds, 'in memory'):8.2f}")
    for name in speeds:
        if name.endswith("workers"):
            lines.append(f"  {f'{name} / in memory':31s}{ratio(speeds, 'in memory', name):8.2f}")
    budget = f"pipeline / per image ({times:.2f})" if times else "pipeline / per image"
    lines.append(f"  {budget:31s}{ratio(speeds, 'per image'):8.2f}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the data pipeline on full MNIST.")
    default = ROOT.parent / "shared" / "mnist"
    parser.add_argument("source", nargs="?", type=Path, default=default)
    parser.add_argument("--device", help="where to train (default: what the project prefers)")
    parser.add_argument("--batch-size", type=int, default=128)
    args = parser.parse_args()
    source, batch_size = args.source, args.batch_size
    if not list(source.glob("*-ubyte.gz")):
        sys.exit(f"{source} holds no gzipped IDX files of MNIST: give the folder that does.")
    with tempfile.TemporaryDirectory() as directory:
        project, root = generate(directory), Path(directory) / "data"
        unpack(source, root)
        memory = peak_memory(project, root)
        sys.path.insert(0, str(project))
        import torch  # not before: a child process starts out with the peak of its parent
        from mnist_vae.options import available_devices

        version = torch.__version__.split("+")[0]
        device = args.device or available_devices()[0]
        report = "\n".join(
            [
                *(describe(network, root, device, batch_size) for network in NETWORKS),
                f"peak memory, one epoch of MLPVAE {memory:8d} MiB",
                f"in brackets: the budget; medians of {ROUNDS} rounds, batches of {batch_size}, on "
                f"{device}, torch {version}, {torch.get_num_threads()} threads",
            ]
        )
    print(report)
    name = "throughput.txt" if device == "cpu" else f"throughput_{device.split(':')[0]}.txt"
    (ROOT / "docs" / name).write_text(report + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
