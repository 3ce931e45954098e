"""Trains a variational autoencoder on MNIST from the command line.

    python -m {{ cookiecutter.__package_name }}.run --sample
    python -m {{ cookiecutter.__package_name }}.run --network-type cnn --bottleneck-dim 32

The first command needs no network: it uses the sample of MNIST that ships with this package. The
second one downloads MNIST to --data-root unless it is there already. See --help for all options.
"""

import argparse
import math
import tempfile
from pathlib import Path
from typing import NoReturn

import torch
from torchvision.utils import save_image

from .dataset import SAMPLE_ROOT, MyMNIST
from .model import CNNVAE, MLPVAE
from .trainer import Trainer

NETWORKS = {"mlp": MLPVAE, "cnn": CNNVAE}
NUM_PICTURES = 64
IMAGES_PER_ROW = 8


class Parser(argparse.ArgumentParser):
    """Answers a bad value with one line instead of the whole usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: error: {message}\n")


def whole_number(low: int, high: int):
    """Parser of a whole number from low to high."""

    def parse(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = low - 1
        if not low <= number <= high:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {low} to {high}")
        return number

    return parse


def positive_number(text: str) -> float:
    """Parser of a finite number above zero."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a finite number above 0")
    return number


def available_devices() -> list[str]:
    """The devices of this machine, the preferred one first."""
    if not torch.accelerator.is_available():
        return ["cpu"]
    kind = torch.accelerator.current_accelerator().type
    numbered = [f"{kind}:{i}" for i in range(torch.accelerator.device_count())]
    return [kind, *numbered, "cpu"]


def make_parser() -> argparse.ArgumentParser:
    devices = available_devices()
    parser = Parser(
        prog="python -m {{ cookiecutter.__package_name }}.run",
        description="Train a variational autoencoder on MNIST.",
        allow_abbrev=False,
    )

    def add(option: str, help: str, **settings) -> None:
        shown = " (default: %(default)s)" if "default" in settings else ""
        parser.add_argument(option, help=help + shown, **settings)

    add("--network-type", "kind of encoder and decoder", choices=NETWORKS, default="mlp")
    add("--bottleneck-dim", "size of a latent code", type=whole_number(1, 4096), default=32)
    add("--learning-rate", "learning rate of Adam", type=positive_number, default=1e-3)
    add("--batch-size", "images in a batch", type=whole_number(1, 60_000), default=128)
    epochs = "passes over the data (default: 10, with --sample 100)"
    add("--epochs", epochs, type=whole_number(1, 1_000_000))
    add("--device", "where to train", choices=devices, default=devices[0])
    add("--log-dir", "folder for all results", type=Path, default=Path("results"))
    add("--seed", "seed of all random numbers", type=whole_number(0, 2**63 - 1), default=0)
    add("--sample", "train on the shipped sample, without a network", action="store_true")
    add("--data-root", "folder that holds MNIST/raw", type=Path, default=Path("data"))
    return parser


def main(arguments: list[str] | None = None) -> None:
    parser = make_parser()
    args = parser.parse_args(arguments)
    torch.manual_seed(args.seed)
    try:
        data = MyMNIST(SAMPLE_ROOT) if args.sample else MyMNIST(args.data_root, download=True)
    except (FileNotFoundError, ValueError) as error:
        parser.error(f"{error} Use --sample to train on the shipped sample.")
    try:
        args.log_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=args.log_dir):
            pass  # it can be written to
    except OSError as error:
        parser.error(f"argument --log-dir: {str(args.log_dir)!r} is not usable: {error.strerror}")

    input_shape = data.test_data[0][0].shape
    model = NETWORKS[args.network_type](input_shape, args.bottleneck_dim).to(args.device)
    optimizer = torch.optim.Adam(model.parameters(), lr=args.learning_rate)
    trainer = Trainer(
        model, data, optimizer, args.batch_size, args.device, args.log_dir, show_progress=True
    )
    try:
        trainer.train(args.epochs or (100 if args.sample else 10))
    except FloatingPointError as error:
        parser.error(f"{error}. A smaller --learning-rate may help.")
    report(trainer, args.log_dir)


def report(trainer: Trainer, log_dir: Path) -> None:
    """Draws the pictures and says what was reached and where everything is."""
    pictures = {
        "reconstructions.png": trainer.generate(NUM_PICTURES),
        "prior_samples.png": trainer.sample_prior(NUM_PICTURES),
    }
    for name, images in pictures.items():
        save_image(images, log_dir / name, nrow=IMAGES_PER_ROW, normalize=True, value_range=(-1, 1))
    trainer.summary.close()
    print(f"reconstruction loss per test image  {trainer.eval():.2f}")
    print(f"reconstructions (input, output)     {log_dir / 'reconstructions.png'}")
    print(f"images decoded from the prior       {log_dir / 'prior_samples.png'}")
    print(f"checkpoint                          {trainer.checkpoint_path}")
    print(f'curves                              tensorboard --logdir "{log_dir}"')


if __name__ == "__main__":
    main()
