"""The options of the command line, and the one-line answers to values that are not allowed."""

import argparse
import math
import os
from pathlib import Path
from typing import NoReturn

import torch

from .engine import PRECISIONS
from .tracking import read_description

# Of a run that is resumed, only these may differ.
MAY_CHANGE = {"epochs", "device", "data_root", "log_dir", "resume", "workers"}


class Parser(argparse.ArgumentParser):
    """Answers a bad value with one line instead of the whole usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: error: {message}\n")

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        first = int(os.environ.get("RANK", "0")) == 0  # of several processes one says it
        super().exit(status, message if first else None)


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


def folder(text: str) -> Path:
    """Parser of a path."""
    if not text:
        raise argparse.ArgumentTypeError("'' is not the name of a folder")
    return Path(text)


def available_devices() -> list[str]:
    """The devices of this machine, the preferred one first."""
    available = torch.accelerator.is_available()
    accelerator = torch.accelerator.current_accelerator() if available else None
    if accelerator is None:
        return ["cpu"]
    kind = accelerator.type
    numbered = [f"{kind}:{i}" for i in range(torch.accelerator.device_count())]
    return [kind, *numbered, "cpu"]


def make_parser(networks) -> Parser:
    devices = available_devices()
    parser = Parser(
        prog=f"python -m {__package__}.run",
        description="Train a variational autoencoder on MNIST.",
        allow_abbrev=False,
    )

    def add(option: str, help: str, **settings) -> None:
        shown = " (default: %(default)s)" if "default" in settings else ""
        parser.add_argument(option, help=help + shown, **settings)

    add("--network-type", "kind of encoder and decoder", choices=networks, default="mlp")
    add("--bottleneck-dim", "size of a latent code", type=whole_number(1, 4096), default=32)
    add("--learning-rate", "learning rate of Adam", type=positive_number, default=1e-3)
    decay = "factor on the learning rate after every epoch"
    add("--learning-rate-decay", decay, type=positive_number, default=1.0)
    clipping = "scale gradients down to this norm (default: no limit)"
    add("--max-grad-norm", clipping, type=positive_number)
    batch = "images in a batch, of all processes together"
    add("--batch-size", batch, type=whole_number(1, 60_000), default=128)
    parts = "parts in which a batch goes through the model, to save memory"
    add("--batch-parts", parts, type=whole_number(1, 60_000), default=1)
    add("--precision", "of the layers that tolerate it", choices=PRECISIONS, default="float32")
    workers = "processes that read images (default: none on a CPU, up to 4 for a GPU)"
    add("--workers", workers, type=whole_number(0, 256))
    add("--compile", "compile the model with torch.compile", action="store_true")
    epochs = "passes over the data (default: 10, with --sample 100)"
    add("--epochs", epochs, type=whole_number(1, 1_000_000))
    add("--device", "where to train", choices=devices, default=devices[0])
    add("--seed", "seed of all random numbers", type=whole_number(0, 2**63 - 1), default=0)
    add("--sample", "train on the shipped sample, without a network", action="store_true")
    add("--data-root", "folder that holds MNIST/raw", type=folder, default=Path("data"))
    add("--log-dir", "folder for all results", type=folder, default=Path("results"))
    add("--resume", "go on with the run in --log-dir, with its options", action="store_true")
    return parser


def parse(parser: Parser, arguments: list[str]) -> argparse.Namespace:
    """The options; where a run is resumed, those of that run, unless they are given anew.

    Raises ValueError where the description of that run cannot be read.
    """
    args = parser.parse_args(arguments)
    if not args.resume:
        args.epochs = args.epochs or (100 if args.sample else 10)
        return args
    description = read_description(args.log_dir)
    if description is None:
        parser.error(f"argument --resume: there is no run in {args.log_dir}")
    saved = as_arguments(description["options"])
    before, now = parser.parse_args(saved), parser.parse_args([*saved, *arguments])
    for name in vars(now).keys() - MAY_CHANGE:
        new, old = getattr(now, name), getattr(before, name)
        if new != old:
            parser.error(
                f"argument --{name.replace('_', '-')}: {new!r} is not {old!r}, as in the run in "
                f"{args.log_dir}. Of a run that is resumed, only --epochs, --device, "
                f"--data-root and --workers may change."
            )
    return now


def as_options(args: argparse.Namespace) -> dict:
    """The options of a run as JSON can hold them, without those that name the run."""
    options = {name: str(v) if isinstance(v, Path) else v for name, v in vars(args).items()}
    del options["log_dir"], options["resume"]
    return options


def as_arguments(options: dict) -> list[str]:
    """The command line that gives these options."""
    given = {name.replace("_", "-"): value for name, value in options.items()}
    return [
        f"--{name}" if value is True else f"--{name}={value}"
        for name, value in given.items()
        if value is not None and value is not False
    ]
