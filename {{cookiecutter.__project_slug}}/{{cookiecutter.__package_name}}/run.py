"""Trains {{ cookiecutter.__description }} on MNIST from the command line.

    python -m {{ cookiecutter.__package_name }}.run --sample
    python -m {{ cookiecutter.__package_name }}.run --network-type cnn --epochs 20
    python -m {{ cookiecutter.__package_name }}.run --resume

The first command needs no network: it uses the sample of MNIST that ships with this package. The
second one downloads MNIST to --data-root unless it is there already. The third one goes on with
whichever was stopped, killed or has ended. See --help for all options. In several processes:

    torchrun --nproc-per-node=2 -m {{ cookiecutter.__package_name }}.run --sample
"""

import signal

if __name__ == "__main__":
    # Libraries take seconds to import. Ctrl-C meanwhile ends at once, without a traceback.
    handler = signal.signal(signal.SIGINT, signal.SIG_DFL)

import argparse
import sys

import torch

from .advice import with_advice
from .building import make_parser, make_trainer
from .dataset import SAMPLE_ROOT, MyMNIST
from .distributed import main_process_first, on_main_process, process_group, say
from .folder import held, keep_previous_run
from .options import Parser, as_options, parse
from .report import explain_curves, report
from .resuming import change_learning_rate
from .stopping import exit_status, stopping_on_signals
from .tracking import describe_run, with_resume, write_description
from .trainer import Trainer


def main(arguments: list[str] | None = None) -> None:
    parser = make_parser()
    try:
        args, description = parse(parser, sys.argv[1:] if arguments is None else arguments)
        with process_group(args.device) as device, held(args.log_dir):
            run(parser, args, description, device)
    except (OSError, ValueError) as error:
        parser.exit(2, f"{parser.prog}: error: {error}\n")
    except KeyboardInterrupt:  # before the training or after it; during it, see stopping.py
        parser.exit(130, "Stopped. There was nothing to save.\n")


def run(
    parser: Parser, args: argparse.Namespace, description: dict | None, device: torch.device
) -> None:
    """Trains, and says how it ended."""
    again = f'{parser.prog} --resume --log-dir "{args.log_dir}"'
    try:
        trainer = prepare(args, description, device)
        with stopping_on_signals(trainer) as signals:
            trainer.train(args.epochs - trainer.epoch)
        status = exit_status(trainer, signals)
        if status:
            parser.exit(status, f"Stopped after step {trainer.step}. To go on:  {again}\n")
        report(trainer, as_options(args))
    except (FloatingPointError, OSError) as error:
        raise ValueError(with_advice(error, args, again)) from error


def prepare(args: argparse.Namespace, description: dict | None, device: torch.device) -> Trainer:
    """The trainer of a new run, or of one that is resumed, at the point where it was."""
    trainer = make_trainer(args, load_data(args), device)
    now = describe_run(as_options(args))
    if description is None:
        on_main_process(lambda: keep_previous_run(args.log_dir))
        description = now
    else:
        resume(trainer, args)
        description = with_resume(description, now, trainer.step)
    trainer.description = description
    on_main_process(lambda: write_description(description, args.log_dir, trainer.summary))
    explain_curves(trainer.summary)
    return trainer


def load_data(args: argparse.Namespace) -> MyMNIST:
    if args.sample:
        return MyMNIST(SAMPLE_ROOT)
    try:
        with main_process_first():  # so that one downloads, and the others find the files
            return MyMNIST(args.data_root, download=True)
    except (FileNotFoundError, ValueError) as error:
        raise ValueError(f"{error} Use --sample to train on the shipped sample.") from error


def resume(trainer: Trainer, args: argparse.Namespace) -> None:
    """Loads the checkpoint of the run, if it has one already."""
    if not trainer.checkpoint_path.exists():
        say(f"There is no checkpoint in {args.log_dir} yet: starting from the beginning.")
        return
    trainer.load(trainer.checkpoint_path)
    if trainer.epoch > args.epochs:
        raise ValueError(
            f"argument --epochs: {args.epochs} is less than the {trainer.epoch} epochs that "
            f"the run in {args.log_dir} has already."
        )
    say(f"Going on after epoch {trainer.epoch}, step {trainer.step}.")
    change = change_learning_rate(trainer, args.learning_rate)
    if change:
        say(change)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, handler)
    main()
