"""How much of the training speed the data pipeline costs, and how much memory training takes.

python benchmarks/throughput.py ../shared/mnist

takes the folder with the four gzipped IDX files of full MNIST (the one above is the default),
generates a project with default answers in a temporary directory and trains there on batches of
128. For each network it compares the generated trainer, logging included, on

    pipeline    the generated dataset: read, padded, rotated and scaled anew for every batch
    in memory   one batch that is there already
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

BATCH_SIZE = 128
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


def make_trainer(network: str, root: Path, log_dir: str):
    """A trainer on full MNIST whose evaluation is a single image."""
    import torch
    from mnist_vae import dataset, model, trainer

    data = dataset.MyMNIST(root)
    test_data = torch.utils.data.Subset(data.test_data, [0])
    data = types.SimpleNamespace(train_data=data.train_data, test_data=test_data)
    net = getattr(model, network)((1, 32, 32), 32)
    optimizer = torch.optim.Adam(net.parameters())
    settings = {"num_generated_images": 0, "save_checkpoints": False}
    return trainer.Trainer(net, data, optimizer, BATCH_SIZE, "cpu", log_dir, **settings)


def make_loaders(trainer, root: Path, steps: int) -> dict:
    """What the trainer is given as its `train_loader`; each has `steps` batches."""
    from torch.utils.data import DataLoader, RandomSampler
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

    def loader(dataset) -> DataLoader:
        sampler = RandomSampler(dataset, num_samples=steps * BATCH_SIZE)
        return DataLoader(dataset, BATCH_SIZE, sampler=sampler)

    pipeline = loader(trainer.data.train_data)
    return {
        "pipeline": pipeline,
        "in memory": [next(iter(pipeline))] * steps,
        "per image": loader(MNIST(str(root), transform=per_image)),
    }


def measure(network: str, root: Path, steps: int) -> dict[str, list[float]]:
    """Training images per second on each of the loaders, in every round."""
    with tempfile.TemporaryDirectory() as log_dir:
        trainer = make_trainer(network, root, log_dir)
        loaders = make_loaders(trainer, root, steps)
        speeds: dict[str, list[float]] = {name: [] for name in loaders}
        for _ in range(1 + ROUNDS):
            for name, trainer.train_loader in loaders.items():
                start = time.perf_counter()
                trainer.train(1)
                speeds[name].append(steps * BATCH_SIZE / (time.perf_counter() - start))
        trainer.summary.close()
    return {name: values[1:] for name, values in speeds.items()}  # the first round warms up


def ratio(speeds: dict, name: str) -> float:
    """Median over the rounds of the pipeline's speed by that of another loader."""
    pairs = zip(speeds["pipeline"], speeds[name], strict=True)
    return statistics.median(here / there for here, there in pairs)


def describe(network: str, root: Path) -> str:
    steps, share, times = NETWORKS[network]
    speeds = measure(network, root, steps)
    lines = [f"{network}, images per second"]
    lines += [f"  {name:31s}{statistics.median(v):8.0f}" for name, v in speeds.items()]
    budget = f"pipeline / in memory ({share:.2f})"
    lines.append(f"  {budget:31s}{ratio(speeds, 'in memory'):8.2f}")
    budget = f"pipeline / per image ({times:.2f})" if times else "pipeline / per image"
    lines.append(f"  {budget:31s}{ratio(speeds, 'per image'):8.2f}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the data pipeline on full MNIST.")
    default = ROOT.parent / "shared" / "mnist"
    parser.add_argument("source", nargs="?", type=Path, default=default)
    source = parser.parse_args().source
    if not list(source.glob("*-ubyte.gz")):
        sys.exit(f"{source} holds no gzipped IDX files of MNIST: give the folder that does.")
    with tempfile.TemporaryDirectory() as directory:
        project, root = generate(directory), Path(directory) / "data"
        unpack(source, root)
        memory = peak_memory(project, root)
        sys.path.insert(0, str(project))
        import torch  # not before: a child process starts out with the peak of its parent

        report = "\n".join(
            [
                *(describe(network, root) for network in NETWORKS),
                f"peak memory, one epoch of MLPVAE {memory:8d} MiB",
                f"in brackets: the budget; medians of {ROUNDS} rounds, batches of {BATCH_SIZE}, "
                f"torch {torch.__version__.split('+')[0]}, threads: {torch.get_num_threads()}",
            ]
        )
    print(report)
    (ROOT / "docs" / "throughput.txt").write_text(report + "\n")


if __name__ == "__main__":
    main()
