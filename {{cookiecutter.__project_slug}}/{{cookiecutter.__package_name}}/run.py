"""Trains a variational autoencoder on MNIST from the command line.

    python -m {{ cookiecutter.__package_name }}.run --sample
    python -m {{ cookiecutter.__package_name }}.run --network-type cnn --bottleneck-dim 32
    python -m {{ cookiecutter.__package_name }}.run --resume

The first command needs no network: it uses the sample of MNIST that ships with this package. The
second one downloads MNIST to --data-root unless it is there already. The third one goes on with
whichever was stopped, killed or has ended. See --help for all options. In several processes:

    torchrun --nproc-per-node=2 -m {{ cookiecutter.__package_name }}.run --sample
"""

import argparse
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from torchvision.utils import save_image

from .dataset import SAMPLE_ROOT, MyMNIST
from .distributed import is_main_process, main_process_first, process_group
from .model import CNNVAE, MLPVAE
from .options import Parser, as_options, make_parser, parse
from .randomness import seed_everything
from .tracking import describe_run, write_description
from .trainer import Trainer

NETWORKS = {"mlp": MLPVAE, "cnn": CNNVAE}
NUM_PICTURES = 64
IMAGES_PER_ROW = 8


def main(arguments: list[str] | None = None) -> None:
    parser = make_parser(NETWORKS)
    try:
        args = parse(parser, sys.argv[1:] if arguments is None else arguments)
        with process_group(args.device) as device:
            run(parser, args, device)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    except KeyboardInterrupt:
        parser.exit(130, "Stopped before the training began.\n")


def run(parser: Parser, args: argparse.Namespace, device: torch.device) -> None:
    """Trains, and says how it ended."""
    trainer = prepare(args, device)
    try:
        with stopping_on_signals(trainer):
            trainer.train(args.epochs - trainer.epoch)
        stopped = trainer.stop_requested
        if not stopped:
            report(trainer, args)
    except (FloatingPointError, OSError) as error:
        parser.error(f"{error}.{advice(error, trainer)}")
    except KeyboardInterrupt:
        parser.exit(130, "Stopped after the training had ended.\n")
    if stopped:
        again = f'{parser.prog} --resume --log-dir "{args.log_dir}"'
        parser.exit(130, f"Stopped after step {trainer.step}. To go on:  {again}\n")


def prepare(args: argparse.Namespace, device: torch.device) -> Trainer:
    """The trainer of a new run, or of one that is resumed, at the point where it was."""
    data = load_data(args)
    make_writable(args.log_dir)
    seed_everything(args.seed)
    input_shape = data.test_data[0][0].shape
    model = NETWORKS[args.network_type](input_shape, args.bottleneck_dim).to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=args.learning_rate)
    trainer = Trainer(
        model,
        data,
        optimizer,
        args.batch_size,
        device,
        args.log_dir,
        scheduler=torch.optim.lr_scheduler.ExponentialLR(optimizer, args.learning_rate_decay),
        max_grad_norm=args.max_grad_norm,
        precision=args.precision,
        batch_parts=args.batch_parts,
        compile=args.compile,
        workers=args.workers,
        show_progress=is_main_process(),
    )
    resume_or_begin(trainer, args)
    if is_main_process():
        write_description(describe_run(as_options(args)), args.log_dir, trainer.summary)
    return trainer


def load_data(args: argparse.Namespace) -> MyMNIST:
    if args.sample:
        return MyMNIST(SAMPLE_ROOT)
    try:
        with main_process_first():  # so that one downloads, and the others find the files
            return MyMNIST(args.data_root, download=True)
    except (FileNotFoundError, ValueError) as error:
        raise ValueError(f"{error} Use --sample to train on the shipped sample.") from error


def make_writable(log_dir: Path) -> None:
    try:
        log_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=log_dir):
            pass  # it can be written to
    except FileExistsError as error:
        raise ValueError(f"argument --log-dir: {str(log_dir)!r} is not a folder") from error
    except OSError as error:
        raise ValueError(
            f"argument --log-dir: {str(log_dir)!r} is not usable: {error.strerror}"
        ) from error


def resume_or_begin(trainer: Trainer, args: argparse.Namespace) -> None:
    """Loads the checkpoint of the run; keeps that of another run under another name."""
    path = trainer.checkpoint_path
    if args.resume and path.exists():
        trainer.load(path)
        say(f"Going on after epoch {trainer.epoch}, step {trainer.step}.")
        if trainer.epoch > args.epochs:
            raise ValueError(
                f"argument --epochs: {args.epochs} is less than the {trainer.epoch} epochs that "
                f"the run in {args.log_dir} has already."
            )
    elif args.resume:
        say(f"There is no checkpoint in {args.log_dir} yet: starting from the beginning.")
    elif path.exists():
        kept = path.with_name("checkpoint_of_previous_run.pt")
        say(f"The checkpoint of the run before is kept as {kept}.")
        if is_main_process():
            os.replace(path, kept)


def say(text: str) -> None:
    """Prints a line, of several processes in the first."""
    if is_main_process():
        print(text)


@contextmanager
def stopping_on_signals(trainer: Trainer) -> Iterator[None]:
    """Ctrl-C and SIGTERM let the trainer finish its step and save. A second one ends at once."""

    def stop(number, frame):
        trainer.stop_requested = True
        signal.signal(number, signal.SIG_DFL)

    numbers = (signal.SIGINT, signal.SIGTERM)
    handlers = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def advice(error: Exception, trainer: Trainer) -> str:
    """What can be done about an error that ended a run."""
    saved = f" The last checkpoint has {trainer.epoch} epochs." if trainer.epoch else ""
    smaller = " A smaller --learning-rate may help."
    return saved + (smaller if isinstance(error, FloatingPointError) else "")


def report(trainer: Trainer, args: argparse.Namespace) -> None:
    """Draws the pictures and says what was reached and where everything is."""
    loss, elbo = trainer.eval(), trainer.elbo()  # of all processes together
    if not is_main_process():
        return
    pictures = {
        "reconstructions.png": trainer.generate(NUM_PICTURES),
        "prior_samples.png": trainer.sample_prior(NUM_PICTURES),
    }
    for name, images in pictures.items():
        path = trainer.log_dir / name
        save_image(images, path, nrow=IMAGES_PER_ROW, normalize=True, value_range=(-1, 1))
    options = {name: value for name, value in as_options(args).items() if value is not None}
    metrics = {"final/loss": loss, "final/elbo": elbo}
    trainer.summary.add_hparams(options, metrics, run_name=".", global_step=trainer.epoch)
    trainer.summary.close()
    print(f"epochs, optimizer steps             {trainer.epoch}, {trainer.step}")
    print(f"reconstruction loss per test image  {loss:.2f}")
    print(f"ELBO per test image, in nats        {elbo:.2f}")
    print(f"reconstructions (input, output)     {trainer.log_dir / 'reconstructions.png'}")
    print(f"images decoded from the prior       {trainer.log_dir / 'prior_samples.png'}")
    print(f"checkpoint                          {trainer.checkpoint_path}")
    print(f"options, versions, commit           {trainer.log_dir / 'run.json'}")
    print(f'curves                              tensorboard --logdir "{trainer.log_dir}"')


if __name__ == "__main__":
    main()
