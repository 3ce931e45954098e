"""The options of the command line, and the one-line answers to values that are not allowed."""

import argparse
import math
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

import torch

from .checkpoint import read_checkpoint
from .distributed import say, speaks
from .engine import PRECISIONS
from .tracking import checked, latest, read_description

RUN = {"log_dir", "resume"}  # which run it is, and not what it is
# Of a run that is resumed, only these may differ.
MAY_CHANGE = RUN | {"epochs", "learning_rate", "device", "data_root", "workers"}


class Parser(argparse.ArgumentParser):
    """Raises ValueError for a bad value, instead of printing the whole usage."""

    def error(self, message: str) -> NoReturn:
        raise ValueError(message)

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        if not speaks():
            time.sleep(1)  # torchrun ends all processes when one has ended: let one speak first
        super().exit(status, message if speaks() else None)

    def add(self, option: str, help: str, **settings) -> None:
        """Adds an option whose help ends with its default, if it has one."""
        shown = " (default: %(default)s)" if "default" in settings else ""
        self.add_argument(option, help=help + shown, **settings)


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


def training_parser(description: str, networks: Iterable[str]) -> Parser:
    """The options of any training run on MNIST; building.py adds those of the task."""
    devices = available_devices()
    prog = f"python -m {__package__}.run"
    parser = Parser(prog=prog, description=description, allow_abbrev=False)
    add = parser.add
    add("--network-type", "kind of network", choices=networks, default="mlp")
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


def parse(parser: Parser, arguments: list[str]) -> tuple[argparse.Namespace, dict | None]:
    """The options of a new run, and None; of one that is resumed, its options and description.

    Raises ValueError where an option is not allowed, or nothing says what the run was.
    """
    defaults = vars(parser.parse_args([]))
    # An option that is there already is not set to its default.
    unset = argparse.Namespace(**dict.fromkeys(defaults))
    given = {n: v for n, v in vars(parser.parse_args(arguments, unset)).items() if v is not None}
    args = argparse.Namespace(**{**defaults, **given})
    if args.resume:
        return resumed(parser, given, args.log_dir)
    args.epochs = args.epochs or (100 if args.sample else 10)
    return args, None


def resumed(parser: Parser, given: dict, log_dir: Path) -> tuple[argparse.Namespace, dict]:
    """The options of the run in a folder with those that are given anew, and its description."""
    files = {log_dir / "run.json": read_description, log_dir / "checkpoint.pt": saved_description}
    problems: list[str] = []
    for path, read in files.items():
        try:
            description = read(path)
            before = with_options(parser, latest(description)["options"], given, path)
        except FileNotFoundError:
            problems.append(f"{path} is missing.")
        except (OSError, ValueError) as error:
            problems.append(str(error))
        else:
            for problem in problems:
                say(f"{problem} The options are those in {path}.")
            refuse_changes(before, given, log_dir)
            return argparse.Namespace(**{**vars(before), **given}), description
    existing = [problem for path, problem in zip(files, problems, strict=True) if path.exists()]
    raise ValueError((existing or [f"argument --resume: there is no run in {log_dir}"])[0])


def saved_description(path: Path) -> dict:
    """The description of a run in its checkpoint."""
    return checked(read_checkpoint(path).get("description"), path)


def with_options(parser: Parser, options: dict, given: dict, path: Path) -> argparse.Namespace:
    """The options that stand in a file, without those that are given anew and may change."""
    unknown = options.keys() - as_options(parser.parse_args([])).keys()
    if unknown:
        raise ValueError(f"{path} has unknown options: {', '.join(sorted(unknown))[:80]}.")
    kept = {name: v for name, v in options.items() if name not in given.keys() & MAY_CHANGE}
    try:
        return parser.parse_args(as_arguments(kept))
    except ValueError as error:
        raise ValueError(f"{path} has options that are not allowed here: {error}.") from error


def refuse_changes(before: argparse.Namespace, given: dict, log_dir: Path) -> None:
    """Raises ValueError where an option that the state of a run depends on is given anew."""
    for name in given.keys() - MAY_CHANGE:
        new, old = given[name], getattr(before, name)
        if new != old:
            allowed = ", ".join(f"--{each.replace('_', '-')}" for each in sorted(MAY_CHANGE - RUN))
            raise ValueError(
                f"argument --{name.replace('_', '-')}: {new!r} is not {old!r}, as in the run in "
                f"{log_dir}. Of a run that is resumed, only {allowed} may change."
            )


def as_options(args: argparse.Namespace) -> dict:
    """The options of a run as JSON can hold them, without those that name the run."""
    options = {name: str(v) if isinstance(v, Path) else v for name, v in vars(args).items()}
    return {name: value for name, value in options.items() if name not in RUN}


def as_arguments(options: dict) -> list[str]:
    """The command line that gives these options."""
    given = {name.replace("_", "-"): value for name, value in options.items()}
    return [
        f"--{name}" if value is True else f"--{name}={value}"
        for name, value in given.items()
        if value is not None and value is not False
    ]
